/** The rate of webhooks, and the pauses that targets ask for (sections 2.2 and 4.2.2). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock, Outcome } from "../../../src/contracts.ts";
import { RateLimit } from "../../../src/deliver/http/rate-limit.ts";
import { WebhookTargets } from "../../../src/deliver/http/webhook-targets.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { ManualClock, settle, settleUntil } from "../manual-clock.ts";
import { FactsOfTest } from "../rig.ts";
import { sendOne } from "./open-sink.ts";
import { agree, allowAll, openWebhook, signsOf } from "./open-webhook.ts";
import { Receiver } from "./receiver.ts";

test("the rate that the target grants is kept, whatever was asked for", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "60" });
  const clock = new ManualClock();
  await using sink = openWebhook(receiver.url(), { ratePerMinute: 6000 }, clock);
  let delivered = 0;
  const sends = Array.from({ length: 4 }, async (_, i) => {
    await sendOne(sink, String(i));
    delivered += 1;
  });
  const posts = (): number => receiver.requests.filter(({ method }) => method === "POST").length;
  while (delivered < 1) await settle();
  for (let turn = 0; turn < 20; turn++) await settle();
  assert.equal(posts(), 1);
  await clock.pass(999);
  assert.equal(posts(), 1);
  await clock.pass(1);
  while (delivered < 2) await settle();
  assert.equal(posts(), 2);
  await clock.pass(2_000);
  await Promise.all(sends);
  assert.equal(posts(), 4);
});

test("a sender that asked for a rate and is told none keeps the one that it asked for", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*" });
  const recorder = new FactsOfTest();
  await using sink = openWebhook(receiver.url(), { ratePerMinute: 7 }, systemClock, recorder);
  await sendOne(sink);
  assert.match(recorder.details.join(), /allows 7 requests a minute/);
});

test("a send that waits for its turn is given back when it is stopped", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "1" });
  await using sink = openWebhook(receiver.url());
  await sendOne(sink);
  const stop = new AbortController();
  const waiting = sink.send(sinkEvents({ id: "2" }), stop.signal);
  stop.abort();
  const [outcome] = await waiting;
  assert.equal(outcome?.kind, "retry");
  assert.equal(receiver.requests.length, 2);
});

test("after 429 nothing at all is sent until the time that the target names (section 2.2)", async () => {
  await using receiver = await new Receiver().listen();
  const clock = new ManualClock();
  await using sink = openWebhook(receiver.url(), {}, clock);
  receiver.answer = ({ method }, response) => {
    if (method === "OPTIONS") response.writeHead(200, allowAll).end();
    else response.writeHead(429, { "retry-after": "30" }).end();
  };
  assert.equal((await sendOne(sink)).kind, "retry");
  receiver.answer = agree(allowAll);
  let sent = false;
  const next = sendOne(sink, "another").then(() => {
    sent = true;
  });
  await clock.pass(29_999);
  assert.equal(sent, false);
  assert.equal(receiver.requests.length, 2);
  await clock.pass(1);
  await next;
});

test("in no minute more requests go than allowed, and a clock that is set back stops nothing", () => {
  let nowMs = 1_700_000_000_000;
  let setMs = 0;
  const clock: Clock = {
    now: () => nowMs + setMs,
    elapsed: () => nowMs,
    schedule: () => () => undefined,
  };
  const limit = new RateLimit(clock);
  const takeTurn = (): void => {
    let waited = false;
    for (let waitMs = limit.take(waited); waitMs > 0; waitMs = limit.take(waited)) {
      nowMs += Math.ceil(waitMs);
      waited = true;
    }
  };
  limit.set(90);
  const turns: number[] = [];
  for (let i = 0; i < 1000; i++) {
    takeTurn();
    turns.push(nowMs);
  }
  // A timer rings within the millisecond after its time.
  for (const [i, at] of turns.entries())
    assert.ok((turns[i + 90] ?? Number.POSITIVE_INFINITY) - at >= 60_000 - 1);
  assert.ok(nowMs - (turns[0] ?? 0) <= 999 * 667);
  setMs -= 3_600_000;
  const before = nowMs;
  takeTurn();
  assert.ok(nowMs - before <= 60_000 / 90 + 1);
});

const lists: readonly (readonly [rate: string | string[], allowed: RegExp])[] = [
  [["60", "60"], /allows 60 requests/],
  [["6000", "60"], /allows 60 requests/],
  [["*", "60"], /allows 60 requests/],
  ["6000, *, 60", /allows 60 requests/],
  [["*", "*"], /allows any rate/],
  ["2147483647, 060", /allows 60 requests/],
];
for (const [rate, allowed] of lists) {
  test(`a target that names its rate more than once is held to the lowest: ${JSON.stringify(rate)}`, async () => {
    await using receiver = await new Receiver().listen();
    receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": rate });
    const recorder = new FactsOfTest();
    await using sink = openWebhook(receiver.url(), {}, systemClock, recorder);
    assert.equal((await sendOne(sink)).kind, "delivered");
    assert.match(recorder.details.join(), allowed);
  });
}

const large: readonly (readonly [rate: string, allowed: RegExp])[] = [
  ["2147483647", /allows 2147483647 requests/],
  ["18446744073709551615", /allows 18446744073709552000 requests/],
  // More than a number can be.
  ["9".repeat(400), /allows any rate/],
];
for (const [rate, allowed] of large) {
  test(`a rate may be as large as a target likes: ${rate.slice(0, 20)}, ${rate.length} digits`, async () => {
    await using receiver = await new Receiver().listen();
    receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": rate });
    const recorder = new FactsOfTest();
    await using sink = openWebhook(receiver.url(), {}, systemClock, recorder);
    for (const id of ["1", "2", "3"]) assert.equal((await sendOne(sink, id)).kind, "delivered");
    assert.match(recorder.details.join(), allowed);
  });
}

test("a rate that is none, alone or beside another, is no consent", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = openWebhook(receiver.url());
  for (const rate of [["60", "fast"], ["60", "0"], "60,", "00", "-60", "+60", "6 0", "6.0"]) {
    receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": rate });
    assert.equal((await sendOne(sink)).kind, "parked");
  }
  assert.equal(signsOf(receiver), "????????");
});

/** Sends so many at once, to a target that allows four a second, and waits for the first outcome. */
async function sendMany(
  receiver: Receiver,
  answer: (response: Parameters<Receiver["answer"]>[1]) => void,
  clock: ManualClock,
  renewMs?: number,
) {
  receiver.answer = ({ method }, response) => {
    if (method === "POST") answer(response);
    else response.writeHead(200, { "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "240" }).end();
  };
  const sink = openWebhook(receiver.url(), renewMs === undefined ? {} : { renewMs }, clock);
  const outcomes: Outcome[] = [];
  const sends = Array.from({ length: 5 }, async (_, i) => outcomes.push(await sendOne(sink, String(i))));
  await settleUntil(() => outcomes.length === 1);
  return { sink, outcomes, sends: Promise.all(sends) };
}

test("after 429 what waits for its turn already waits for the end of the pause, and then keeps the rate", async () => {
  await using receiver = await new Receiver().listen();
  const clock = new ManualClock();
  const turnDown = (response: Parameters<Receiver["answer"]>[1]): void => {
    response.writeHead(429, { "retry-after": "30" }).end();
  };
  // The permission is due long before the pause ends, and the target is not asked meanwhile either.
  const { sink, outcomes, sends } = await sendMany(receiver, turnDown, clock, 1_000);
  await using _ = sink;
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "240" });
  await clock.pass(29_999);
  assert.equal(signsOf(receiver), "?!");
  await clock.pass(1);
  await settleUntil(() => outcomes.length === 2);
  assert.equal(signsOf(receiver), "?!?!");
  for (const length of [3, 4, 5]) {
    await clock.pass(250);
    await settleUntil(() => outcomes.length === length);
  }
  await sends;
  assert.equal(signsOf(receiver), "?!?!!!!");
});

