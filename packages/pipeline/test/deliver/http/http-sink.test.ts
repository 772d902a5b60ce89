import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { decode } from "@coresdk/cloudevents/http";
import type { Clock, Outcome, Sink } from "../../../src/contracts.ts";
import { facts } from "../../../src/facts.ts";
import { Secret } from "../../../src/secret.ts";
import type { HttpSinkSettings } from "../../../src/settings.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { ManualClock } from "../manual-clock.ts";
import { FactsOfTest } from "../rig.ts";
import { openSink, post, reasonOf } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

const NEVER = new AbortController().signal;

test("one event is a structured request with the configured headers", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url("/in?key=1"), {
    headers: [
      ["Authorization", new Secret("Bearer s3cret")],
      ["X-Tenant", new Secret("acme")],
    ],
  });
  const data = { text: "Grüße", n: 1.5 };
  assert.deepEqual(await sink.send(sinkEvents({ id: "1", subject: "s", data }), NEVER), [
    { kind: "delivered" },
  ]);
  const [request] = receiver.requests;
  assert.equal(request?.method, "POST");
  assert.equal(request?.path, "/in?key=1");
  assert.equal(request?.headers["content-type"], "application/cloudevents+json");
  assert.equal(request?.headers.authorization, "Bearer s3cret");
  assert.equal(request?.headers["x-tenant"], "acme");
  assert.deepEqual(JSON.parse(request?.body ?? ""), {
    specversion: "1.0",
    id: "1",
    source: "/test",
    type: "io.coresdk.test",
    subject: "s",
    datacontenttype: "application/json",
    data,
  });
});

test("several events are one batch, joined without a change to their bytes", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url(), { batchSize: 50 });
  const events = sinkEvents({ id: "1", data: 1 }, { id: "2" }, { id: "3", data: [{}] });
  const outcomes = await sink.send(events, NEVER);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["delivered", "delivered", "delivered"],
  );
  const [request] = receiver.requests;
  assert.equal(request?.headers["content-type"], "application/cloudevents-batch+json");
  const bytes = events.map(({ batch, index }) => Buffer.from(batch.event(index)).toString());
  assert.equal(request?.body, `[${bytes.join(",")}]`);
});

test("a batch of one is a request for one event", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url(), { batchSize: 50 });
  await sink.send(sinkEvents({ id: "1" }), NEVER);
  assert.equal(receiver.requests[0]?.headers["content-type"], "application/cloudevents+json");
});

test("binary mode has the attributes in headers, percent-encoded, and the data in the body", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url(), { contentMode: "binary", batchSize: 50 });
  assert.equal(sink.maxEventsPerSend, 1);
  await sink.send(sinkEvents({ id: "1", subject: "a b/ü", data: { n: 1 } }), NEVER);
  const [request] = receiver.requests;
  assert.equal(request?.headers["ce-subject"], "a%20b/%C3%BC");
  assert.equal(request?.headers["content-type"], "application/json");
  assert.equal(request?.body, '{"n":1}');
  const event = decode({ headers: request?.headers ?? {}, body: request?.body });
  assert.equal(event.subject, "a b/ü");
});

test("binary mode sends an event without data without a body", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url(), { contentMode: "binary" });
  await sink.send(sinkEvents({ id: "1" }), NEVER);
  assert.equal(receiver.requests[0]?.body, "");
  assert.equal(receiver.requests[0]?.headers["ce-id"], "1");
});

