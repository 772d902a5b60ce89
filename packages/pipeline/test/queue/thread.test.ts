import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { Worker } from "node:worker_threads";
import type { Queue } from "../../src/contracts.ts";
import { buildBatch } from "../build-batch.ts";
import {
  append,
  drainIds,
  Facts,
  idsOf,
  never,
  openDisk,
  range,
  tempDirectory,
  wide,
} from "./queue-under-test.ts";

/** Opens a queue and gets hold of its thread, as nothing but a test can. */
async function openWithThread(
  t: TestContext,
  dir: string,
  onFatal: (error: Error) => void = () => {},
): Promise<{ queue: Queue; thread: Worker }> {
  const started = once(process, "worker");
  const queue = await openDisk(t, dir, { onFatal });
  const [thread]: Worker[] = await started;
  assert.ok(thread !== undefined);
  return { queue, thread };
}

test("a thread that dies refuses what was under way, rejects who waits, and tells the daemon once", async (t) => {
  const dir = tempDirectory(t);
  const fatal: Error[] = [];
  const { queue, thread } = await openWithThread(t, dir, (error) => fatal.push(error));
  const reader = queue.reader("default");
  const first = await append(queue, ["kept"]);
  await drainIds(reader);
  const waiting = assert.rejects(reader.take(wide, never), /thread of the disk queue ended/);
  const under = queue.append(buildBatch([{ id: "a" }]));
  const settled = assert.rejects(reader.settle(range(first)), /thread of the disk queue ended/);
  await thread.terminate();
  const refused = await under;
  assert.equal(refused.committed ? "" : refused.reason, "failed");
  await Promise.all([waiting, settled]);
  assert.equal(fatal.length, 1);
  assert.equal(queue.refusing(), true);
  await assert.rejects(queue.stats(), /thread/);
  await assert.rejects(queue.browse(0, wide), /thread/);
  await assert.rejects(reader.settle(range(first)), /thread/);
  const again = await queue.append(buildBatch([{ id: "b" }]));
  assert.equal(again.committed ? "" : again.reason, "failed");
  await queue.close();

  const after = await openDisk(t, dir);
  assert.equal(idsOf(await after.browse(0, wide))[0], "kept");
});

test("appends that arrive together share a commit", async (t) => {
  const facts = new Facts();
  const queue = await openDisk(t, tempDirectory(t), {}, facts);
  await Promise.all(Array.from({ length: 64 }, (_, i) => append(queue, [`${i}`])));
  const commits = facts.all.filter(({ fact }) => fact === "coresdk.queue.commit.duration");
  assert.equal(commits.length, 1);
});

test("settlements that nobody waits for are durable once the queue has closed", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  const first = await append(before, ["a", "b"]);
  const settled = before.reader("default").settle(range(first));
  await before.close();
  await settled;
  const after = await openDisk(t, dir);
  assert.deepEqual(await drainIds(after.reader("default")), ["b"]);
});

test("a batch crosses to the thread without a copy and comes back for the readers", async (t) => {
  const queue = await openDisk(t, tempDirectory(t));
  const batch = buildBatch([{ id: "a" }]);
  await queue.append(batch);
  assert.equal(batch.buffer.detached, true);
  assert.deepEqual(await drainIds(queue.reader("default")), ["a"]);
});
