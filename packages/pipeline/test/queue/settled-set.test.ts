import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countUnsettled, SettledSet } from "../../src/queue/settled-set.ts";

const END = 60;

/** The same thing without any cleverness: a set of numbers. */
class NaiveSet {
  readonly settled = new Set<number>();

  constructor(position: number) {
    this.add(0, position - 1);
  }

  add(first: number, last: number): void {
    for (let sequence = first; sequence <= last; sequence++) this.settled.add(sequence);
  }

  missing(first: number, last: number): number[] {
    return span(first, last).filter((sequence) => !this.settled.has(sequence));
  }
}

function span(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: END - 1 }), fc.integer({ min: 0, max: 8 }))
    .map(([first, more]) => ({ first, last: Math.min(END - 1, first + more) })),
  { maxLength: 40 },
);
const position = fc.integer({ min: 0, max: 10 });

test("a settled set answers as a plain set of numbers does", () => {
  fc.assert(
    fc.property(position, ranges, fc.nat(END), fc.nat(END), (start, added, from, to) => {
      const naive = new NaiveSet(start);
      const set = new SettledSet(start);
      for (const { first, last } of added) {
        naive.add(first, last);
        set.add(first, last);
      }
      const expand = (runs: readonly { first: number; last: number }[]): number[] =>
        runs.flatMap(({ first, last }) => span(first, last));
      assert.deepEqual(expand(set.missing(from, to)), naive.missing(from, to));
      assert.equal(set.countMissing(from), naive.missing(0, from - 1).length);
      assert.equal(set.has(from), naive.settled.has(from));
      assert.equal(
        set.covers(from, to),
        to < from ? set.covers(from, to) : naive.missing(from, to).length === 0,
      );
      assert.equal(set.nextMissing(from), naive.missing(from, END + 1)[0]);
      assert.equal(set.position, naive.missing(0, END + 1)[0]);
      const beyond = [...naive.settled].filter((sequence) => sequence > set.position).sort((a, b) => a - b);
      assert.deepEqual(expand(set.runs()), beyond);
    }),
  );
});

test("runs are kept apart by at least one sequence, so that one stuck event costs one run", () => {
  fc.assert(
    fc.property(position, ranges, (start, added) => {
      const set = new SettledSet(start, added);
      let before = set.position - 1;
      for (const run of set.runs()) {
        assert.ok(run.first > before + 1, `${run.first} touches ${before}`);
        before = run.last;
      }
    }),
  );
  const set = new SettledSet(1);
  for (let sequence = 2; sequence <= 10_000; sequence++) set.add(sequence, sequence);
  assert.deepEqual(set.runs(), [{ first: 2, last: 10_000 }]);
  set.add(1, 1);
  assert.equal(set.position, 10_001);
  assert.equal(set.runCount, 0);
});

test("a set that was read back from its position and runs is the same set", () => {
  fc.assert(
    fc.property(position, ranges, (start, added) => {
      const set = new SettledSet(start, added);
      const again = new SettledSet(set.position, set.runs());
      assert.equal(again.position, set.position);
      assert.deepEqual(again.runs(), set.runs());
    }),
  );
});

test("an event counts as unsettled while any reader lacks it, once", () => {
  const a = new SettledSet(3, [{ first: 5, last: 6 }]);
  const b = new SettledSet(5);
  assert.equal(countUnsettled([a, b], 9), 6); // 3 4 5 6 7 8
  assert.equal(countUnsettled([new SettledSet(9)], 9), 0);
});
