import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Queue } from "../../src/contracts.ts";
import { buildBatch } from "../build-batch.ts";
import { append, drainIds, Facts, openDisk, range, tempDirectory } from "./queue-under-test.ts";

const EVICTED = "coresdk.queue.dead_letters.evicted";
const opening = { maxBytes: 20_000, lettersGiveWay: true };

/** With characters of two units and of several bytes: what they cost is counted alike, written and given up. */
const why = { reason: "rejected", detail: "400 \u{1f4ee} no", attempts: 1, lastStatus: "400", atMs: 0 };

/** Appends events one by one, all of which become dead letters. */
async function bury(queue: Queue, count: number): Promise<void> {
  const reader = queue.reader("default");
  for (let i = 0; i < count; i++) {
    const sequence = await append(queue, [`bad ${i}`], 1_000);
    await reader.deadLetter([{ ...why, sequence, event: new Uint8Array(1_000) }]);
  }
}

async function openFull(t: TestContext, facts = new Facts()): Promise<{ dir: string; queue: Queue }> {
  const dir = tempDirectory(t);
  const queue = await openDisk(t, dir, opening, facts);
  await bury(queue, 40);
  return { dir, queue };
}

test("the oldest dead letters on disk give way to events, and are counted", async (t) => {
  const facts = new Facts();
  const { queue } = await openFull(t, facts);
  const { deadLetters, bytes } = await queue.stats();
  assert.ok(bytes <= opening.maxBytes && deadLetters > 10, `${deadLetters} in ${bytes} bytes`);
  assert.equal(facts.sum(EVICTED), 40 - deadLetters);
  const [oldest] = await queue.deadLetters(1);
  assert.equal(oldest?.sequence, 40 - deadLetters + 1);

  const first = await append(queue, ["large"], 15_000);
  const after = await queue.stats();
  assert.ok(after.deadLetters > 0 && after.deadLetters < 5, `${after.deadLetters} are left`);
  assert.equal(facts.sum(EVICTED), 40 - after.deadLetters);
  const letters = await queue.deadLetters(100);
  assert.equal(letters.at(-1)?.sequence, 40);
  await queue.reader("default").settle(range(first));
});

test("dead letters that an earlier process left give way as well, to the last byte", async (t) => {
  const { dir, queue: before } = await openFull(t);
  await before.close();
  const queue = await openDisk(t, dir, opening);
  const batch = buildBatch([{ id: "a", data: "x".repeat(19_000) }]);
  const { byteLength } = batch.buffer;
  assert.equal((await queue.append(batch)).committed, true);
  const { deadLetters, bytes } = await queue.stats();
  assert.equal(deadLetters, 0);
  assert.ok(bytes >= byteLength && bytes < byteLength + 100, "the batch alone is counted");
  assert.deepEqual(await drainIds(queue.reader("default")), ["a"]);
});

test("a queue of events alone refuses, whatever dead letters there were", async (t) => {
  const { queue } = await openFull(t);
  for (let i = 0; i < 15; i++) await append(queue, [`${i}`], 1_000);
  const refused = await queue.append(buildBatch([{ id: "b", data: "x".repeat(10_000) }]));
  assert.ok(!refused.committed && refused.reason === "full");
  assert.match(refused.detail, /\(15 events, 0 dead letters\)/);
  assert.equal((await drainIds(queue.reader("default"))).length, 15);
});
