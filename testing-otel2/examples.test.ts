/** The examples that a user of OTel JS 2.x and `@opentelemetry/api` 1.9 would copy. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startReceiver } from "../testing/e2e/receiver.ts";

const run = promisify(execFile);

test("emit-in-process delivers with OTel JS 2.x", async (t) => {
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  // A folder in here, so that the packages of 2.x are found.
  const parent = join(import.meta.dirname, ".cache");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "example-"));
  t.after(() => rm(folder, { recursive: true }));
  const program = join(folder, "emit-in-process.ts");
  await copyFile(join(import.meta.dirname, "..", "examples", "emit-in-process.ts"), program);
  const { stdout } = await run(process.execPath, ["--conditions=coresdk-source", program], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, EVENTS_URL: receiver.url },
  });
  assert.equal(stdout, "delivered\n");
  assert.deepEqual(
    receiver.events.map(({ type }) => type),
    ["io.coresdk.policy.decision", "com.acme.order.created"],
  );
});
