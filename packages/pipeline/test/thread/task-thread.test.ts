import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { TaskAbandonedError, TaskFailedError, TaskThread } from "../../src/thread/task-thread.ts";
import { ManualClock } from "../deliver/manual-clock.ts";
import type { TaskOfTest } from "./thread-of-test.ts";

const threads: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
});

function startThread(clock = new ManualClock()): TaskThread<TaskOfTest, string, string, string> {
  const thread = new TaskThread<TaskOfTest, string, string, string>({
    script: new URL("./thread-of-test.ts", import.meta.url),
    name: "test",
    start: undefined,
    clock,
    deadlineMs: 5_000,
    maxHeapMiB: 32,
    idleMs: 1_000,
    answer: async (question) => `${question} that`,
  });
  threads.push(thread);
  return thread;
}

const abandoned = (message: RegExp) => (error: unknown) =>
  error instanceof TaskAbandonedError && message.test(error.message);

test("tasks are done one after the other, and may ask", async () => {
  const thread = startThread();
  const answers = await Promise.all([
    thread.run({ echo: "a" }),
    thread.run("ask"),
    thread.run({ echo: "b" }),
  ]);
  assert.deepEqual(answers, ["a", "what? that", "b"]);
});

test("what a task throws comes back by name and message, and the next one is done", async () => {
  const thread = startThread();
  await assert.rejects(
    thread.run("throw"),
    (error) =>
      error instanceof TaskFailedError && error.thrown === "RangeError" && error.message === "out of it",
  );
  assert.equal(await thread.run({ echo: "on" }), "on");
});

test("a task that does not end is given up at its deadline, and the next one is done", async () => {
  const clock = new ManualClock();
  const thread = startThread(clock);
  const endless = assert.rejects(thread.run("spin"), abandoned(/not done after 5 seconds/));
  const next = thread.run({ echo: "next" });
  await clock.pass(5_000);
  await endless;
  assert.equal(await next, "next");
});

test("a task that takes too much memory is given up, and the process lives on", async () => {
  const thread = startThread();
  const next = assert
    .rejects(thread.run("grow"), abandoned(/more than 32 MiB/))
    .then(() => thread.run({ echo: "next" }));
  assert.equal(await next, "next");
});

test("a thread that ends in a task gives the task up", async () => {
  const thread = startThread();
  await assert.rejects(thread.run("leave"), abandoned(/its thread ended/));
  assert.equal(await thread.run({ echo: "next" }), "next");
});

test("after a while without a task the thread is ended, and the next task gets another", async () => {
  const clock = new ManualClock();
  const thread = startThread(clock);
  assert.equal(await thread.run({ echo: "a" }), "a");
  assert.equal(clock.untilNextMs, 1_000);
  await clock.pass(1_000);
  assert.equal(clock.untilNextMs, Number.POSITIVE_INFINITY);
  assert.equal(await thread.run({ echo: "b" }), "b");
});

test("closing gives up what is under way and what waits, and takes nothing more", async () => {
  const thread = startThread();
  const both = ["spin", "ask"] as const;
  const given = both.map((task) => assert.rejects(thread.run(task), abandoned(/closed/)));
  await thread.close();
  await Promise.all(given);
  await assert.rejects(thread.run("ask"), abandoned(/closed/));
});