const ROWS: readonly (readonly [number, Outcome["kind"], string?])[] = [
  [200, "delivered"],
  [202, "delivered"],
  [204, "delivered"],
  [299, "delivered"],
  [301, "parked"],
  [302, "parked"],
  [304, "parked"],
  [307, "parked"],
  [308, "parked"],
  [400, "rejected", "rejected"],
  [401, "parked"],
  [402, "rejected", "rejected"],
  [403, "parked"],
  [404, "retry"],
  [405, "rejected", "rejected"],
  [408, "retry"],
  [409, "retry"],
  [410, "parked"],
  [413, "rejected", "too_large"],
  [415, "rejected", "rejected"],
  [422, "rejected", "rejected"],
  [425, "retry"],
  [429, "retry"],
  [499, "rejected", "rejected"],
  [500, "retry"],
  [501, "retry"],
  [502, "retry"],
  [503, "retry"],
  [504, "retry"],
  [599, "retry"],
];
for (const [status, kind, reason] of ROWS) {
  test(`status ${status} is ${reason ?? kind}`, async () => {
    await using receiver = await new Receiver().listen();
    receiver.answer = (_request, response) => {
      response.writeHead(status, { location: receiver.url("/elsewhere") }).end();
    };
    await using sink = open(receiver.url());
    const [outcome] = await sink.send(sinkEvents({ id: "1" }), NEVER);
    assert.equal(outcome?.kind, kind);
    if (outcome?.kind === "rejected") assert.equal(outcome.reason, reason);
    if (outcome?.kind !== "delivered") assert.equal(outcome?.status, String(status));
    assert.equal(receiver.requests.length, 1, "no redirect is followed and nothing is retried here");
  });
}

test("Retry-After is read in seconds and as a date", async () => {
  await using receiver = await new Receiver().listen();
  const ask = async (retryAfter: string): Promise<number | undefined> => {
    await using sink = open(receiver.url());
    receiver.answer = (_request, response) => {
      response.writeHead(503, { "retry-after": retryAfter }).end();
    };
    const [outcome] = await sink.send(sinkEvents({ id: "1" }), NEVER);
    assert.equal(outcome?.kind, "retry");
    return outcome.kind === "retry" ? outcome.afterMs : undefined;
  };
  assert.equal(await ask("7"), 7_000);
  const dated = await ask(new Date(Date.now() + 60_000).toUTCString());
  assert.ok(dated !== undefined && dated > 30_000 && dated <= 60_000, `${dated}`);
  assert.equal(await ask("soon"), undefined);
});

test("what the peer says of a rejection is kept, shortened and on one line", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (_request, response) => {
    response.writeHead(422).end(`no such\r\n\u001b[31mtype${"!".repeat(5_000)}`);
  };
  await using sink = open(receiver.url());
  const [outcome] = await sink.send(sinkEvents({ id: "1" }), NEVER);
  assert.equal(outcome?.kind, "rejected");
  const detail = outcome.kind === "rejected" ? outcome.detail : "";
  assert.match(detail, /^HTTP 422 Unprocessable Entity: no such \[31mtype!+$/);
  assert.ok(detail.length < 400);
});

test("an answer with long headers counts, and one with longer ones is none and says why", async () => {
  await using receiver = await new Receiver().listen();
  let cookies = 60;
  receiver.answer = (_, response) => {
    response.writeHead(202, { "set-cookie": Array.from({ length: cookies }, () => "x".repeat(1_000)) }).end();
  };
  assert.deepEqual(await post(receiver.url()), { kind: "delivered" });
  cookies = 70;
  const outcome = await post(receiver.url());
  assert.equal(outcome.kind, "retry");
  assert.match(reasonOf(outcome), /headers are longer/);
});

test("an endless answer is cut off and its status counts", async () => {
  await using receiver = await new Receiver().listen();
  for (const status of [200, 400]) {
    receiver.answer = (_request, response) => {
      response.writeHead(status);
      const chunk = Buffer.alloc(65_536, "x");
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", pour);
      pour();
    };
    await using sink = open(receiver.url());
    const [outcome] = await sink.send(sinkEvents({ id: "1" }), NEVER);
    assert.equal(outcome?.kind, status === 200 ? "delivered" : "rejected");
  }
});

