/** The abuse protection of webhooks: "HTTP 1.1 Web Hooks for Event Delivery", section 4. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import type { Clock, Sink } from "../../../src/contracts.ts";
import { RateLimit } from "../../../src/deliver/http/rate-limit.ts";
import { facts } from "../../../src/facts.ts";
import { Secret } from "../../../src/secret.ts";
import type { WebhookSettings } from "../../../src/settings.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { ManualClock, settle } from "../manual-clock.ts";
import { FactsOfTest } from "../rig.ts";
import { openSink, sendOne } from "./open-sink.ts";
import { type Received, Receiver } from "./receiver.ts";

const NEVER = new AbortController().signal;
const ORIGIN = "events.acme.example";
const A_DAY_MS = 86_400_000;

/** Answers validation requests with these headers, and deliveries with 204. */
function agree(headers: Readonly<Record<string, string>>, status = 200) {
  return ({ method }: Received, response: ServerResponse): void => {
    if (method === "OPTIONS") response.writeHead(status, headers).end();
    else response.writeHead(204).end();
  };
}

const allowAll = { "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*" };

function open(
  endpoint: string,
  webhook: Partial<WebhookSettings> = {},
  clock: Clock = systemClock,
  recorder: FactsOfTest = new FactsOfTest(),
): Sink & AsyncDisposable {
  return openSink(
    endpoint,
    {
      headers: [["Authorization", new Secret("Bearer t0ken")]],
      maxInFlight: 16,
      webhook: {
        origin: ORIGIN,
        ratePerMinute: undefined,
        callback: undefined,
        renewMs: A_DAY_MS,
        ...webhook,
      },
    },
    { clock, facts: recorder },
  );
}

test("the target is asked once by OPTIONS at the endpoint itself, and each delivery names the origin", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ ...allowAll, "WebHook-Allowed-Origin": ORIGIN });
  const recorder = new FactsOfTest();
  await using sink = open(receiver.url("/hook?x=1"), {}, systemClock, recorder);
  assert.deepEqual(await sendOne(sink, "1"), { kind: "delivered" });
  assert.deepEqual(await sendOne(sink, "2"), { kind: "delivered" });
  const seen = receiver.requests.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(seen, ["OPTIONS /hook?x=1", "POST /hook?x=1", "POST /hook?x=1"]);
  for (const { headers } of receiver.requests) assert.equal(headers["webhook-request-origin"], ORIGIN);
  assert.equal(receiver.requests[0]?.body, "");
  assert.equal("webhook-request-rate" in (receiver.requests[0]?.headers ?? {}), false);
  assert.equal(recorder.count(facts.sinkPermitted.name), 1);
});

test("the rate wanted and the callback are asked with", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree(allowAll);
  const callback = new Secret("https://acme.example/confirm?key=abc");
  await using sink = open(receiver.url(), { ratePerMinute: 120, callback });
  await sendOne(sink);
  const [asked, delivered] = receiver.requests;
  assert.equal(asked?.headers["webhook-request-rate"], "120");
  assert.equal(asked?.headers["webhook-request-callback"], "https://acme.example/confirm?key=abc");
  assert.equal("webhook-request-callback" in (delivered?.headers ?? {}), false);
});

