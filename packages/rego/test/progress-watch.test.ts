import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchTime } from "../src/batch-time.ts";
import { ProgressWatch } from "../src/progress-watch.ts";

const DEADLINE_MS = 256;
const PATIENCE_MS = DEADLINE_MS / 4;

/** A thread that hangs, on a machine where each look comes late, and where it has a part of a processor. */
function hang(
  lateMs: readonly number[],
  part: number | undefined,
  time: BatchTime,
): { readonly looks: number; readonly watch: ProgressWatch } {
  let at = 0;
  const watch = new ProgressWatch(time.patienceMs, time, at);
  for (let looks = 1; looks < 1_000; looks++) {
    at += watch.pauseMs + (lateMs[looks % lateMs.length] ?? 0);
    const runningMs = part === undefined ? undefined : at * part;
    if (watch.look({ at, runningMs, index: 0, isUnread: false })) return { looks, watch };
  }
  return { looks: Number.POSITIVE_INFINITY, watch };
}

test("an evaluation that hangs is stopped after a few looks, however late they come, and costs its patience at most", () => {
  const late = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 5_000, noNaN: true })), {
    minLength: 1,
    maxLength: 10,
  });
  const part = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
  fc.assert(
    fc.property(late, part, (lateMs, runningPart) => {
      const time = new BatchTime(DEADLINE_MS, () => 0);
      const { looks, watch } = hang(lateMs, runningPart, time);
      assert.ok(looks <= 9, `${looks} looks`);
      time.noteStop(watch.took);
      assert.ok(time.leftMs >= DEADLINE_MS - PATIENCE_MS - 1e-6, `${time.leftMs} ms left`);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test("one look that comes late stops nothing: nobody knows since when the evaluation was under way", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  for (const runningMs of [undefined, 3, 10_000]) {
    const watch = new ProgressWatch(PATIENCE_MS, time, 0);
    assert.equal(watch.look({ at: 10_000, runningMs, index: 0, isUnread: false }), false);
  }
});

test("what the thread was really running between two looks counts, though the second comes late", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  const watch = new ProgressWatch(PATIENCE_MS, time, 0);
  assert.equal(watch.look({ at: 16, runningMs: 100, index: 3, isUnread: false }), false);
  assert.equal(watch.look({ at: 9_000, runningMs: 100 + PATIENCE_MS, index: 3, isUnread: false }), true);
});

test("a thread whose answers lie unread is at nothing", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  const watch = new ProgressWatch(PATIENCE_MS, time, 0);
  for (let at = 16; at < 10_000; at += 16) {
    assert.equal(watch.look({ at, runningMs: at, index: 127, isUnread: true }), false);
  }
  assert.deepEqual(watch.took, { workedMs: 0, starvedMs: 0, repairMs: 0 });
});

test("a thread that gets on, or whose answers come, begins anew with each evaluation", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  const watch = new ProgressWatch(PATIENCE_MS, time, 0);
  let at = 0;
  for (let index = 0; index < 100; index++) {
    for (let look = 0; look < 3; look++) {
      at += watch.pauseMs;
      assert.equal(watch.look({ at, runningMs: at, index, isUnread: false }), false);
    }
    if (index % 2 === 0) watch.moveOn(index + 1, at);
  }
});

test("a thread that waits for a processor has twice the patience, and no more", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  const watch = new ProgressWatch(PATIENCE_MS, time, 0);
  let at = 0;
  let isStuck = false;
  while (!isStuck) {
    at += watch.pauseMs;
    isStuck = watch.look({ at, runningMs: 0, index: 0, isUnread: false });
  }
  assert.equal(at, PATIENCE_MS * 2);
});

test("it is looked when the batch has no more time, and the evaluation stopped then", () => {
  const time = new BatchTime(DEADLINE_MS, () => 0);
  time.noteAnswers(1, { workedMs: DEADLINE_MS - 9, starvedMs: 0, repairMs: 0 });
  const watch = new ProgressWatch(PATIENCE_MS, time, 0);
  assert.equal(watch.pauseMs, 9);
  assert.equal(watch.look({ at: 9, runningMs: 9, index: 0, isUnread: false }), true);
});