test("a peer that does not answer is given up after the time-out", async () => {
  await using receiver = await new Receiver().listen();
  const asked = Promise.withResolvers<void>();
  receiver.answer = () => asked.resolve();
  const clock = new ManualClock();
  await using sink = open(receiver.url(), { timeoutMs: 9_000 }, new FactsOfTest(), clock);
  const sending = sink.send(sinkEvents({ id: "1" }), NEVER);
  await asked.promise;
  await clock.pass(9_000);
  assert.deepEqual((await sending)[0], {
    kind: "retry",
    reason: "no answer within 9000 ms",
    status: "",
    afterMs: undefined,
    mayBeEvents: true,
  });
});

test("a peer that takes an event and never ends its answer has taken it", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (_request, response) => {
    response.writeHead(200);
    response.write("so far");
  };
  const clock = new ManualClock();
  await using sink = open(receiver.url(), { timeoutMs: 9_000 }, new FactsOfTest(), clock);
  // The client has read the status line: only then may its time be over.
  const { promise: answered, resolve: onHead } = Promise.withResolvers<unknown>();
  subscribe("undici:request:headers", onHead);
  const sending = sink.send(sinkEvents({ id: "1" }), NEVER);
  await answered;
  unsubscribe("undici:request:headers", onHead);
  await clock.pass(9_000);
  assert.deepEqual(await sending, [{ kind: "delivered" }]);
});

test("an abort gives the event back", async () => {
  await using receiver = await new Receiver().listen();
  const stop = new AbortController();
  receiver.answer = () => stop.abort();
  await using sink = open(receiver.url());
  const [outcome] = await sink.send(sinkEvents({ id: "1" }), stop.signal);
  assert.equal(outcome?.kind, "retry");
});

test("connections are used again, and no more are open than requests may be out", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url(), { maxInFlight: 2 });
  const events = Array.from({ length: 20 }, (_, i) => sinkEvents({ id: String(i) }));
  await Promise.all(events.map((event) => sink.send(event, NEVER)));
  assert.equal(receiver.requests.length, 20);
  assert.ok(receiver.connections <= 2, `${receiver.connections} connections`);
});

test("a peer that is not there is a retry with a readable reason", async () => {
  const gone = await new Receiver().listen();
  const url = gone.url();
  await gone[Symbol.asyncDispose]();
  await using refused = open(url);
  const [first] = await refused.send(sinkEvents({ id: "1" }), NEVER);
  assert.deepEqual(first, {
    kind: "retry",
    reason: "connection refused (ECONNREFUSED)",
    status: "",
    afterMs: undefined,
  });
  await using unknown = open("http://nowhere.invalid/in");
  const [second] = await unknown.send(sinkEvents({ id: "1" }), NEVER);
  assert.equal(second?.kind, "retry");
  assert.match(second.kind === "retry" ? second.reason : "", /host name/);
});

test("a connection that breaks in the middle is a retry", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (_request, response) => response.destroy();
  await using sink = open(receiver.url());
  const [outcome] = await sink.send(sinkEvents({ id: "1" }), NEVER);
  assert.equal(outcome?.kind, "retry");
  assert.match(outcome.kind === "retry" ? outcome.reason : "", /closed by the peer|reset by the peer/);
});

test("a peer that takes no batches gets single events from then on, and it is said once", async () => {
  for (const status of [400, 415]) {
    await using receiver = await new Receiver().listen();
    receiver.answer = (request, response) => {
      response.writeHead(request.body.startsWith("[") ? status : 202).end();
    };
    const recorder = new FactsOfTest();
    await using sink = open(receiver.url(), { batchSize: 50, flushIntervalMs: 5_000 }, recorder);
    assert.equal(sink.maxEventsPerSend, 50);
    const outcomes = await sink.send(sinkEvents({ id: "1" }, { id: "2" }, { id: "3" }), NEVER);
    assert.ok(outcomes.every(({ kind }) => kind === "delivered"));
    assert.equal(sink.maxEventsPerSend, 1);
    assert.equal(sink.flushIntervalMs, 0);
    assert.equal(recorder.count(facts.sinkSingle.name), 1);
    await sink.send(sinkEvents({ id: "4" }, { id: "5" }), NEVER);
    assert.deepEqual(
      receiver.requests.map(({ body }) => (body.startsWith("[") ? "batch" : JSON.parse(body).id)),
      ["batch", "1", "2", "3", "4", "5"],
    );
    assert.equal(recorder.count(facts.sinkSingle.name), 1);
  }
});

