import assert from "node:assert/strict";
import { askSidecar, ControlError } from "../../src/control/client.ts";

/** True when a sidecar is found by its queue directory. */
export async function answers(queueDir: string): Promise<boolean> {
  try {
    (await askSidecar(queueDir, { command: "status" })).close();
    return true;
  } catch (error) {
    assert.ok(error instanceof ControlError);
    assert.equal(error.message, `queue directory ${queueDir}: no sidecar is running there`);
    return false;
  }
}
