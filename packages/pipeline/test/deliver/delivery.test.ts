import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../src/contracts.ts";
import { facts } from "../../src/facts.ts";
import { settle, settleUntil } from "./manual-clock.ts";
import { DELIVERED, PARKED, Rig, rejected, retry } from "./rig.ts";

test("with one event a send nothing waits", async () => {
  const { sink, delivery, ...rig } = await started();
  await rig.append("-1", "-2", "-3");
  await settle();
  assert.deepEqual(sink.sends, [["-1"], ["-2"], ["-3"]]);
  assert.equal(await rig.pending(), 0);
  assert.equal(delivery.health().state, "ready");
  assert.equal(rig.facts.count(facts.delivered.name), 3);
});

test("a batch that is not full waits for the flush interval, a full one does not", async () => {
  const { sink, clock, ...rig } = await started();
  sink.maxEventsPerSend = 3;
  sink.flushIntervalMs = 5_000;
  await rig.append("-1", "-2", "-3", "-4");
  await clock.pass(4_999);
  assert.deepEqual(sink.sends, [["-1", "-2", "-3"]]);
  await clock.pass(1);
  assert.deepEqual(sink.sends, [["-1", "-2", "-3"], ["-4"]]);
});

test("a stored batch that fills the window is delivered without waiting for the flush interval", async () => {
  const { sink, ...rig } = await started();
  sink.maxEventsPerSend = 100;
  sink.flushIntervalMs = 5_000;
  const ids = Array.from({ length: 3_000 }, (_, i) => `-${i}`);
  const last = { id: "-3000", data: "x".repeat(17 * 1024 * 1024) };
  sink.maxBytesPerSend = 20_000_000;
  await rig.append(...ids, last);
  await settleUntil(() => sink.ids.length === 3_001);
  assert.equal(await rig.pending(), 0);
});

test("a batch is full when another event would make it too large", async () => {
  const { sink, ...rig } = await started();
  sink.maxEventsPerSend = 100;
  sink.flushIntervalMs = 60_000;
  sink.maxBytesPerSend = 1_000;
  await rig.append(...["1", "2", "3"].map((id) => ({ id, data: "x".repeat(400) })));
  await settle();
  assert.deepEqual(sink.sends, [["1"], ["2"]]);
});

test("one event larger than a batch may be is sent alone", async () => {
  const { sink, ...rig } = await started();
  sink.maxEventsPerSend = 100;
  sink.maxBytesPerSend = 100;
  await rig.append({ id: "1", data: "x".repeat(400) }, { id: "2" });
  await settle();
  assert.deepEqual(sink.sends, [["1"], ["2"]]);
});

test("no more sends are out at once than the sink allows", async () => {
  const { sink, ...rig } = await started();
  sink.maxInFlight = 2;
  const answers: ((outcome: Outcome) => void)[] = [];
  sink.answer = () => new Promise((resolve) => answers.push(resolve));
  await rig.append("-1", "-2", "-3", "-4");
  await settle();
  assert.equal(sink.sends.length, 2);
  answers[0]?.(DELIVERED);
  await settle();
  assert.equal(sink.sends.length, 3);
});

test("an event in retry holds up its own key and no other", async () => {
  const { sink, clock, ...rig } = await started();
  let failing = true;
  sink.answer = (ids) => (failing && ids.includes("a1") ? retry() : DELIVERED);
  await rig.append("a1", "b1", "a2", "b2", "a3");
  await settle();
  assert.deepEqual(sink.ids, ["a1", "b1", "b2"]);
  failing = false;
  await clock.pass(1_000);
  assert.deepEqual(sink.ids, ["a1", "b1", "b2", "a1", "a2", "a3"]);
  assert.equal(await rig.pending(), 0);
});

