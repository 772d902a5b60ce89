import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/contracts.ts";
import { settle } from "./manual-clock.ts";
import { DELIVERED, Rig, retry } from "./rig.ts";

test("a flush does not wait for batches to fill", async () => {
  const rig = start();
  rig.sink.maxEventsPerSend = 50;
  rig.sink.flushIntervalMs = 60_000;
  await rig.append("-1", "a1");
  const flushed = rig.delivery.flush(5_000);
  await settle();
  assert.deepEqual(rig.sink.sends, [["-1", "a1"]]);
  assert.deepEqual(await flushed, { remaining: 0 });
});

test("a flush of nothing ends at once", async () => {
  const rig = start();
  assert.deepEqual(await rig.delivery.flush(5_000), { remaining: 0 });
});

test("a flush ends at its deadline and says what is left", async () => {
  const rig = start();
  rig.sink.answer = (ids) => (ids.includes("a1") ? retry() : DELIVERED);
  await rig.append("a1", "b1", "a2");
  const flushed = rig.delivery.flush(5_000);
  await rig.clock.pass(5_000);
  assert.deepEqual(await flushed, { remaining: 2 });
});

test("a flush does not wait for what comes after it", async () => {
  const rig = start();
  const answers = new Map<string, (outcome: Outcome) => void>();
  rig.sink.answer = ([id = ""]) => new Promise((resolve) => answers.set(id, resolve));
  await rig.append("-1");
  await settle();
  const flushed = rig.delivery.flush(5_000);
  await rig.append("-2");
  await settle();
  answers.get("-1")?.(DELIVERED);
  assert.deepEqual(await flushed, { remaining: 0 });
  assert.equal(await rig.pending(), 1);
});

test("a flush waits for all that was in the queue, taken or not", async () => {
  const rig = start();
  await rig.append(...Array.from({ length: 20_000 }, () => ({ id: "x" })));
  assert.deepEqual(await rig.delivery.flush(5_000), { remaining: 0 });
  assert.equal(await rig.pending(), 0);
});

test("a stop delivers, closes the sink and takes nothing more", async () => {
  const rig = start();
  rig.sink.maxEventsPerSend = 10;
  rig.sink.flushIntervalMs = 60_000;
  await rig.append("-1");
  assert.deepEqual(await rig.delivery.stop(5_000), { remaining: 0 });
  assert.equal(rig.sink.closed, true);
  await rig.append("-2");
  await rig.clock.pass(120_000);
  assert.deepEqual(rig.sink.ids, ["-1"]);
});

test("a stop at its deadline aborts what is out and leaves it in the queue", async () => {
  const rig = start();
  rig.sink.answer = (_ids, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(retry())));
  await rig.append("-1", "-2");
  const stopped = rig.delivery.stop(5_000);
  await rig.clock.pass(5_000);
  assert.deepEqual(await stopped, { remaining: 2 });
  assert.equal(rig.sink.closed, true);
});

test("a sink that does not let go is not waited for", async () => {
  const rig = start();
  rig.sink.answer = () => new Promise(() => {});
  await rig.append("-1");
  const stopped = rig.delivery.stop(1_000);
  await rig.clock.pass(10_000);
  assert.deepEqual(await stopped, { remaining: 1 });
});

test("a queue that fails does not keep the sink from being closed", async () => {
  const rig = start();
  const reader = rig.queue.reader("default");
  reader.pending = () => Promise.reject(new Error("the queue is broken"));
  assert.deepEqual(await rig.delivery.stop(1_000), { remaining: 0 });
  assert.equal(rig.sink.closed, true);
  assert.match(rig.facts.details.join(), /the queue is broken/);
});

test("a queue that does not take a settlement is told again, and nothing is sent again", async () => {
  const rig = start();
  const reader = rig.queue.reader("default");
  const settle = reader.settle.bind(reader);
  let failures = 2;
  reader.settle = async (ranges) => {
    failures -= 1;
    if (failures >= 0) throw new Error("disk full");
    await settle(ranges);
  };
  await rig.append("-1", "-2");
  await rig.clock.pass(5_000);
  assert.equal(await rig.pending(), 0);
  assert.deepEqual(rig.sink.ids, ["-1", "-2"]);
});

test("a queue that never answers for what it was told does not keep a stop waiting", async () => {
  const rig = start();
  const reader = rig.queue.reader("default");
  const settle = reader.settle.bind(reader);
  reader.settle = async (ranges) => {
    await settle(ranges);
    await new Promise(() => {});
  };
  await rig.append("-1", "-2");
  const stopped = rig.delivery.stop(1_000);
  await rig.clock.pass(3_000);
  assert.deepEqual(await stopped, { remaining: 2 });
  assert.equal(rig.sink.closed, true);
  assert.match(rig.facts.details.join(), /2 events are done; a restart sends them again/);
});

test("a sink that never closes does not keep a stop waiting", async () => {
  const rig = start();
  rig.sink.close = () => new Promise(() => {});
  await rig.append("-1");
  const stopped = rig.delivery.stop(1_000);
  await rig.clock.pass(3_000);
  assert.deepEqual(await stopped, { remaining: 0 });
});

test("a queue that gives nothing is asked again", async () => {
  const rig = new Rig();
  const reader = rig.queue.reader("default");
  const take = reader.take.bind(reader);
  let failures = 1;
  reader.take = async (limits, signal) => {
    failures -= 1;
    if (failures >= 0) throw new Error("unreadable");
    return take(limits, signal);
  };
  rig.delivery.start();
  await rig.append("-1");
  await rig.clock.pass(1_000);
  assert.deepEqual(rig.sink.ids, ["-1"]);
});

test("a delivery that was never started stops", async () => {
  const rig = new Rig();
  await rig.append("-1");
  assert.deepEqual(await rig.delivery.stop(1_000), { remaining: 1 });
});

function start(): Rig {
  const rig = new Rig();
  rig.delivery.start();
  return rig;
}
