import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchTime } from "../src/batch-time.ts";
import type { WorkTime } from "../src/thread-protocol.ts";

const DEADLINE_MS = 256;
/** As many evaluations share one deadline. */
const TOGETHER = 128;
const SHARE_MS = DEADLINE_MS / TOGETHER;

function worked(workedMs: number, { starvedMs = 0, repairMs = 0 }: Partial<WorkTime> = {}): WorkTime {
  return { workedMs, starvedMs, repairMs };
}

/** Works off a batch as the dispatcher does; the clock goes on for as long as somebody likes before each look at it. */
function workOff(evaluationsMs: readonly number[]): { readonly tookMs: number; readonly answered: number } {
  let tookMs = 0;
  let answered = 0;
  let clock = 1_000;
  const time = new BatchTime(DEADLINE_MS, () => (clock += 10_000));
  const evaluate = (wantsMs: number, patienceMs: number): boolean => {
    const ms = Math.min(wantsMs, patienceMs, time.leftMs);
    tookMs += ms;
    const isAnswered = ms === wantsMs;
    if (isAnswered) time.noteAnswers(1, worked(ms));
    else time.noteStop(worked(ms));
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
  return { tookMs, answered };
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

test("the stopwatch stands while the thread is at nothing, however late it is", () => {
  let now = 0;
  const time = new BatchTime(DEADLINE_MS, () => now);
  now += DEADLINE_MS * 100;
  assert.equal(time.leftMs, DEADLINE_MS);
  assert.equal(time.isOver, false);
  time.noteAnswers(1, worked(56));
  now += DEADLINE_MS * 100;
  time.noteStop(worked(50));
  assert.equal(time.leftMs, DEADLINE_MS - 106);
  time.beginLast();
  now += DEADLINE_MS * 100;
  assert.equal(time.leftMs, DEADLINE_MS - 106);
  assert.equal(time.isOver, false);
});

test("those who wait for the batch wait by the clock, but for a thread that is begun", () => {
  let now = 0;
  const time = new BatchTime(DEADLINE_MS, () => now);
  now += DEADLINE_MS + 99;
  time.noteThreadless(100);
  assert.equal(time.hasTakenDeadline, false);
  now += 1;
  assert.equal(time.hasTakenDeadline, true);
});

test("those that are tried last have what of a deadline was not lost on stops", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  time.noteAnswers(1_000, worked(1_000));
  time.noteStop(worked(56));
  time.beginLast();
  assert.equal(time.leftMs, 200);
  assert.equal(time.patienceOfLast(2), 100);
  assert.equal(time.patienceOfLast(9), 200 / 3);
});

test("that the machine is busy is not counted, up to two deadlines", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  assert.equal(time.cost(worked(150, { starvedMs: 100 })), 50);
  time.noteAnswers(1, worked(150, { starvedMs: 100 }));
  assert.equal(time.leftMs, DEADLINE_MS - 50);
  time.noteAnswers(1, worked(DEADLINE_MS * 2, { starvedMs: DEADLINE_MS * 2 }));
  assert.equal(time.leftMs, DEADLINE_MS - 150);
  time.noteStop(worked(20, { starvedMs: 10 }));
  assert.equal(time.leftMs, DEADLINE_MS - 170);
});

test("nor is that engines which broke are set back, up to two deadlines", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  time.noteAnswers(1, worked(110, { repairMs: 100 }));
  assert.equal(time.leftMs, DEADLINE_MS - 10);
  for (let n = 0; n < 10; n++) time.noteAnswers(1, worked(100, { repairMs: 100 }));
  assert.equal(time.leftMs, DEADLINE_MS * 3 - 1_110);
});

test("four threads are ended at most", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  for (let stop = 1; stop <= 4; stop++) {
    assert.equal(time.isOver, false);
    assert.equal(time.stops, stop - 1);
    time.noteStop(worked(0));
  }
  assert.equal(time.isOver, true);
});