test("one batch holds many events of one key, in order", async () => {
  const { sink, ...rig } = await started();
  sink.maxEventsPerSend = 10;
  await rig.append("a1", "a2", "b1", "a3");
  await settle();
  assert.deepEqual(sink.sends, [["a1", "a2", "b1", "a3"]]);
});

test("without order, events of one subject are not kept apart", async () => {
  const rig = new Rig({ order: "none" });
  rig.delivery.start();
  rig.sink.answer = (ids) => (ids.includes("a1") ? retry() : DELIVERED);
  await rig.append("a1", "a2");
  await settle();
  assert.deepEqual(rig.sink.ids, ["a1", "a2"]);
});

test("waits double from the initial to the longest interval, and grow random with jitter", async () => {
  const { sink, clock, ...rig } = await started();
  const times: number[] = [];
  sink.answer = () => {
    times.push(clock.now());
    return retry();
  };
  await rig.append("-1");
  await clock.passUntil(() => times.length === 8);
  assert.deepEqual(
    times.slice(1).map((time, i) => time - (times[i] ?? 0)),
    [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
  );
});

test("with jitter the wait is a part of the interval", async () => {
  const rig = await started();
  rig.jitter = () => 0.25;
  rig.sink.answer = () => retry();
  await rig.append("-1");
  await rig.clock.pass(249);
  assert.equal(rig.sink.sends.length, 1);
  await rig.clock.pass(1);
  assert.equal(rig.sink.sends.length, 2);
});

test("what the peer asks for is waited for", async () => {
  const { sink, clock, ...rig } = await started();
  sink.answer = () => retry(45_000);
  await rig.append("-1");
  await clock.pass(44_999);
  assert.equal(sink.sends.length, 1);
  await clock.pass(1);
  assert.equal(sink.sends.length, 2);
});

test("a batch is cut in two until the event that the peer means stands alone", async () => {
  const { sink, ...rig } = await started();
  sink.maxEventsPerSend = 50;
  const ids = Array.from({ length: 50 }, (_, i) => `-${i}`);
  const bad = new Set(["-7", "-8", "-49"]);
  sink.answer = (sent) => (sent.some((id) => bad.has(id)) ? rejected() : DELIVERED);
  await rig.append(...ids.map((id) => ({ id })));
  await settle();
  assert.equal(await rig.pending(), 0);
  const letters = await rig.letters();
  assert.deepEqual(
    letters.map(({ event }) => JSON.parse(Buffer.from(event).toString()).id).sort(),
    [...bad].sort(),
  );
  for (const letter of letters) {
    assert.equal(letter.reason, "rejected");
    assert.equal(letter.detail, "not this");
    assert.equal(letter.lastStatus, "400");
    assert.ok(letter.attempts >= 2, "the sends of the batches it was in count");
  }
  assert.equal(rig.facts.count(facts.delivered.name), 47);
  assert.equal(rig.facts.count(facts.deadLettered.name), 3);
  assert.ok(sink.sends.length < 30, `${sink.sends.length} sends for three bad events of fifty`);
});

test("what a sink says of an event is masked before it is kept or told, whichever sink it is", async () => {
  const rig = new Rig({ maskText: (text) => text.replaceAll("hunter2", "[REDACTED]") });
  const detail = "no room for hunter2";
  rig.sink.answer = () => ({ kind: "rejected", reason: "rejected", detail, status: "400" });
  rig.delivery.start();
  await rig.append("-1");
  await settle();
  assert.deepEqual(
    (await rig.letters()).map((letter) => letter.detail),
    ["no room for [REDACTED]"],
  );
  assert.doesNotMatch(rig.facts.details.join(), /hunter2/);
});

test("a batch of one key is cut without overtaking", async () => {
  const { sink, ...rig } = await started();
  sink.maxEventsPerSend = 8;
  const taken: string[] = [];
  sink.answer = (ids) => {
    if (ids.includes("a5")) return rejected();
    taken.push(...ids);
    return DELIVERED;
  };
  await rig.append(..."12345678".split("").map((n) => `a${n}`));
  await settle();
  assert.deepEqual(taken, ["a1", "a2", "a3", "a4", "a6", "a7", "a8"]);
  assert.deepEqual((await rig.letters()).map(idOf), ["a5"]);
});

test("a failing sink is degraded, gets one probe at a time, and recovers", async () => {
  const { sink, clock, delivery, ...rig } = await started();
  let out = 0;
  let most = 0;
  let down = true;
  sink.answer = async () => {
    out += 1;
    most = Math.max(most, out);
    await new Promise<void>((resolve) => {
      clock.schedule(5, resolve);
    });
    out -= 1;
    return down ? retry() : DELIVERED;
  };
  await rig.append(...Array.from({ length: 40 }, (_, i) => `-${i}`));
  await clock.pass(10);
  assert.equal(delivery.health().state, "degraded");
  assert.equal(delivery.health().reason, "not now");
  const before = sink.sends.length;
  assert.ok(before <= 8, `${before} sends before the circuit opened`);
  most = 0;
  await clock.pass(60_000);
  assert.equal(most, 1);
  assert.ok(sink.sends.length - before < 10);
  down = false;
  await clock.passUntil(() => rig.facts.count(facts.delivered.name) === 40, 60_000);
  assert.equal(delivery.health().state, "ready");
  assert.equal(rig.facts.count(facts.sinkDegraded.name), 1);
  assert.equal(rig.facts.count(facts.sinkRecovered.name), 1);
});

test("events that always fail do not hold up the others for long", async () => {
  const { sink, clock, ...rig } = await started();
  sink.answer = (ids) => (ids.some((id) => id.startsWith("bad")) ? retry() : DELIVERED);
  await rig.append("bada1", "badb1");
  await clock.pass(100_000);
  await rig.append("good1");
  await settle();
  assert.equal(rig.facts.count(facts.delivered.name), 1);
});

test("a parked sink is left alone but for a probe, loses nothing and recovers by itself", async () => {
  const { sink, clock, delivery, ...rig } = await started();
  sink.answer = () => PARKED;
  sink.maxInFlight = 1;
  await rig.append("a1", "b1", "c1");
  await settle();
  assert.deepEqual(sink.sends, [["a1"]]);
  assert.deepEqual(delivery.health(), {
    name: "default",
    state: "parked",
    reason: "who are you",
    consecutiveFailures: 1,
  });
  await clock.pass(29_999);
  assert.equal(sink.sends.length, 1);
  await clock.pass(2 * 3_600_000);
  assert.equal(await rig.pending(), 3);
  assert.equal((await rig.letters()).length, 0);
  sink.answer = () => DELIVERED;
  await clock.pass(30_000);
  assert.equal(await rig.pending(), 0);
  assert.equal(delivery.health().state, "ready");
  assert.equal(rig.facts.count(facts.sinkParked.name), 1);
  assert.equal(rig.facts.count(facts.sinkRecovered.name), 1);
});

test("past their age limit events of a parked sink are dead letters with the reason it is parked for", async () => {
  const { sink, clock, delivery, ...rig } = await started(100_000);
  sink.answer = () => PARKED;
  sink.maxInFlight = 1;
  await rig.append("a1", "a2", "b1");
  await settle();
  await clock.pass(90_000);
  await rig.append("a3");
  assert.equal((await rig.letters()).length, 0);
  const before = sink.sends.length;
  await clock.pass(30_000);
  const letters = await rig.letters();
  assert.deepEqual(letters.map(idOf).toSorted(), ["a1", "a2", "b1"]);
  for (const { reason, detail } of letters) {
    assert.equal(reason, "expired");
    assert.match(detail, /retry\.max_age.*who are you/);
  }
  assert.equal(letters.find((letter) => idOf(letter) === "a1")?.lastStatus, "401");
  assert.equal(sink.sends.length - before, 1, "one probe at the longest interval, as before");
  assert.equal(await rig.pending(), 1);
  sink.answer = () => DELIVERED;
  await clock.pass(30_000);
  assert.deepEqual(sink.sends.at(-1), ["a3"]);
  assert.equal(await rig.pending(), 0);
  assert.equal(delivery.health().state, "ready");
});

test("a backlog that expired while its sink is parked goes at one probe, however long it is", async () => {
  const { sink, clock, ...rig } = await started(100_000);
  sink.answer = () => PARKED;
  sink.maxInFlight = 1;
  const batches = 12;
  for (let i = 0; i < batches; i++) await rig.append(...Array.from({ length: 1_000 }, () => "-1"));
  await settle();
  await clock.pass(100_000);
  const before = sink.sends.length;
  await clock.passUntil(() => sink.sends.length > before);
  await settleUntil(() => rig.facts.count(facts.deadLettered.name) === batches * 1_000);
  assert.equal(sink.sends.length - before, 1);
  assert.equal(await rig.pending(), 0);
});

test("a sink that throws or miscounts is recorded, and its events are sent again", async () => {
  const { sink, clock, ...rig } = await started();
  const answers = [
    () => {
      throw new Error("broken");
    },
    () => [],
    () => DELIVERED,
  ];
  sink.answer = () => answers.shift()?.() ?? DELIVERED;
  await rig.append("-1");
  await clock.passUntil(() => sink.sends.length === 3);
  await settle();
  assert.equal(await rig.pending(), 0);
  assert.equal(rig.facts.count(facts.failed.name), 2);
});

test("a sink that takes fewer events at once than it did gets them in order", async () => {
  const { sink, clock, ...rig } = await started();
  sink.maxEventsPerSend = 4;
  sink.flushIntervalMs = 1_000;
  await rig.append("a1", "a2", "-1");
  await settle();
  sink.maxEventsPerSend = 1;
  await clock.pass(1_000);
  await rig.append("a3");
  await settle();
  assert.deepEqual(sink.sends, [["a1"], ["-1"], ["a2"], ["a3"]]);
});

function idOf({ event }: { readonly event: Uint8Array }): unknown {
  return JSON.parse(Buffer.from(event).toString()).id;
}

async function started(maxAgeMs = 72 * 3_600_000): Promise<Rig> {
  const rig = new Rig({ maxAgeMs });
  rig.delivery.start();
  await settle();
  return rig;
}

test("a long wait that a peer asks for is shown and logged, and an hour of it is honoured", async () => {
  for (const askedMs of [86_400_000, Number.POSITIVE_INFINITY]) {
    const rig = new Rig();
    rig.sink.answer = () => retry(askedMs);
    rig.delivery.start();
    await rig.append("-1");
    await rig.clock.pass(1_000);
    const { state, reason } = rig.delivery.health();
    assert.equal(state, "degraded");
    assert.equal(reason, "not now; the peer asked to wait, which it gets until 2023-11-14T23:13:20.000Z");
    assert.equal(rig.facts.count("coresdk.sink.deferred"), 1);
    assert.ok(rig.facts.details.includes(reason));
    rig.sink.answer = () => DELIVERED;
    await rig.clock.pass(3_590_000);
    assert.equal(await rig.pending(), 1);
    await rig.clock.pass(10_000);
    assert.equal(await rig.pending(), 0);
    assert.equal(rig.delivery.health().state, "ready");
  }
});

test("a stop that aborts what is under way does not say that the sink stopped answering", async () => {
  const rig = new Rig();
  rig.sink.answer = (_, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(retry()), { once: true }));
  rig.delivery.start();
  await rig.append("-1", "-2", "-3", "-4");
  await rig.clock.pass(10);
  const stopped = rig.delivery.stop(10);
  await rig.clock.pass(10_000);
  await stopped;
  assert.equal(rig.facts.count("coresdk.sink.degraded"), 0);
});
