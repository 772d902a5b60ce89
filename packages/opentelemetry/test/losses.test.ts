import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Loss } from "@coresdk/opentelemetry";
import { LossReporter } from "../src/losses.ts";
import { ManualClock } from "./manual-clock.ts";
import { RecordedFacts } from "./recorded-facts.ts";

test("the first loss is told at once, what follows in the same second together, and all are counted", () => {
  const clock = new ManualClock();
  const facts = new RecordedFacts();
  const losses: Loss[] = [];
  const reporter = new LossReporter((loss) => losses.push(loss), clock, facts);
  for (let i = 1; i <= 5; i++) reporter.report("full", i, `detail ${i}`);
  reporter.report("refused", 1, "type");
  assert.deepEqual(losses, [
    { reason: "full", count: 1, detail: "detail 1" },
    { reason: "refused", count: 1, detail: "type" },
  ]);
  assert.equal(facts.total("coresdk.emitter.lost"), 16);
  clock.advance(1_000);
  assert.deepEqual(losses.slice(2), [{ reason: "full", count: 14, detail: "detail 5" }]);
  clock.advance(1_000);
  assert.equal(clock.timers, 0);
  assert.equal(losses.length, 3);
});

test("a callback that loses an event itself does not call itself for ever", () => {
  const clock = new ManualClock();
  let calls = 0;
  const reporter = new LossReporter(
    () => {
      calls++;
      reporter.report("full", 1, "again");
    },
    clock,
    new RecordedFacts(),
  );
  reporter.report("full", 1, "first");
  assert.equal(calls, 1);
  clock.advance(1_000);
  assert.equal(calls, 2);
});

test("a callback that throws does not reach the caller", () => {
  const facts = new RecordedFacts();
  const reporter = new LossReporter(
    () => {
      throw new RangeError("user's text");
    },
    new ManualClock(),
    facts,
  );
  reporter.report("full", 1, "detail");
  assert.deepEqual(facts.all.at(-1), {
    name: "coresdk.emitter.callback_failures",
    amount: 1,
    labels: {},
    detail: "onLoss threw RangeError",
  });
});

test("at the end the callback is told what it was not told yet", () => {
  const clock = new ManualClock();
  const losses: Loss[] = [];
  const reporter = new LossReporter((loss) => losses.push(loss), clock, new RecordedFacts());
  reporter.report("full", 1, "a");
  reporter.report("full", 2, "b");
  reporter.flush();
  assert.deepEqual(losses.at(-1), { reason: "full", count: 2, detail: "b" });
  assert.equal(clock.timers, 0);
});

test("a callback that rejects does not end the application", async () => {
  const facts = new RecordedFacts();
  const reporter = new LossReporter(
    async () => {
      throw new RangeError("user's text");
    },
    new ManualClock(),
    facts,
  );
  reporter.report("full", 1, "detail");
  await nextTurn();
  assert.deepEqual(facts.all.at(-1), {
    name: "coresdk.emitter.callback_failures",
    amount: 1,
    labels: {},
    detail: "onLoss rejected with RangeError",
  });
});

test("a callback that gives back something that cannot be awaited does not reach the caller", async () => {
  const facts = new RecordedFacts();
  const then = (): never => {
    throw new TypeError("not now");
  };
  const onLoss = (): object => ({ then });
  const reporter = new LossReporter(onLoss, new ManualClock(), facts);
  reporter.report("full", 1, "detail");
  await nextTurn();
  assert.equal(facts.total("coresdk.emitter.callback_failures"), 1);
});