test("when the target turns the sender away, what waits for its turn is given back unsent", async () => {
  await using receiver = await new Receiver().listen();
  const clock = new ManualClock();
  const { sink, outcomes, sends } = await sendMany(receiver, (gone) => void gone.writeHead(410).end(), clock);
  await using _ = sink;
  await clock.pass(250);
  await sends;
  assert.deepEqual(new Set(outcomes.map(({ kind }) => kind)), new Set(["parked"]));
  assert.equal(signsOf(receiver), "?!");
  receiver.answer = agree({});
  assert.equal((await sendOne(sink)).kind, "parked");
  assert.equal(signsOf(receiver), "?!?");
});

test("a pause that the target asks for instead of its consent is kept", async () => {
  await using receiver = await new Receiver().listen();
  const clock = new ManualClock();
  await using sink = openWebhook(receiver.url(), {}, clock);
  receiver.answer = agree({ "retry-after": "30" }, 429);
  const asked = await sendOne(sink);
  assert.equal(asked.kind === "retry" ? asked.afterMs : undefined, 30_000);
  receiver.answer = agree(allowAll);
  const next = sendOne(sink, "2");
  await clock.pass(29_999);
  assert.equal(signsOf(receiver), "?");
  await clock.pass(1);
  assert.equal((await next).kind, "delivered");
});

test("a sink made anew for the same target and origin keeps permission, rate and pause of the one before", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "6" });
  const clock = new ManualClock();
  const targets = new WebhookTargets();
  const reopen = (rate: number | undefined, origin?: string) =>
    openWebhook(
      receiver.url(),
      { ratePerMinute: rate, ...(origin === undefined ? {} : { origin }) },
      clock,
      new FactsOfTest(),
      targets,
    );
  await using first = reopen(undefined);
  await sendOne(first);
  await using second = reopen(undefined);
  const again = sendOne(second);
  await clock.pass(9_999);
  assert.equal(signsOf(receiver), "?!");
  await clock.pass(1);
  await again;
  assert.equal(signsOf(receiver), "?!!");
  // Another rate has to be asked for; the last request was no longer ago for that.
  await using third = reopen(60);
  const asking = sendOne(third);
  await settleUntil(() => signsOf(receiver) === "?!!?");
  await clock.pass(9_999);
  assert.equal(signsOf(receiver), "?!!?");
  await clock.pass(1);
  await asking;
  // To another sender nothing is granted yet.
  await using stranger = reopen(60, "other.acme.example");
  await sendOne(stranger);
  assert.equal(signsOf(receiver), "?!!?!?!");
});

test("what waits for its turn when its sink is closed takes no turn from the next one", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "6" });
  const clock = new ManualClock();
  const targets = new WebhookTargets();
  const reopen = () => openWebhook(receiver.url(), {}, clock, new FactsOfTest(), targets);
  await using first = reopen();
  await sendOne(first);
  const stop = new AbortController();
  const waiting = Array.from({ length: 8 }, (_, i) => first.send(sinkEvents({ id: `w${i}` }), stop.signal));
  await settle();
  stop.abort();
  await Promise.all(waiting);
  await using second = reopen();
  const next = sendOne(second);
  await clock.pass(10_000);
  assert.equal((await next).kind, "delivered");
});
