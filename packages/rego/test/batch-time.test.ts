import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchTime } from "../src/batch-time.ts";

const DEADLINE_MS = 256;
/** As many evaluations share one deadline. */
const TOGETHER = 128;
const SHARE_MS = DEADLINE_MS / TOGETHER;

/** Works off a batch as the dispatcher does, with a clock that evaluations alone move. */
function workOff(evaluationsMs: readonly number[]): { readonly tookMs: number; readonly answered: number } {
  let now = 1_000;
  let answered = 0;
  const time = new BatchTime(DEADLINE_MS, () => now);
  const evaluate = (wantsMs: number, patienceMs: number): boolean => {
    const tookMs = Math.min(wantsMs, patienceMs, time.end - now);
    now += tookMs;
    const isAnswered = tookMs === wantsMs;
    if (isAnswered) time.noteAnswers(1);
    else time.noteStop(tookMs);
    answered += Number(isAnswered);
    return isAnswered;
  };
  const aside: number[] = [];
  for (const wantsMs of evaluationsMs) {
    if (!time.isOver && !evaluate(wantsMs, time.patienceMs)) aside.push(wantsMs);
  }
  time.beginLast();
  for (const [i, wantsMs] of aside.entries()) {
    if (!time.isOver) evaluate(wantsMs, time.patienceOfLast(aside.length - i));
  }
  return { tookMs: now - 1_000, answered };
}

const hangs = Number.POSITIVE_INFINITY;
const durations = fc.oneof(
  fc.constantFrom(0, 1, SHARE_MS, 20, 65, 100, 1_000, hangs),
  fc.double({ min: 0, max: 500, noNaN: true }),
);

test("a batch takes one deadline at most, and the share of each answer beyond as many as the deadline is for", () => {
  const batches = fc.array(durations, { maxLength: 1_500, size: "max" });
  fc.assert(
    fc.property(batches, (evaluationsMs) => {
      const { tookMs, answered } = workOff(evaluationsMs);
      const most = DEADLINE_MS + Math.max(0, answered - TOGETHER) * SHARE_MS;
      assert.ok(tookMs <= most + 1e-6, `${tookMs} ms for ${answered} answers`);
    }),
    { seed: 7, numRuns: 300 },
  );
});

for (const ms of [20, 100, hangs]) {
  test(`a batch of evaluations of ${ms} ms is over after a deadline, whatever its size`, () => {
    for (const size of [128, 2_000])
      assert.equal(workOff(new Array<number>(size).fill(ms)).tookMs, DEADLINE_MS);
  });
}

test("evaluations that each take their share are all answered", () => {
  assert.equal(workOff(new Array<number>(1_500).fill(SHARE_MS * 0.99)).answered, 1_500);
});

test("three that hang take no answer from the others, and a batch no more than a deadline beyond its answers", () => {
  const batch = Array.from({ length: 1_000 }, (_, n) => ([5, 500, 999].includes(n) ? hangs : 0.05));
  const { tookMs, answered } = workOff(batch);
  assert.equal(answered, 997);
  assert.ok(tookMs <= DEADLINE_MS + 997 * 0.05 + 1e-6);
});

test("what was put aside is answered in the end if it needs no more than what is left", () => {
  assert.equal(workOff([150, 1, 1]).answered, 3);
  assert.equal(workOff([1, 70, hangs, 1]).answered, 2);
  assert.equal(workOff([1, 70, 1, 1]).answered, 4);
});

test("a wait for a thread is not counted", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  time.excuse(1_000);
  assert.equal(time.end, DEADLINE_MS + 1_000);
  time.noteStop(56);
  time.beginLast();
  time.excuse(50);
  assert.equal(time.end, 250);
});

test("that the machine is busy is not counted either, up to two deadlines", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  time.noteStarved(-3);
  time.noteStarved(100);
  assert.equal(time.end, DEADLINE_MS + 100);
  time.noteStarved(1_000);
  assert.equal(time.end, DEADLINE_MS * 3);
});

test("nor is that engines which broke are set back, up to two deadlines", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  time.noteRepair(100);
  assert.equal(time.end, DEADLINE_MS + 100);
  for (let n = 0; n < 10; n++) time.noteRepair(100);
  assert.equal(time.end, DEADLINE_MS * 3);
});

test("four threads are ended at most", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  for (let stop = 1; stop <= 4; stop++) {
    assert.equal(time.isOver, false);
    time.noteStop(0);
  }
  assert.equal(time.isOver, true);
});
