import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { TaskAbandonedError } from "../../src/thread/task-thread.ts";
import { TaskThreads } from "../../src/thread/task-threads.ts";
import { ManualClock } from "../deliver/manual-clock.ts";
import { SenderOfTest } from "./sender-of-test.ts";
import type { TaskOfTest } from "./thread-of-test.ts";

const MIB = 1_048_576;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const threads of opened.splice(0)) await threads.close();
});

function startThreads(
  answer?: (question: string) => Promise<string>,
  clock = new ManualClock(),
): TaskThreads<TaskOfTest, string, string, string> {
  const threads = new TaskThreads<TaskOfTest, string, string, string>({
    script: new URL("./thread-of-test.ts", import.meta.url),
    name: "test",
    start: undefined,
    clock,
    ...(answer === undefined ? {} : { answer }),
  });
  opened.push(threads);
  return threads;
}

test("a task is done while there is no end to those of several times its size", async () => {
  const threads = startThreads();
  const endless = [64 * MIB, 32 * MIB, 4 * MIB].map((size) =>
    assert.rejects(threads.run("spin", { sender: new SenderOfTest(), size }), TaskAbandonedError),
  );
  assert.equal(await threads.run({ echo: "small" }, { sender: new SenderOfTest(), size: 72_000 }), "small");
  await threads.close();
  await Promise.all(endless);
});

test("a task of megabytes is done while there is no end to one of tens of them", async () => {
  const threads = startThreads();
  const endless = assert.rejects(threads.run("spin", { size: 14 * MIB }), TaskAbandonedError);
  assert.equal(await threads.run({ echo: "middle" }, { size: 4 * MIB }), "middle");
  await threads.close();
  await endless;
});

test("of each range of sizes one task is under way at a time, so that memory has a bound", async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  let questions = 0;
  const threads = startThreads(() => {
    questions += 1;
    if (questions === 3) asked.resolve();
    return answer.promise;
  });
  const sizes = [72_000, MIB - 1, MIB, 8 * MIB - 1, 8 * MIB, 64 * MIB];
  const done = sizes.map((size) => threads.run("ask", { sender: new SenderOfTest(), size }));
  await asked.promise;
  // The others are done in the same threads, once these are.
  assert.equal(questions, 3);
  answer.resolve("well");
  assert.deepEqual(
    await Promise.all(done),
    Array.from(sizes, () => "well"),
  );
  assert.equal(questions, 6);
});

test("the thread for small tasks stays for a minute without one, and the others for ten seconds", async () => {
  for (const [size, idleMs] of [
    [72_000, 60_000],
    [4 * MIB, 10_000],
    [14 * MIB, 10_000],
  ] as const) {
    const clock = new ManualClock();
    const threads = startThreads(undefined, clock);
    assert.equal(await threads.run({ echo: "a" }, { size }), "a");
    assert.equal(clock.untilNextMs, idleMs);
  }
});
