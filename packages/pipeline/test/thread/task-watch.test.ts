/** The time of a task counts while its thread is running: a busy machine makes no request too costly. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { askRunningTime } from "../../src/thread/running-time.ts";
import { TaskWatch, type TaskWatchOptions } from "../../src/thread/task-watch.ts";
import { ManualClock } from "../deliver/manual-clock.ts";

interface Rig {
  readonly clock: ManualClock;
  readonly watch: TaskWatch;
  /** What was said, and when. */
  readonly late: [isCostly: boolean, atMs: number][];
}

function watchTask(makeAsk: (clock: ManualClock) => TaskWatchOptions["ask"]): Rig {
  const clock = new ManualClock();
  const late: Rig["late"] = [];
  const onLate = (isCostly: boolean): void => void late.push([isCostly, clock.elapsed()]);
  const watch = new TaskWatch({ clock, deadlineMs: 1_000, mostMs: 3_000, ask: makeAsk(clock), onLate });
  return { clock, watch, late };
}

test("a task whose thread was running all the time is late at its deadline", async () => {
  const { clock, late } = watchTask((clock) => async () => 7_000 + clock.elapsed());
  await clock.pass(999);
  assert.deepEqual(late, []);
  await clock.pass(10_000);
  assert.deepEqual(late, [[true, 1_000]]);
});

test("a task whose thread had to wait for a processor has the time in which it was running", async () => {
  const { clock, late } = watchTask((clock) => async () => 7_000 + clock.elapsed() / 2);
  await clock.pass(1_999);
  assert.deepEqual(late, []);
  await clock.pass(10_000);
  const [[isCostly, atMs] = [false, 0]] = late;
  assert.ok(isCostly && atMs >= 2_000 && atMs <= 2_100, `${atMs}`);
});

for (const [thread, ask] of [
  ["hardly ever runs", async () => 3],
  ["never says how long it ran", () => new Promise<number>(() => undefined)],
  ["is not begun", async () => undefined],
] as const) {
  test(`a task whose thread ${thread} is given up in the end, and is not said to cost too much`, async () => {
    const { clock, late } = watchTask(() => ask);
    await clock.pass(2_999);
    assert.deepEqual(late, []);
    await clock.pass(10_000);
    assert.deepEqual(late, [[false, 3_000]]);
  });
}

test("where nobody knows how long a thread was running, the clock's time counts", async () => {
  const { clock, late } = watchTask(() => undefined);
  await clock.pass(10_000);
  assert.deepEqual(late, [[true, 1_000]]);
});

test("a watch that has been ended says nothing, whatever it was waiting for", async () => {
  const answer = Promise.withResolvers<number>();
  const ended = watchTask((clock) => async () => clock.elapsed());
  const asked = watchTask((clock) => () => (clock.elapsed() === 0 ? Promise.resolve(0) : answer.promise));
  ended.watch.end();
  await asked.clock.pass(1_000);
  asked.watch.end();
  answer.resolve(5_000);
  for (const { clock, late } of [ended, asked]) {
    await clock.pass(10_000);
    assert.deepEqual(late, []);
    assert.equal(clock.untilNextMs, Number.POSITIVE_INFINITY);
  }
});

test("Node.js says how long a busy thread has been running, and nothing of one that has ended", async () => {
  assert.ok(askRunningTime !== undefined);
  const thread = new Worker("for (;;);", { eval: true });
  await once(thread, "online");
  let last = 0;
  for (let i = 0; i < 3; i++) {
    const running = await askRunningTime(thread);
    assert.ok(running !== undefined && running >= last);
    last = running;
  }
  await thread.terminate();
  assert.equal(await askRunningTime(thread), undefined);
});