test("a bad event among good ones does not make a peer one that takes no batches", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (request, response) => {
    response.writeHead(request.body.includes('"id":"2"') ? 400 : 202).end();
  };
  await using sink = open(receiver.url(), { batchSize: 50 });
  const outcomes = await sink.send(sinkEvents({ id: "1" }, { id: "2" }, { id: "3" }), NEVER);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["delivered", "rejected", "delivered"],
  );
  assert.equal(sink.maxEventsPerSend, 50);
});

test("a batch turned down by a peer that takes batches is for its sender to cut", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url(), { batchSize: 50 });
  await sink.send(sinkEvents({ id: "1" }, { id: "2" }), NEVER);
  receiver.answer = (_request, response) => {
    response.writeHead(400).end();
  };
  const outcomes = await sink.send(sinkEvents({ id: "3" }, { id: "4" }), NEVER);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["rejected", "rejected"],
  );
  assert.equal(receiver.requests.length, 2);
});

test("one by one, nothing is sent after what has to be sent again", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (request, response) => {
    const status = request.body.startsWith("[") ? 415 : request.body.includes('"id":"2"') ? 503 : 202;
    response.writeHead(status).end();
  };
  await using sink = open(receiver.url(), { batchSize: 50 });
  const outcomes = await sink.send(sinkEvents({ id: "1" }, { id: "2" }, { id: "3" }), NEVER);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["delivered", "retry", "retry"],
  );
  assert.equal(receiver.requests.length, 3);
});

test("overrides are set on each event, whether it has the extension or not", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = open(receiver.url(), { overrides: { env: 'a"b', subject2: "x" } });
  await sink.send(sinkEvents({ id: "1", data: 1 }), NEVER);
  await sink.send(sinkEvents({ id: "2", data: { env: "inner" } }), NEVER);
  const [first, second] = receiver.requests.map(({ body }) => JSON.parse(body));
  assert.equal(first.env, 'a"b');
  assert.equal(first.subject2, "x");
  assert.equal(first.data, 1);
  assert.equal(second.env, 'a"b');
  assert.deepEqual(second.data, { env: "inner" });
});

test("settings that cannot be used are refused by name, without a secret", async () => {
  assert.throws(
    () => open("http://127.0.0.1/", { headers: [["X-Token", new Secret("abc\ndef")]] }),
    (error: Error) => error.message.includes("x-token") && !error.message.includes("abc"),
  );
  assert.throws(
    () => open("http://127.0.0.1/", { headers: [["Content-Type", new Secret("text/plain")]] }),
    /content-type/,
  );
  assert.throws(() => open("ftp://127.0.0.1/"), /http or https/);
  assert.throws(() => open("http://127.0.0.1/", { overrides: { Env: "x" } }), /K_CE_OVERRIDES: "Env"/);
  assert.throws(() => open("http://127.0.0.1/", { overrides: { type: "x" } }), /K_CE_OVERRIDES: "type"/);
});

test("credentials in the URL become a header", async () => {
  await using receiver = await new Receiver().listen();
  const url = new URL(receiver.url());
  url.username = "al ice";
  url.password = "p:w";
  await using sink = open(url.href);
  await sink.send(sinkEvents({ id: "1" }), NEVER);
  const expected = `Basic ${Buffer.from("al ice:p:w").toString("base64")}`;
  assert.equal(receiver.requests[0]?.headers.authorization, expected);
});

function open(
  endpoint: string,
  settings: Partial<HttpSinkSettings> = {},
  recorder: FactsOfTest = new FactsOfTest(),
  clock: Clock = systemClock,
): Sink & AsyncDisposable {
  return openSink(
    endpoint,
    { flushIntervalMs: 1_000, maxInFlight: 16, ...settings },
    { clock, facts: recorder },
  );
}
