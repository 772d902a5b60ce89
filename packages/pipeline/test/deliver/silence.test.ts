import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/contracts.ts";
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
