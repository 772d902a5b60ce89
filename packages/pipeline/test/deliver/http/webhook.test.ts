/** The abuse protection of webhooks: "HTTP 1.1 Web Hooks for Event Delivery", section 4. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { facts } from "../../../src/facts.ts";
import { Secret } from "../../../src/secret.ts";
import { systemClock } from "../../../src/system.ts";
import { ManualClock } from "../manual-clock.ts";
import { FactsOfTest } from "../rig.ts";
import { openSink, sendOne } from "./open-sink.ts";
import { agree, allowAll, ORIGIN, openWebhook, signsOf } from "./open-webhook.ts";
import { Receiver } from "./receiver.ts";

test("the target is asked once by OPTIONS at the endpoint itself, and each delivery names the origin", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree({ ...allowAll, "WebHook-Allowed-Origin": ORIGIN });
  const recorder = new FactsOfTest();
  await using sink = openWebhook(receiver.url("/hook?x=1"), {}, systemClock, recorder);
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
  await using sink = openWebhook(receiver.url(), { ratePerMinute: 120, callback });
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
    await using sink = openWebhook(receiver.url());
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
  await using sink = openWebhook(receiver.url());
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
  await using sink = openWebhook(receiver.url());
  await Promise.all(Array.from({ length: 10 }, (_, i) => sendOne(sink, String(i))));
  assert.equal(receiver.requests.filter(({ method }) => method === "OPTIONS").length, 1);
});

test("permission is asked for again when it is due, and after the target turned the sender away", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = agree(allowAll);
  const clock = new ManualClock();
  await using sink = openWebhook(receiver.url(), { renewMs: 1_000 }, clock);
  await sendOne(sink);
  await clock.pass(999);
  await sendOne(sink);
  assert.equal(signsOf(receiver), "?!!");
  await clock.pass(1);
  await sendOne(sink);
  assert.equal(signsOf(receiver), "?!!?!");
  receiver.answer = ({ method }, response) => {
    response.writeHead(method === "OPTIONS" ? 200 : 403, method === "OPTIONS" ? allowAll : {}).end();
  };
  assert.equal((await sendOne(sink)).kind, "parked");
  await sendOne(sink);
  assert.equal(signsOf(receiver), "?!!?!!?!");
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
