import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BatchFormatError } from "../../src/batch.ts";
import type { DeadLetter } from "../../src/contracts.ts";
import { buildBatch } from "../build-batch.ts";
import {
  append,
  drainIds,
  Facts,
  idsOf,
  implementations,
  never,
  range,
  sequencesOf,
  takeIds,
  wide,
} from "./queue-under-test.ts";

function letter(sequence: number, event: Uint8Array): DeadLetter {
  const why = { reason: "rejected", detail: "400 from the peer", attempts: 3, lastStatus: "400" };
  return { sequence, event, ...why, atMs: 1_000 };
}

for (const { name, open } of implementations) {
  describe(name, () => {
    test("gives events back in the order of the appends, also when many append at once", async (t) => {
      const queue = await open(t);
      const firsts = await Promise.all(
        Array.from({ length: 50 }, (_, i) => append(queue, [`${i}a`, `${i}b`, `${i}c`])),
      );
      assert.deepEqual(
        firsts,
        firsts.map((_, i) => (firsts[0] ?? 0) + i * 3),
      );
      const ids = await drainIds(queue.reader("default"));
      assert.deepEqual(
        ids,
        firsts.flatMap((_, i) => [`${i}a`, `${i}b`, `${i}c`]),
      );
    });

    test("a take waits for an append", async (t) => {
      const queue = await open(t);
      const taken = takeIds(queue.reader("default"));
      await append(queue, ["a"]);
      assert.deepEqual(await taken, ["a"]);
    });

    test("a waiting take ends with nothing when it is aborted, and the next one misses nothing", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const abort = new AbortController();
      const taken = reader.take(wide, abort.signal);
      abort.abort();
      assert.deepEqual(await taken, []);
      assert.deepEqual(await reader.take(wide, AbortSignal.abort()), []);
      await append(queue, ["a"]);
      assert.deepEqual(await takeIds(reader), ["a"]);
    });

    test("a waiting take ends with nothing when the queue closes", async (t) => {
      const queue = await open(t);
      const taken = queue.reader("default").take(wide, never);
      await queue.close();
      assert.deepEqual(await taken, []);
    });

    test("two takes at once share the events between them", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const both = [takeIds(reader, { maxEvents: 1 }), takeIds(reader, { maxEvents: 1 })];
      await append(queue, ["a", "b"]);
      assert.deepEqual(await Promise.all(both), [["a"], ["b"]]);
    });

    test("a take keeps to its limits, across batches and within one", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      await append(queue, ["a", "b", "c"]);
      await append(queue, ["d", "e"]);
      assert.deepEqual(await takeIds(reader, { maxEvents: 2 }), ["a", "b"]);
      assert.deepEqual(await takeIds(reader, { maxEvents: 2 }), ["c", "d"]);
      const [first] = await queue.browse(1, wide);
      const length = first?.batch.eventLength(0) ?? 0;
      await append(queue, ["f", "g"]);
      assert.deepEqual(await takeIds(reader, { maxBytes: 2 * length }), ["e", "f"]);
      assert.deepEqual(await takeIds(reader, { maxBytes: 2 * length }), ["g"]);
    });

    test("an event larger than the limit is given alone", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      await append(queue, ["a", "b"], 10_000);
      assert.deepEqual(await takeIds(reader, { maxBytes: 10 }), ["a"]);
      assert.deepEqual(await takeIds(reader, { maxBytes: 10 }), ["b"]);
    });

    test("an event in retry can be read again, a settled one cannot", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const first = await append(queue, ["a", "b", "c"]);
      await append(queue, ["d"]);
      await takeIds(reader);
      await reader.settle(range(first + 1));
      const again = await reader.reread([...range(first + 2, first + 3), ...range(first, first + 1)]);
      assert.deepEqual(idsOf(again), ["a", "c", "d"]);
      await reader.settle(range(first, first + 3));
      assert.deepEqual(await reader.reread(range(first, first + 3)), []);
    });

    test("events settled before they were taken are not taken", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const first = await append(queue, ["a", "b", "c"]);
      await append(queue, ["d"]);
      await reader.settle(range(first + 1, first + 2));
      assert.deepEqual(await drainIds(reader), ["a", "d"]);
    });

    test("what is not in the log yet cannot be settled", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const first = await append(queue, ["a"]);
      await assert.rejects(reader.settle(range(first, first + 1)), RangeError);
      await append(queue, ["b"]);
      assert.deepEqual(await drainIds(reader), ["a", "b"]);
    });

    test("a settled batch is deleted, also one behind an event that is stuck", async (t) => {
      const queue = await open(t);
      const reader = queue.reader("default");
      const first = await append(queue, ["stuck"]);
      const { bytes } = await queue.stats();
      await append(queue, ["b", "c"]);
      await append(queue, ["d"]);
      await drainIds(reader);
      await reader.settle(range(first + 1));
      assert.equal((await queue.stats()).events, 3);
      await reader.settle(range(first + 2, first + 3));
      const stats = await queue.stats();
      assert.equal(stats.bytes, bytes);
      assert.equal(stats.events, 1);
      assert.deepEqual(stats.pending, { default: 1 });
      assert.deepEqual(idsOf(await queue.browse(0, wide)), ["stuck"]);
      await reader.settle(range(first));
      assert.deepEqual(await queue.stats(), {
        events: 0,
        bytes: 0,
        maxBytes: 1 << 30,
        deadLetters: 0,
        oldestAcceptedAtMs: undefined,
        pending: { default: 0 },
      });
    });

    test("two readers go at their own speed, and a batch stays until both have settled it", async (t) => {
      const queue = await open(t, { readers: ["fast", "slow"] });
      const [fast, slow] = [queue.reader("fast"), queue.reader("slow")];
      const first = await append(queue, ["a"]);
      await append(queue, ["b"]);
      assert.deepEqual(await drainIds(fast), ["a", "b"]);
      await fast.settle(range(first, first + 1));
      assert.deepEqual((await queue.stats()).pending, { fast: 0, slow: 2 });
      assert.equal(await slow.pending(), 2);
      assert.deepEqual(await takeIds(slow, { maxEvents: 1 }), ["a"]);
      await slow.settle(range(first));
      assert.deepEqual(idsOf(await queue.browse(0, wide)), ["b"]);
      assert.equal((await queue.stats()).events, 1);
      assert.deepEqual(await takeIds(slow), ["b"]);
    });

    test("a full queue refuses, keeps what it has, and accepts again once there is room", async (t) => {
      const queue = await open(t, { maxBytes: 2_000 });
      assert.equal(queue.refusing(), false);
      const first = await append(queue, ["a"], 1_000);
      // Said before it is felt: another such batch would not fit.
      assert.equal(queue.refusing(), true);
      assert.match(queue.fullness(), /^the queue holds \d+ of 2000 bytes and has no room for \d+ more$/);
      const refused = await queue.append(buildBatch([{ id: "b", data: "x".repeat(1_000) }]));
      assert.ok(!refused.committed && refused.reason === "full" && refused.retryAfterMs > 0);
      assert.equal(queue.refusing(), true);
      assert.match(
        refused.detail,
        /holds \d+ of 2000 bytes \(1 events, 0 dead letters\) and has no room for \d+ more$/,
      );
      assert.equal(queue.fullness(), refused.detail);
      const reader = queue.reader("default");
      assert.deepEqual(await drainIds(reader), ["a"]);
      await reader.settle(range(first));
      assert.equal(queue.refusing(), false);
      assert.equal(queue.fullness(), "");
      assert.equal(await append(queue, ["b"], 1_000), first + 1);
    });

    for (const ring of [false, true]) {
      test(`a batch that never fits is refused for good by a ${ring ? "ring" : "queue"}, and stands in nobody's way`, async (t) => {
        const queue = await open(t, { maxBytes: 5_000, ring, readers: ring ? [] : ["default"] });
        await append(queue, ["a"], 1_000);
        const large = [{ id: "large", data: "x".repeat(10_000) }];
        const many = Array.from({ length: 40 }, (_, i) => ({ id: `${i}`, data: "x".repeat(200) }));
        for (const events of [large, many]) {
          const refused = await queue.append(buildBatch(events));
          assert.ok(!refused.committed && refused.reason === "too_large");
          assert.match(refused.detail, /at most 5000/);
          assert.equal(queue.refusing(), false);
        }
        await append(queue, ["b"], 1_000);
        assert.deepEqual(idsOf(await queue.browse(0, wide)), ["a", "b"]);
      });
    }

    test("dead letters are kept with their reason, and count towards the limit", async (t) => {
      const queue = await open(t, { maxBytes: 2_000 });
      const reader = queue.reader("default");
      const first = await append(queue, ["bad"], 1_000);
      const [segment] = await reader.take(wide, never);
      assert.ok(segment !== undefined);
      const event = segment.batch.event(0);
      await reader.deadLetter([letter(first, event)]);
      await reader.deadLetter([letter(first, event)]);
      const letters = await queue.deadLetters(10);
      assert.deepEqual(
        letters,
        [{ ...letter(first, Uint8Array.from(event)), sink: "default" }].map(sameBytes(letters)),
      );
      const stats = await queue.stats();
      assert.equal(stats.deadLetters, 1);
      assert.equal(stats.events, 0);
      assert.ok(stats.bytes > 1_000);
      const refused = await queue.append(buildBatch([{ id: "b", data: "x".repeat(1_000) }]));
      assert.equal(refused.committed, false);
      // Nothing that waits will make room.
      assert.match(refused.committed ? "" : (refused.detail ?? ""), /\(0 events, 1 dead letters\)/);
      assert.match(queue.fullness(), /\(0 events, 1 dead letters\)/);
    });

    test("without a reader the store is a ring: the oldest go, counted, and nothing that fits is refused", async (t) => {
      const facts = new Facts();
      const queue = await open(t, { readers: [], ring: true, maxBytes: 5_000 }, facts);
      for (let i = 0; i < 20; i++) await append(queue, [`${i}`], 1_000);
      const kept = await queue.browse(0, wide);
      assert.deepEqual(idsOf(kept), ["16", "17", "18", "19"]);
      assert.equal(facts.sum("coresdk.queue.evicted"), 16);
      const stats = await queue.stats();
      assert.equal(stats.events, 4);
      assert.ok(stats.bytes <= 5_000);
      assert.equal(queue.refusing(), false);
      await append(queue, ["large"], 4_700);
      assert.deepEqual(idsOf(await queue.browse(0, wide)), ["large"]);
      assert.ok((await queue.stats()).bytes <= 5_000);
    });

    test("browsing moves no reader and starts anywhere", async (t) => {
      const queue = await open(t);
      const first = await append(queue, ["a", "b", "c"]);
      await append(queue, ["d"]);
      const found = await queue.browse(first + 1, { ...wide, maxEvents: 2 });
      assert.deepEqual(idsOf(found), ["b", "c"]);
      assert.deepEqual(sequencesOf(found), [first + 1, first + 2]);
      assert.deepEqual(await queue.browse(first + 4, wide), []);
      assert.deepEqual(await drainIds(queue.reader("default")), ["a", "b", "c", "d"]);
    });

    test("statistics name the age of the oldest event", async (t) => {
      const queue = await open(t);
      await queue.append(buildBatch([{ id: "a" }], 5_000));
      await queue.append(buildBatch([{ id: "b" }], 6_000));
      assert.equal((await queue.stats()).oldestAcceptedAtMs, 5_000);
    });

    test("closing commits what is under way and refuses the rest by name", async (t) => {
      const queue = await open(t);
      const under = append(queue, ["a"]);
      const closed = queue.close();
      const refused = await queue.append(buildBatch([{ id: "b" }]));
      assert.equal(await under, 1);
      assert.equal(refused.committed ? "" : refused.reason, "closing");
      assert.equal(queue.refusing(), true);
      await closed;
      await queue.close();
    });

    test("bytes that are no batch, and batches without an event, are an error of the caller", async (t) => {
      const queue = await open(t);
      await assert.rejects(queue.append({ buffer: new ArrayBuffer(40), count: 1 }), BatchFormatError);
      await assert.rejects(queue.append(buildBatch([])), BatchFormatError);
      await assert.rejects(queue.append({ ...buildBatch([{ id: "a" }]), count: 2 }), BatchFormatError);
      assert.throws(() => queue.reader("other"), /without a reader named other/);
    });
  });
}

/** Views of one event compare by their bytes, whatever kind of array each is. */
function sameBytes(actual: readonly { event: Uint8Array }[]) {
  return <Letter extends { event: Uint8Array }>(expected: Letter, i: number): Letter => {
    const event = actual[i]?.event;
    assert.deepEqual(Buffer.from(event ?? []), Buffer.from(expected.event));
    return event === undefined ? expected : { ...expected, event };
  };
}
