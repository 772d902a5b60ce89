import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BatchView } from "../../src/batch.ts";
import type { QueueReader, Segment } from "../../src/contracts.ts";
import { buildBatch } from "../build-batch.ts";
import { append, idsOf, implementations, never, range, wide } from "./queue-under-test.ts";

const MIB = 1024 * 1024;

function isFreed({ batch }: Segment): boolean {
  try {
    batch.eventLength(0);
    return false;
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return true;
  }
}

async function takeOne(reader: QueueReader): Promise<Segment> {
  const [segment] = await reader.take({ ...wide, maxEvents: 1 }, never);
  assert.ok(segment);
  return segment;
}

test("a batch is freed with its last release and not before", () => {
  const batch = new BatchView(new Uint8Array(buildBatch([{ id: "a" }]).buffer));
  const copy = batch.copy();
  batch.retain();
  batch.retain();
  batch.release();
  assert.equal(batch.id(0), "a");
  batch.release();
  assert.throws(() => batch.id(0), TypeError);
  assert.equal(copy.id(0), "a");
});

test("a release too many is no release of somebody else's", () => {
  const batch = new BatchView(new Uint8Array(buildBatch([{ id: "a" }]).buffer));
  batch.release();
  batch.retain();
  assert.equal(batch.id(0), "a");
});

test("a batch that is a part of a larger buffer leaves the rest alone", () => {
  const { buffer } = buildBatch([{ id: "a" }]);
  const larger = new Uint8Array(buffer.byteLength + 1);
  larger.set(new Uint8Array(buffer));
  const batch = new BatchView(larger.subarray(0, buffer.byteLength));
  batch.retain();
  batch.release();
  assert.equal(larger.length, buffer.byteLength + 1);
});

for (const { name, open } of implementations) {
  describe(name, () => {
    test("a batch that two readers took and settled is freed when the second lets go", async (t) => {
      const queue = await open(t, { readers: ["one", "two"] });
      const first = await append(queue, ["a"]);
      const [one, two] = [queue.reader("one"), queue.reader("two")];
      const [takenByOne, takenByTwo] = [await takeOne(one), await takeOne(two)];
      await Promise.all([one.settle(range(first)), two.settle(range(first))]);
      takenByOne.batch.release();
      assert.deepEqual(idsOf([takenByTwo]), ["a"]);
      takenByTwo.batch.release();
      assert.ok(isFreed(takenByOne) && isFreed(takenByTwo));
    });

    test("a batch that was let go before all of it was taken is there for the rest of it", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      await append(queue, ["a", "b"]);
      (await takeOne(reader)).batch.release();
      const second = await takeOne(reader);
      assert.deepEqual(idsOf([second]), ["b"]);
    });

    test("what was let go and not settled can be read again", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const first = await append(queue, ["a", "b"]);
      const taken = await reader.take(wide, never);
      for (const { batch } of taken) batch.release();
      assert.deepEqual(idsOf(await reader.reread(range(first, first + 1))), ["a", "b"]);
    });

    test("what is being read again outlasts the tail of the log, which moves on meanwhile", async (t) => {
      const queue = await open(t, { readers: ["fast", "slow"] });
      const [fast, slow] = [queue.reader("fast"), queue.reader("slow")];
      const ids = Array.from({ length: 8 }, (_, i) => `${i}`);
      let last = 0;
      // More than the disk queue's tail holds, so that some are read from the disk and some from memory.
      for (const id of ids) last = await append(queue, [id], MIB);
      for (const _ of ids) (await takeOne(fast)).batch.release();
      const reread = fast.reread(range(last - ids.length + 1, last));
      for (const _ of ids) (await takeOne(slow)).batch.release();
      assert.deepEqual(idsOf(await reread), ids);
    });

    test("what was browsed stays readable when it is delivered and let go", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const first = await append(queue, ["a"]);
      const browsed = await queue.browse(0, wide);
      const taken = await takeOne(reader);
      await reader.settle(range(first));
      taken.batch.release();
      assert.ok(isFreed(taken));
      assert.deepEqual(idsOf(browsed), ["a"]);
    });
  });
}
