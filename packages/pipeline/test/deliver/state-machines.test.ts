import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { backOff } from "../../src/deliver/backoff.ts";
import { Circuit } from "../../src/deliver/circuit.ts";
import { DueQueue } from "../../src/deliver/due-queue.ts";
import { Fifo } from "../../src/deliver/fifo.ts";
import { countUpTo, toRanges } from "../../src/deliver/ranges.ts";
import { ManualClock } from "./manual-clock.ts";

const RETRY = { initialIntervalMs: 1_000, maxIntervalMs: 30_000, maxAgeMs: 1e9 };
const HALF = { next: () => 0.5, fill: (bytes: Uint8Array) => bytes };
const FAILED = { first: true, probe: false, askedMs: undefined, reason: "down" };

test("ranges hold exactly the sequences, in the fewest runs", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200)), (sequences) => {
      const ranges = toRanges(sequences);
      const held = ranges.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
      assert.deepEqual(
        held,
        sequences.toSorted((a, b) => a - b),
      );
      for (const [i, { first }] of ranges.entries())
        assert.ok(i === 0 || first > (ranges[i - 1]?.last ?? 0) + 1);
      assert.equal(countUpTo(ranges, 100), sequences.filter((sequence) => sequence <= 100).length);
    }),
  );
});

test("the due queue gives what is due, the earliest first", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100)), fc.nat(100), (times, now) => {
      const queue = new DueQueue<{ readonly dueAtMs: number }>();
      for (const dueAtMs of times) queue.push({ dueAtMs });
      const out: number[] = [];
      for (let item = queue.popDue(now); item !== undefined; item = queue.popDue(now)) out.push(item.dueAtMs);
      assert.deepEqual(
        out,
        times.filter((time) => time <= now).sort((a, b) => a - b),
      );
      assert.equal(queue.size, times.length - out.length);
      assert.equal(queue.nextAtMs, Math.min(...times.filter((time) => time > now)));
    }),
  );
});

test("a list gives back what it got, in order, whatever is put back or taken out", () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant("push" as const), items: fc.array(fc.nat(), { maxLength: 3000 }) }),
    fc.record({ kind: fc.constant("shift" as const), items: fc.array(fc.nat(), { maxLength: 3000 }) }),
    fc.record({ kind: fc.constant("putBack" as const), items: fc.array(fc.nat(), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant("extract" as const), items: fc.array(fc.nat(), { maxLength: 1 }) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
      const list = new Fifo<number>();
      let model: number[] = [];
      for (const { kind, items } of operations) {
        if (kind === "push") {
          for (const item of items) list.push(item);
          model.push(...items);
        } else if (kind === "shift") {
          for (const _ of items) assert.equal(list.shift(), model.shift());
        } else if (kind === "putBack") {
          list.putBack(items);
          model = [...items, ...model];
        } else {
          assert.deepEqual(
            list.extract((item) => item % 2 === 0),
            model.filter((item) => item % 2 === 0),
          );
          model = model.filter((item) => item % 2 === 1);
        }
        assert.equal(list.size, model.length);
        assert.equal(list.peek(), model[0]);
      }
      assert.deepEqual([...list], model);
    }),
    { numRuns: 50 },
  );
});

test("backing off stays within its bounds, whatever a peer asks for", () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.option(fc.nat(2 ** 31), { nil: undefined }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempts, asked, drawn) => {
        const delay = backOff(attempts, asked, RETRY, { ...HALF, next: () => drawn });
        assert.ok(delay >= 0 && delay <= 3_600_000);
        assert.ok(delay >= Math.min(asked ?? 0, 3_600_000));
        if (asked === undefined) assert.ok(delay <= 30_000);
      },
    ),
  );
});

test("a circuit opens after three first attempts failed in a row, and a success closes it", () => {
  const circuit = new Circuit("default", RETRY, HALF);
  circuit.failed(0, FAILED);
  circuit.failed(0, FAILED);
  assert.equal(circuit.closed, true);
  assert.equal(circuit.failed(0, FAILED), "degraded");
  assert.equal(circuit.closed, false);
  assert.equal(circuit.admitsAtMs, 500);
  assert.equal(circuit.started(0), true);
  assert.equal(circuit.admitsAtMs, Number.POSITIVE_INFINITY);
  circuit.failed(500, { ...FAILED, probe: true });
  assert.equal(circuit.admitsAtMs, 1_500);
  assert.equal(circuit.answered(), "recovered");
  assert.equal(circuit.admitsAtMs, 0);
  assert.deepEqual(circuit.health(new ManualClock()), {
    name: "default",
    state: "ready",
    reason: "",
    consecutiveFailures: 0,
  });
});

test("attempts that were made before do not open a circuit, but make the sink degraded", () => {
  const circuit = new Circuit("default", RETRY, HALF);
  for (let i = 0; i < 10; i++) circuit.failed(0, { ...FAILED, first: false });
  assert.equal(circuit.closed, true);
  assert.equal(circuit.health(new ManualClock()).state, "degraded");
});

test("a failure from before does not count as the probe's", () => {
  const circuit = new Circuit("default", RETRY, HALF);
  for (let i = 0; i < 3; i++) circuit.failed(0, FAILED);
  circuit.started(0);
  circuit.failed(0, FAILED);
  assert.equal(circuit.admitsAtMs, Number.POSITIVE_INFINITY, "the probe is still out");
});

test("a parked circuit asks again at the longest interval, and says it once", () => {
  const circuit = new Circuit("default", RETRY, HALF);
  assert.equal(circuit.park(0, false, "who are you"), "parked");
  assert.equal(circuit.admitsAtMs, 30_000);
  circuit.started(0);
  assert.equal(circuit.park(30_000, true, "who are you"), undefined);
  assert.equal(circuit.admitsAtMs, 60_000);
  circuit.hasten();
  assert.equal(circuit.admitsAtMs, 0);
  assert.equal(circuit.answered(), "recovered");
});
