import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { createIntake } from "../../src/intake.ts";
import { atOnce, jsonRequest, portsOf, settingsOf } from "./take-in.ts";

test("intake makes the same bytes in two other threads as here", { timeout: 30_000 }, async () => {
  const settings = settingsOf({ source: undefined, fixedExtensions: { dataclassification: "internal" } });
  const records = Array.from({ length: 200 }, (_, i) => ({
    // Some records have no time: their ids are fresh, from the same clock and random source.
    timeUnixNano: i % 10 === 0 ? "0" : `177393090${i % 10}000000${String(i).padStart(3, "0")}`,
    eventName: i % 2 === 0 ? "io.coresdk.policy.decision" : "größe.geändert",
    attributes: [
      { key: "coresdk.tenant_id", value: { stringValue: `t${i % 3}` } },
      { key: "coresdk.user_id", value: { stringValue: `u${i}` } },
      { key: "n", value: { intValue: String(i) } },
    ],
  }));
  const request = jsonRequest(records, { "service.name": "orders" });
  const here = atOnce(createIntake(settings, portsOf()).intakeRequest(request, "json")).batch;
  assert.equal(here?.count, 200);
  const threads = [0, 1].map(
    () =>
      new Worker(new URL("./intake-thread.ts", import.meta.url), {
        workerData: { settings, request },
        execArgv: ["--conditions=coresdk-source"],
      }),
  );
  for (const [batch] of await Promise.all(threads.map((thread) => once(thread, "message")))) {
    assert.deepEqual(new Uint8Array(batch.buffer), new Uint8Array(here.buffer));
  }
});
