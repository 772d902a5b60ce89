import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/contracts.ts";
import { sinkEvents } from "./events.ts";
import { openSink } from "./http/open-sink.ts";
import { Receiver } from "./http/receiver.ts";
import { ManualClock } from "./manual-clock.ts";
import { DELIVERED, Rig, retry } from "./rig.ts";

const DEGRADED = "coresdk.sink.degraded";
const RECOVERED = "coresdk.sink.recovered";

test("a sink that keeps a send for longer than it may is degraded meanwhile, once, and recovers", async () => {
  const { clock, facts, sink, delivery, append } = new Rig({ answersWithinMs: 10_000 });
  const answer = Promise.withResolvers<Outcome>();
  sink.answer = () => answer.promise;
  delivery.start();
  await append("-1");
  await clock.pass(9_999);
  assert.equal(delivery.health().state, "ready");
  await clock.pass(1);
  assert.equal(delivery.health().state, "degraded");
  assert.equal(facts.count(DEGRADED), 1);
  await clock.pass(100_000);
  assert.equal(facts.count(DEGRADED), 1);
  answer.resolve(DELIVERED);
  await clock.pass(0);
  assert.equal(delivery.health().state, "ready");
  assert.equal(delivery.health().reason, "");
  assert.equal(facts.count(RECOVERED), 1);
  await delivery.stop(0);
});

test("an HTTP receiver that takes a request and says nothing makes the sink degraded after one time-out", async () => {
  await using receiver = await new Receiver().listen();
  const asked = Promise.withResolvers<void>();
  receiver.answer = () => asked.resolve();
  const clock = new ManualClock();
  await using http = openSink(receiver.url(), { timeoutMs: 10_000 }, { clock });
  const { answersWithinMs = assert.fail() } = http;
  const { facts, sink, delivery, append } = new Rig({ answersWithinMs, clock });
  sink.forwardTo(http);
  delivery.start();
  await append("-1");
  await asked.promise;
  await clock.pass(10_000);
  assert.equal(delivery.health().state, "degraded");
  assert.equal(facts.count(DEGRADED), 1);
  const stopping = delivery.stop(0);
  await clock.pass(0);
  await stopping;
});

test("a send of many requests is no silence for as long as they are answered", async () => {
  const { clock, facts, sink, delivery, append } = new Rig({ answersWithinMs: 2_000 });
  const answer = Promise.withResolvers<Outcome>();
  sink.answer = () => answer.promise;
  delivery.start();
  await append("-1");
  for (let i = 0; i < 5; i++) {
    await clock.pass(1_500);
    sink.heardAtMs = clock.elapsed();
  }
  assert.equal(delivery.health().state, "ready");
  await clock.pass(1_999);
  assert.equal(facts.count(DEGRADED), 0);
  await clock.pass(1);
  assert.equal(facts.count(DEGRADED), 1);
  answer.resolve(DELIVERED);
  await clock.pass(0);
  await delivery.stop(0);
});

test("an HTTP receiver that takes events one by one and no batches is heard with each of them", async () => {
  await using receiver = await new Receiver().listen();
  const clock = new ManualClock();
  await using http = openSink(receiver.url(), { batchSize: 2 }, { clock });
  const heard: (number | undefined)[] = [];
  receiver.answer = async ({ body }, response) => {
    heard.push(http.heardAtMs);
    await clock.pass(100);
    response.writeHead(body.startsWith("[") ? 400 : 202).end();
  };
  await http.send(sinkEvents({ id: "1" }, { id: "2" }), new AbortController().signal);
  const start = clock.elapsed() - 300;
  assert.deepEqual([...heard, http.heardAtMs], [0, 0, start + 200, start + 300]);
});

test("a webhook's sink may wait for the rate that it was granted", async () => {
  const webhook = { origin: "example.com", ratePerMinute: undefined, renewMs: 1, callback: undefined };
  await using http = openSink("http://127.0.0.1:1/", { webhook });
  assert.equal(http.answersWithinMs, Number.POSITIVE_INFINITY);
});

test("failed attempts do not put off when a sink without an answer is degraded, and it is said once", async () => {
  const { clock, facts, sink, delivery, append } = new Rig({ answersWithinMs: 2_000 });
  sink.answer = () => retry();
  delivery.start();
  await append("-1");
  await clock.pass(1_999);
  assert.equal(delivery.health().state, "ready");
  await clock.pass(1);
  assert.equal(sink.sends.length, 2);
  assert.equal(delivery.health().state, "degraded");
  assert.equal(delivery.health().reason, "not now");
  await clock.pass(300_000);
  assert.equal(facts.count(DEGRADED), 1);
  sink.answer = () => DELIVERED;
  await clock.passUntil(() => delivery.health().state === "ready");
  sink.answer = () => retry();
  await append("-2");
  await clock.pass(2_000);
  assert.equal(facts.count(DEGRADED), 2, "each time it happens");
  const stopping = delivery.stop(0);
  await clock.pass(0);
  await stopping;
});

test("a sink that asked to wait is not said to be silent until it was asked again", async () => {
  const { clock, facts, sink, delivery, append } = new Rig({ answersWithinMs: 2_000 });
  sink.answer = () => retry(120_000);
  delivery.start();
  await append("-1");
  await clock.pass(119_999);
  assert.equal(delivery.health().state, "degraded");
  assert.equal(facts.count(DEGRADED), 0);
  assert.equal(facts.count("coresdk.sink.deferred"), 1);
  sink.answer = () => DELIVERED;
  await clock.passUntil(() => delivery.health().state === "ready");
  assert.equal(facts.count(DEGRADED), 0);
  await delivery.stop(0);
});

test("a sink that answers now and then, and one that has nothing to take, are not degraded", async () => {
  const { clock, facts, sink, delivery, append } = new Rig({ answersWithinMs: 2_000 });
  delivery.start();
  for (let i = 0; i < 5; i++) {
    await append(`-${i}`);
    await clock.pass(1_500);
  }
  await clock.pass(100_000);
  assert.equal(sink.sends.length, 5);
  assert.equal(facts.count(DEGRADED), 0);
  await delivery.stop(0);
});
