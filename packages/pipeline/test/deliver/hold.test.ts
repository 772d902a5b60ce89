/** A receiver that asks for a pause with 429 or 503 gets it: "HTTP 1.1 Web Hooks for Event Delivery", section 2.2. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/contracts.ts";
import { WebhookTargets } from "../../src/deliver/http/webhook-targets.ts";
import { openSink, sendOne } from "./http/open-sink.ts";
import { Receiver } from "./http/receiver.ts";
import { ManualClock, settle } from "./manual-clock.ts";
import { DELIVERED, PARKED, Rig, retry } from "./rig.ts";

/** What an answer of 429 with that `Retry-After` is. */
function held(afterMs: number): Outcome {
  return { kind: "retry", reason: "slow down", status: "429", afterMs, holdsSink: true };
}

async function started(): Promise<Rig> {
  const rig = new Rig();
  rig.delivery.start();
  await settle();
  return rig;
}

test("after a pause is asked for nothing is sent until its end, whichever event it is", async () => {
  const { sink, clock, delivery, ...rig } = await started();
  sink.answer = () => held(120_000);
  await rig.append("-1");
  await settle();
  sink.answer = () => DELIVERED;
  await rig.append("a1", "-2");
  await clock.pass(119_999);
  assert.deepEqual(sink.sends, [["-1"]]);
  assert.equal(delivery.health().state, "degraded");
  assert.match(delivery.health().reason, /^slow down; the peer asked to wait, which it gets until /);
  await clock.pass(1);
  assert.deepEqual(sink.ids.slice(1).sort(), ["-1", "-2", "a1"]);
  assert.equal(await rig.pending(), 0);
  assert.equal(delivery.health().state, "ready");
});

test("neither a flush nor a stop sends anything during a pause, and both say what is left", async () => {
  const { sink, clock, delivery, ...rig } = await started();
  sink.answer = () => held(120_000);
  await rig.append("-1");
  await settle();
  await rig.append("-2", "-3");
  const flushed = delivery.flush(10_000);
  await clock.pass(10_000);
  assert.deepEqual(await flushed, { remaining: 3 });
  const stopped = delivery.stop(10_000);
  await clock.pass(20_000);
  assert.deepEqual(await stopped, { remaining: 3 });
  assert.deepEqual(sink.sends, [["-1"]]);
});

test("a flush and a stop that end before a pause does do not wait for their deadlines", async () => {
  const { sink, clock, delivery, ...rig } = await started();
  sink.answer = () => held(120_000);
  await rig.append("-1");
  await settle();
  await rig.append("-2");
  assert.deepEqual(await delivery.flush(10_000), { remaining: 2 });
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  sink.answer = () => promise;
  await clock.pass(119_999);
  const flushed = delivery.flush(10_000);
  await clock.pass(1);
  resolve(held(60_000));
  assert.deepEqual(await flushed, { remaining: 2 });
  assert.deepEqual(await delivery.stop(10_000), { remaining: 2 });
  assert.equal(clock.elapsed(), 120_000);
  assert.equal(sink.closed, true);
});

test("a flush during a pause delivers when the pause ends before it", async () => {
  const { sink, clock, delivery, ...rig } = await started();
  sink.answer = () => held(5_000);
  await rig.append("-1");
  await settle();
  sink.answer = () => DELIVERED;
  const flushed = delivery.flush(10_000);
  await clock.pass(4_999);
  assert.equal(sink.sends.length, 1);
  await clock.pass(1);
  assert.deepEqual(await flushed, { remaining: 0 });
});

test("what was under way when a pause was asked for does not end it", async () => {
  const { sink, clock, ...rig } = await started();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  sink.answer = ([id]) => (id === "-1" ? promise : held(120_000));
  await rig.append("-1", "-2");
  await settle();
  sink.answer = () => DELIVERED;
  resolve(DELIVERED);
  await rig.append("-3");
  await clock.pass(119_999);
  assert.deepEqual(sink.sends, [["-1"], ["-2"]]);
  await clock.pass(1);
  assert.equal(await rig.pending(), 0);
});

test("the probes of a sink that is down or parked wait for the end of a pause too", async () => {
  for (const failure of [retry(), PARKED]) {
    const { sink, clock, ...rig } = await started();
    sink.maxInFlight = 1;
    sink.answer = () => failure;
    await rig.append("-1", "-2", "-3");
    await clock.passUntil(() => sink.sends.length >= 4);
    sink.answer = () => held(3_600_000 * 2);
    const before = sink.sends.length;
    await clock.passUntil(() => sink.sends.length === before + 1);
    sink.answer = () => DELIVERED;
    await clock.pass(3_600_000 * 2 - 1);
    assert.equal(sink.sends.length, before + 1);
    await clock.pass(60_000);
    assert.equal(await rig.pending(), 0);
  }
});

test("a pause of more than a day may be a mistake, and ends after a day", async () => {
  const { sink, clock, ...rig } = await started();
  sink.answer = () => held(Number.MAX_SAFE_INTEGER);
  await rig.append("-1");
  await settle();
  sink.answer = () => DELIVERED;
  await clock.pass(86_399_999);
  assert.equal(sink.sends.length, 1);
  await clock.pass(1);
  assert.equal(await rig.pending(), 0);
});

for (const status of [429, 503]) {
  test(`after ${status} with Retry-After a sink sends nothing, and neither does one made anew for the same endpoint`, async () => {
    await using receiver = await new Receiver().listen();
    const clock = new ManualClock();
    const ports = { clock, webhookTargets: new WebhookTargets() };
    receiver.answer = (_request, response) => void response.writeHead(status, { "retry-after": "30" }).end();
    await using sink = openSink(receiver.url(), {}, ports);
    const first = await sendOne(sink);
    assert.deepEqual(first.kind === "retry" && [first.status, first.afterMs, first.holdsSink], [
      String(status),
      30_000,
      true,
    ]);
    receiver.answer = (_request, response) => void response.writeHead(204).end();
    await clock.pass(10_000);
    await using anew = openSink(receiver.url(), {}, ports);
    for (const one of [sink, anew]) {
      const outcome = await sendOne(one, "2");
      assert.deepEqual(outcome.kind === "retry" && [outcome.afterMs, outcome.holdsSink], [20_000, true]);
    }
    assert.equal(receiver.requests.length, 1);
    await clock.pass(20_000);
    assert.equal((await sendOne(anew, "2")).kind, "delivered");
  });
}

test("other statuses with Retry-After, and 429 and 503 without, hold back their own event alone", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = openSink(receiver.url());
  for (const [status, headers] of [
    [500, { "retry-after": "30" }],
    [409, { "retry-after": "30" }],
    [425, { "retry-after": "30" }],
    [429, {}],
    [503, { "retry-after": "soon" }],
  ] as const) {
    receiver.answer = (_request, response) => void response.writeHead(status, headers).end();
    const outcome = await sendOne(sink);
    assert.deepEqual(outcome.kind === "retry" && outcome.holdsSink, false, String(status));
  }
  assert.equal(receiver.requests.length, 5);
});
