import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { TaskAbandonedError, TaskFailedError, TaskThread } from "../../src/thread/task-thread.ts";
import { ManualClock } from "../deliver/manual-clock.ts";
import { SenderOfTest } from "./sender-of-test.ts";
import type { TaskOfTest } from "./thread-of-test.ts";

const threads: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
});

function startThread(
  clock = new ManualClock(),
  isStarved = false,
): TaskThread<TaskOfTest, string, string, string> {
  const thread = new TaskThread<TaskOfTest, string, string, string>({
    script: new URL("./thread-of-test.ts", import.meta.url),
    name: "test",
    start: undefined,
    clock,
    deadlineMs: 5_000,
    maxHeapMiB: 32,
    abandonedMs: 500,
    idleMs: 1_000,
    answer: async (question) => `${question} that`,
    runningTime: async () => clock.elapsed() * (isStarved ? 0 : 1),
  });
  threads.push(thread);
  return thread;
}

const abandoned =
  (message: RegExp, isCostly = false) =>
  (error: unknown): boolean =>
    error instanceof TaskAbandonedError && message.test(error.message) && error.isCostly === isCostly;

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
  const endless = assert.rejects(thread.run("spin"), abandoned(/not done after 5 seconds/, true));
  const next = thread.run({ echo: "next" });
  await clock.pass(5_000);
  await endless;
  assert.equal(await next, "next");
});

test("a task for which the machine has no time is given up in the end, and may be tried again", async () => {
  const clock = new ManualClock();
  const thread = startThread(clock, true);
  const given = assert.rejects(thread.run("spin"), abandoned(/too little of a processor/));
  await clock.pass(15_000);
  await given;
});

test("a task that takes too much memory is given up, and the process lives on", async () => {
  const thread = startThread();
  const next = assert
    .rejects(thread.run("grow"), abandoned(/more than 32 MiB/, true))
    .then(() => thread.run({ echo: "next" }));
  assert.equal(await next, "next");
});

test("what nobody waits for any more is not begun", async () => {
  const thread = startThread();
  const [here, leaving] = [new SenderOfTest(), new SenderOfTest()];
  const first = thread.run({ echo: "first" }, { sender: here });
  const given = assert.rejects(thread.run("spin", { sender: leaving }), abandoned(/its sender has gone/));
  const last = thread.run({ echo: "last" }, { sender: leaving.onSameConnection() });
  leaving.leave();
  await given;
  assert.deepEqual(await Promise.all([first, last]), ["first", "last"]);
  await assert.rejects(thread.run("spin", { sender: leaving }), abandoned(/its sender has gone/));
  assert.deepEqual([here.watched, leaving.watched], [0, 0]);
});

test("a task whose sender goes meanwhile may end soon, and is given up when it does not", async () => {
  const clock = new ManualClock();
  const thread = startThread(clock);
  const sender = new SenderOfTest();
  const given = assert.rejects(thread.run("spin", { sender }), abandoned(/its sender has gone/));
  const next = thread.run({ echo: "next" });
  sender.leave();
  assert.equal(clock.untilNextMs, 500);
  await clock.pass(500);
  await given;
  assert.equal(await next, "next");
});

test("connections take turns, however many tasks one of them has waiting", async () => {
  const thread = startThread();
  const [many, few] = [new SenderOfTest(), new SenderOfTest()];
  const done: string[] = [];
  const run = async (echo: string, sender: SenderOfTest): Promise<void> => {
    done.push(await thread.run({ echo }, { sender }));
  };
  await Promise.all([
    run("many 1", many),
    run("many 2", many.onSameConnection()),
    run("many 3", many.onSameConnection()),
    run("few 1", few),
    run("few 2", few.onSameConnection()),
  ]);
  assert.deepEqual(done, ["many 1", "many 2", "few 1", "many 3", "few 2"]);
});

test("what waits is done by its size: a small task waits for no large ones of other connections", async () => {
  const thread = startThread();
  const done: string[] = [];
  const run = async (echo: string, size: number): Promise<void> => {
    done.push(await thread.run({ echo }, { sender: new SenderOfTest(), size }));
  };
  await Promise.all([run("large 1", 9), run("large 2", 9), run("large 3", 9), run("small", 1)]);
  assert.deepEqual(done, ["large 1", "small", "large 2", "large 3"]);
});

test("who sent what took long comes after others the next time, whatever its size", async () => {
  const thread = startThread();
  const [costly, plain] = [new SenderOfTest(), new SenderOfTest()];
  const done: string[] = [];
  const run = async (echo: string, sender: SenderOfTest, size: number, tookMs = 0): Promise<void> => {
    done.push(await thread.run({ echo, tookMs }, { sender, size }));
  };
  await run("costly 1", costly, 100_000, 2_000);
  await run("plain 1", plain, 900_000);
  await Promise.all([
    run("other", new SenderOfTest(), 100_000),
    run("costly 2", costly.onSameConnection(), 100_000),
    run("plain 2", plain.onSameConnection(), 900_000),
    run("plain 3", plain.onSameConnection(), 900_000),
  ]);
  assert.deepEqual(done, ["costly 1", "plain 1", "other", "plain 2", "plain 3", "costly 2"]);
});

test("who sent what was given up comes after others the next time", async () => {
  const clock = new ManualClock();
  const thread = startThread(clock);
  const costly = new SenderOfTest();
  const done: string[] = [];
  const run = async (echo: string, sender: SenderOfTest, size: number): Promise<void> => {
    done.push(await thread.run({ echo }, { sender, size }));
  };
  const endless = assert.rejects(
    thread.run("spin", { sender: costly, size: 100_000 }),
    abandoned(/not done after 5 seconds/, true),
  );
  const rest = Promise.all([
    run("next", costly.onSameConnection(), 100_000),
    run("plain", new SenderOfTest(), 900_000),
  ]);
  await clock.pass(5_000);
  await Promise.all([endless, rest]);
  assert.deepEqual(done, ["plain", "next"]);
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
  await assert.rejects(thread.run("ask"), { retryAfterMs: 5_000 });
});
