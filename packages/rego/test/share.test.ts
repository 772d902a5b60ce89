import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { beginShare, begunOf, carryOn, newcomersOf, type Outcome, type Share } from "../src/share.ts";
import { Call, Task } from "../src/task.ts";

function tasksOf(count: number): readonly Task[] {
  const call = new Call(count);
  return Array.from({ length: count }, (_, n) => new Task("data.t.x", `${n}`, undefined, call, n));
}

function shareOf(count: number, more: Partial<Share> = {}): Share {
  return { ...beginShare(tasksOf(count)), isBegun: true, ...more };
}

/** A batch of several calls in which nothing happened. */
const quiet: Outcome = {
  answered: new Set(),
  stopped: new Set(),
  aside: new Set(),
  calls: 5,
  isCutShort: false,
  isOver: false,
  stops: 0,
  hasStopped: false,
};

function after(share: Share, batch: Partial<Outcome>): Share | undefined {
  const outcome = { ...quiet, ...batch };
  const open = share.tasks.filter((task) => !outcome.answered.has(task));
  return carryOn(share, open, { ...outcome, hasStopped: outcome.hasStopped || outcome.stops > 0 });
}

describe("what a call has waited for after a batch", () => {
  const share = shareOf(3, { waited: 4, passed: 1 });
  const first = new Set(share.tasks.slice(0, 1));
  const second = new Set(share.tasks.slice(1, 2));
  const all = new Set(share.tasks);
  const cases: readonly (readonly [string, Partial<Outcome>, number, number])[] = [
    ["nothing was evaluated", { isOver: true }, 4, 2],
    ["it was the turn of others, and some of theirs were stopped", { stops: 2 }, 6, 2],
    ["stops of others ended it", { stops: 2, isCutShort: true, isOver: true }, 8, 2],
    ["one was answered", { answered: first }, 0, 0],
    ["one was answered, and others were stopped", { answered: first, stops: 4, isCutShort: true }, 0, 0],
    ["one was answered and one stopped", { answered: first, stopped: second, stops: 1 }, 8, 0],
    ["all are suspect, and others left them no time", { aside: all, isOver: true }, 8, 2],
    ["all are suspect, and others had their turn", { aside: all }, 4, 2],
  ];
  for (const [name, batch, waited, passed] of cases) {
    test(name, () => {
      const rest = after(share, batch);
      assert.equal(rest?.waited, waited);
      assert.equal(rest?.passed, passed);
      assert.equal(rest?.isBegun, true);
    });
  }
});

test("it fails when it has waited for a dozen stops", () => {
  const cutShort = { stops: 4, isCutShort: true, isOver: true };
  assert.notEqual(after(shareOf(1, { waited: 7 }), cutShort), undefined);
  assert.equal(after(shareOf(1, { waited: 8 }), cutShort), undefined);
  assert.equal(after(shareOf(1, { waited: 11 }), { stops: 1 }), undefined);
});

test("alone, it fails when all that is open would come last again, but not for slow answers", () => {
  const share = shareOf(2);
  const aside = new Set(share.tasks);
  assert.equal(after(share, { calls: 1, aside, stops: 1 }), undefined);
  assert.notEqual(after(share, { calls: 1, aside, isOver: true }), undefined);
  assert.notEqual(after(share, { calls: 1, aside: new Set(share.tasks.slice(1)), stops: 4 }), undefined);
});

test("of newcomers the small ones come first", () => {
  const shares = [beginShare(tasksOf(300)), beginShare(tasksOf(1)), shareOf(1), beginShare(tasksOf(20))];
  const [large, one, , some] = shares.map(({ tasks }) => tasks);
  assert.deepEqual(newcomersOf(shares), [one, some, large].flat());
});

test("of the others those come first that have waited longest, and a large one has no more at once than a message", () => {
  const shares = [beginShare(tasksOf(1)), shareOf(300), shareOf(1, { passed: 1 }), shareOf(130)];
  const [, large, one, other] = shares.map(({ tasks }) => tasks);
  const turns = [one, large?.slice(0, 128), other?.slice(0, 128), large?.slice(128, 256), other?.slice(128)];
  assert.deepEqual(begunOf(shares), [...turns, large?.slice(256)].flat());
});