const refusals: readonly (readonly [
  name: string,
  headers: Readonly<Record<string, string>>,
  status: number,
])[] = [
  ["no header at all, whatever the status", {}, 200],
  ["another origin", { "WebHook-Allowed-Origin": "other.example", "WebHook-Allowed-Rate": "*" }, 200],
  ["an origin that only begins alike", { "WebHook-Allowed-Origin": `${ORIGIN}.evil.example` }, 200],
  ["OPTIONS is not supported", {}, 405],
  ["the header beside an error", allowAll, 403],
  ["the header beside a redirect", { ...allowAll, location: "https://other.example/" }, 302],
  ["a rate that is none", { "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "0" }, 200],
  ["a rate with an end of its own", { "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "1e9" }, 200],
];
for (const [name, headers, status] of refusals) {
  test(`a target that does not agree parks the sink and gets no event: ${name}`, async () => {
    await using receiver = await new Receiver().listen();
    receiver.answer = agree(headers, status);
    await using sink = open(receiver.url());
    const outcome = await sendOne(sink);
    assert.equal(outcome.kind, "parked");
    assert.match(outcome.kind === "parked" ? outcome.reason : "", /does not allow events from|Allowed-Rate/);
    // Parked sinks are probed: it is asked anew each time.
    await sendOne(sink);
    assert.deepEqual(
      receiver.requests.map(({ method }) => method),
      ["OPTIONS", "OPTIONS"],
    );
  });
}

test("a target that cannot answer now is asked again, and nothing is sent meanwhile", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url());
  for (const status of [500, 503, 429, 408]) {
    receiver.answer = agree({}, status);
    const outcome = await sendOne(sink);
    assert.equal(outcome.kind, "retry");
    assert.equal(outcome.kind === "retry" ? outcome.status : "", String(status));
  }
  receiver.answer = agree(allowAll);
  assert.equal((await sendOne(sink)).kind, "delivered");
  assert.equal(receiver.requests.filter(({ method }) => method === "POST").length, 1);
});

test("many sends at once ask once", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree(allowAll);
  await using sink = open(receiver.url());
  await Promise.all(Array.from({ length: 10 }, (_, i) => sendOne(sink, String(i))));
  assert.equal(receiver.requests.filter(({ method }) => method === "OPTIONS").length, 1);
});

test("permission is asked for again when it is due, and after the target turned the sender away", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree(allowAll);
  const clock = new ManualClock();
  await using sink = open(receiver.url(), { renewMs: 1_000 }, clock);
  const methods = (): string =>
    receiver.requests.map(({ method }) => (method === "OPTIONS" ? "?" : "!")).join("");
  await sendOne(sink);
  await clock.pass(999);
  await sendOne(sink);
  assert.equal(methods(), "?!!");
  await clock.pass(1);
  await sendOne(sink);
  assert.equal(methods(), "?!!?!");
  receiver.answer = ({ method }, response) => {
    response.writeHead(method === "OPTIONS" ? 200 : 403, method === "OPTIONS" ? allowAll : {}).end();
  };
  assert.equal((await sendOne(sink)).kind, "parked");
  await sendOne(sink);
  assert.equal(methods(), "?!!?!!?!");
});

test("the rate that the target grants is kept, whatever was asked for", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "60" });
  const clock = new ManualClock();
  await using sink = open(receiver.url(), { ratePerMinute: 6000 }, clock);
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
  await using sink = open(receiver.url(), { ratePerMinute: 7 }, systemClock, recorder);
  await sendOne(sink);
  assert.match(recorder.details.join(), /allows 7 requests a minute/);
});

test("a send that waits for its turn is given back when it is stopped", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ "WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "1" });
  await using sink = open(receiver.url());
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
  await using sink = open(receiver.url(), {}, clock);
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

test("in no minute more requests go than allowed, and a clock that is set back stops nothing", async () => {
  let nowMs = 1_700_000_000_000;
  let setMs = 0;
  const turns: number[] = [];
  const clock: Clock = {
    now: () => nowMs + setMs,
    elapsed: () => nowMs,
    schedule: (delayMs, callback) => {
      turns.push(nowMs + delayMs);
      callback();
      return () => undefined;
    },
  };
  const limit = new RateLimit(clock);
  limit.set(90);
  for (let i = 0; i < 1000; i++) {
    const before = turns.length;
    assert.equal(await limit.wait(NEVER), true);
    if (turns.length === before) turns.push(nowMs);
    nowMs = turns.at(-1) ?? nowMs;
  }
  for (const [i, at] of turns.entries())
    assert.ok((turns[i + 90] ?? Number.POSITIVE_INFINITY) - at >= 60_000);
  setMs -= 3_600_000;
  await limit.wait(NEVER);
  assert.ok((turns.at(-1) ?? 0) - nowMs <= 60_000 / 90 + 1);
});

test("a header of the user's own that names another origin is refused", () => {
  assert.throws(
    () =>
      openSink("http://127.0.0.1/", {
        headers: [["WebHook-Request-Origin", new Secret("other.example")]],
        webhook: { origin: ORIGIN, ratePerMinute: undefined, callback: undefined, renewMs: 1 },
      }),
    /webhook-request-origin is set by webhook/,
  );
});
