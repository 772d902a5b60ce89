import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { findClosedPort } from "../../../testing/listen.ts";
import type { FactRecorder, Pipeline } from "../src/contracts.ts";
import { createPipeline } from "../src/pipeline.ts";
import { systemClock, systemRandom } from "../src/system.ts";
import { LARGE_BYTES } from "../src/thread/task-thread.ts";
import { jsonRequest, settingsOf } from "./intake/take-in.ts";
import { SenderOfTest } from "./thread/sender-of-test.ts";

const run = promisify(execFile);

for (const end of ["close", "flush"]) {
  test(`a program that awaits ${end} is told at the deadline what is left, with nothing else to keep it alive`, async () => {
    const program = join(import.meta.dirname, "close-program.ts");
    const endpoint = `http://127.0.0.1:${await findClosedPort()}/`;
    const args = ["--conditions=coresdk-source", program, endpoint, end];
    const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
    assert.equal(stdout, "1 left\n");
  });
}

const large = jsonRequest([{ eventName: "e", body: { stringValue: "x".repeat(LARGE_BYTES) } }]);

function openPipeline(facts: FactRecorder): Promise<Pipeline> {
  const retry = { initialIntervalMs: 1, maxIntervalMs: 1, maxAgeMs: 1 };
  return createPipeline(
    { wrap: settingsOf(), queue: { kind: "memory", maxBytes: 1 << 24, ring: false }, sinks: [], retry },
    { clock: systemClock, random: systemRandom, facts, onFatal: assert.fail },
  );
}

test("a large request that is under way at a close is asked to come again as soon as any other is then", async () => {
  const counted: unknown[] = [];
  const pipeline = await openPipeline({ record: (_fact, amount, labels) => counted.push([amount, labels]) });
  const ingesting = pipeline.ingest(large, "json");
  await pipeline.close(0);
  const { appended } = await ingesting;
  assert.ok(!appended.committed && appended.reason === "closing");
  assert.equal(appended.retryAfterMs, 5_000);
  assert.deepEqual(counted, [[1, { reason: "closing" }]]);
});

test("a large request whose sender has gone is no failure of the queue", async () => {
  const counted: unknown[] = [];
  const pipeline = await openPipeline({ record: (fact) => counted.push(fact) });
  const sender = new SenderOfTest();
  sender.leave();
  const { appended } = await pipeline.ingest(large, "json", sender);
  assert.ok(!appended.committed);
  assert.deepEqual(counted, []);
  await pipeline.close(0);
});
