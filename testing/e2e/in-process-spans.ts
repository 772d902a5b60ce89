/** Spans of a real SDK as events, and the emitter between two providers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmitterOptions, Loss } from "@coresdk/opentelemetry";
import type { Sdk } from "./in-process-sdk.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const source = "https://orders.acme.com";
const parent = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", traceFlags: 1 };

export function testSpans(sdk: Sdk): void {
  async function setUp(
    t: { after(end: () => unknown): void },
    options: Partial<EmitterOptions> = {},
  ): Promise<{ receiver: Receiver; emitter: InstanceType<Sdk["CloudEventEmitter"]> }> {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const binding = { kind: "http", endpoint: receiver.url } as const;
    return { receiver, emitter: new sdk.CloudEventEmitter({ source, binding, ...options }) };
  }
  const types = (receiver: Receiver): string[] => receiver.events.map(({ type }) => type);

  test("an ended span arrives as an event with the documented data", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const traces = sdk.createTraces(emitter);
    traces.trace({
      name: "POST /orders",
      server: true,
      failed: "declined",
      attributes: { "http.route": "/orders", "coresdk.tenant_id": "acme", "coresdk.user_id": "usr_2xK9" },
      startTime: [1_773_930_899, 999_000_000],
      endTime: [1_773_930_900, 1_500_000],
      parent: { ...parent, traceState: "acme=1" },
    });
    await traces.shutdown();
    const [event] = receiver.events;
    assert.ok(event !== undefined);
    const spanId = String(event.data?.["span_id"]);
    assert.match(spanId, /^[0-9a-f]{16}$/);
    assert.equal(event.type, "io.coresdk.span.ended");
    assert.equal(event.subject, "tenant/acme/user/usr_2xK9");
    assert.equal(event.time, "2026-03-19T14:35:00.001500Z");
    assert.equal(event.traceparent, `00-${parent.traceId}-${spanId}-01`);
    assert.equal(event.tracestate, "acme=1");
    assert.deepEqual(event.data, {
      name: "POST /orders",
      kind: "server",
      status: "error",
      start_time: "2026-03-19T14:34:59.999Z",
      duration_us: 2_500,
      attributes: { "http.route": "/orders", "coresdk.tenant_id": "acme", "coresdk.user_id": "usr_2xK9" },
      trace_id: parent.traceId,
      span_id: spanId,
      parent_span_id: parent.spanId,
    });
  });

  test("marked: only spans that name an event type become events", async (t) => {
    const { receiver, emitter } = await setUp(t, { spans: "marked" });
    const traces = sdk.createTraces(emitter);
    traces.trace({ name: "plain" });
    traces.trace({ name: "a", attributes: { "cloudevents.event_type": "com.acme.a" } });
    traces.trace({ name: "b", attributes: { "coresdk.event_type": "com.acme.b" } });
    traces.trace({ name: "c", attributes: { "coresdk.event_type": "" } });
    await traces.shutdown();
    assert.deepEqual(types(receiver), ["com.acme.a", "com.acme.b"]);
  });

  test("a predicate chooses the spans, and one that throws costs its span alone, and is named", async (t) => {
    const losses: Loss[] = [];
    const { receiver, emitter } = await setUp(t, {
      spans: ({ name, attributes }) => {
        if (name === "broken") throw new RangeError("no");
        return attributes["wanted"] === true;
      },
      onLoss: (loss) => void losses.push(loss),
    });
    const traces = sdk.createTraces(emitter);
    traces.trace({ name: "unwanted" });
    traces.trace({ name: "broken" });
    traces.trace({ name: "wanted", attributes: { wanted: true } });
    await traces.shutdown();
    assert.deepEqual(
      receiver.events.map(({ data }) => data?.["name"]),
      ["wanted"],
    );
    assert.deepEqual(losses, [{ reason: "failed", count: 1, detail: "the function spans threw RangeError" }]);
  });

  test("a predicate that is async, or answers something else than true, lets no span through and is told once", async (t) => {
    const lines: string[] = [];
    t.after(sdk.captureDiagnostics(lines));
    const refused = Promise.reject(new Error("no"));
    const answers = { a: Promise.resolve(true), b: refused, c: "yes", d: 1, wanted: true };
    const { receiver, emitter } = await setUp(t, { spans: ({ name }) => Reflect.get(answers, name) });
    const traces = sdk.createTraces(emitter);
    for (const name of ["a", "b", "c", "d", "e"]) traces.trace({ name });
    traces.trace({ name: "wanted" });
    await traces.shutdown();
    assert.deepEqual(
      receiver.events.map(({ data }) => data?.["name"]),
      ["wanted"],
    );
    assert.deepEqual(
      lines.filter((line) => line.includes("spans must answer")),
      [
        "warn @coresdk/opentelemetry spans must answer true or false, and answered a promise: such spans are no events",
      ],
    );
  });

  test("span events of a known type, or marked as one, arrive as log events do, before their span", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const traces = sdk.createTraces(emitter);
    traces.trace({
      name: "checkout",
      parent,
      events: [
        { name: "exception", attributes: { "exception.message": "no event" } },
        {
          name: "io.coresdk.auth.denied",
          attributes: { "coresdk.tenant_id": "acme", "coresdk.auth.result": "denied" },
        },
        { name: "charged", attributes: { "cloudevents.event_type": "com.acme.charged", amount: 9.5 } },
      ],
    });
    await traces.shutdown();
    assert.deepEqual(types(receiver), [
      "io.coresdk.auth.denied",
      "com.acme.charged",
      "io.coresdk.span.ended",
    ]);
    const [denied, charged, ended] = receiver.events;
    const spanId = ended?.data?.["span_id"];
    assert.equal(denied?.subject, "tenant/acme");
    assert.deepEqual(denied?.data, {
      tenant_id: "acme",
      result: "denied",
      trace_id: parent.traceId,
      span_id: spanId,
    });
    assert.deepEqual(charged?.data, { amount: 9.5, trace_id: parent.traceId, span_id: spanId });
    assert.equal(charged?.traceparent, `00-${parent.traceId}-${String(spanId)}-01`);
  });

  test("a marked span event without a tenant has its span's, else the resource's", async (t) => {
    const { receiver, emitter } = await setUp(t, { spans: () => false });
    const traces = sdk.createTraces(emitter, { resource: { "tenant.id": "resource" } });
    const events = [{ name: "charged", attributes: { "cloudevents.event_type": "com.acme.charged", n: 1 } }];
    traces.trace({ name: "a", attributes: { "tenant.id": "acme", "user.id": "usr_2xK9" }, events, parent });
    traces.trace({ name: "b", events, parent });
    await traces.shutdown();
    assert.deepEqual(
      receiver.events.map(({ subject }) => subject),
      ["tenant/acme/user/usr_2xK9", "tenant/resource"],
    );
    assert.equal(receiver.events[0]?.data?.["n"], 1);
    assert.equal("tenant.id" in (receiver.events[0]?.data ?? {}), false);
  });

  test("a span that is not sampled is no event, and neither are its span events", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const traces = sdk.createTraces(emitter, { sampled: false });
    traces.trace({ name: "a", events: [{ name: "io.coresdk.error" }] });
    await traces.shutdown();
    assert.equal(receiver.requests.length, 0);
  });

  test("eventFromSpan gives the same event as the emitter, frozen, with a fresh id", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const traces = sdk.createTraces(emitter, { resource: { "tenant.id": "acme" } });
    const span = traces.trace({ name: "a", attributes: { "cloudevents.event_type": "com.acme.a", n: 1 } });
    await traces.shutdown();
    const event = sdk.eventFromSpan(span, source);
    const again = sdk.eventFromSpan(span, source);
    assert.ok(Object.isFrozen(event));
    assert.notEqual(event.id, again.id);
    assert.deepEqual({ ...event, id: "" }, { ...receiver.events[0], id: "" });
    assert.equal(event.subject, "tenant/acme");
    assert.equal(event.data?.name, "a");
  });

  test("eventFromSpan takes log.record.uid as the id, as the emitter does", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const traces = sdk.createTraces(emitter);
    const span = traces.trace({ name: "a", attributes: { "log.record.uid": "uid-1" } });
    await traces.shutdown();
    assert.deepEqual([sdk.eventFromSpan(span, source).id, receiver.events[0]?.id], ["uid-1", "uid-1"]);
  });

  test("eventFromSpan names a wrong option, also one that was right the time before", async (t) => {
    const { emitter } = await setUp(t, { spans: () => false });
    const span = sdk.createTraces(emitter).trace({ name: "a" });
    sdk.eventFromSpan(span, source, { masking: {} });
    const cyclic: Record<string, unknown> = {};
    cyclic["blockedKeys"] = cyclic;
    for (const [given, said] of [
      [[undefined], "source must be a text that is not empty"],
      [[""], "source must be a text that is not empty"],
      [[source, null], "options must be a plain object"],
      [[source, { tenants: "x" }], "tenants is no option; there are tenant, extensions, masking"],
      [[source, { tenant: 5n }], "tenant must be a text that is not empty"],
      [[source, { tenant: "\ud800" }], "tenant must be a text without lone surrogates"],
      [
        [source, { extensions: ["nope"] }],
        "extensions must be a list of distributed-tracing, severity, recordedtime, partitioning, authcontext",
      ],
      [[source, { masking: new Map() }], "masking must be a plain object or false"],
      [[source, { masking: { literals: [5n] } }], "masking.literals[0] must be a text that is not empty"],
      [[source, { masking: { categories: { phone: 1 } } }], "masking.categories.phone must be true or false"],
      [[source, { masking: cyclic }], "masking.blockedKeys must be a list of texts"],
    ] as const) {
      assert.throws(() => Reflect.apply(sdk.eventFromSpan, undefined, [span, ...given]), {
        name: "TypeError",
        message: `eventFromSpan: ${said}`,
      });
    }
  });

  test("eventFromSpan refuses a span that goes on, one that is not recorded, and an illegal source or type", async (t) => {
    const { emitter } = await setUp(t, { spans: () => false });
    const traces = sdk.createTraces(emitter);
    assert.throws(() => sdk.eventFromSpan(traces.start({ name: "a" }), source), /span must have ended/);
    const unsampled = sdk.createTraces(emitter, { sampled: false }).trace({ name: "a" });
    assert.throws(() => sdk.eventFromSpan(unsampled, source), /must be a recorded span/);
    const span = traces.trace({ name: "a", attributes: { "cloudevents.event_type": "a\u0000" } });
    assert.throws(() => sdk.eventFromSpan(span, source), { name: "CloudEventError", attribute: "type" });
    const sound = traces.trace({ name: "a" });
    assert.throws(() => sdk.eventFromSpan(sound, "a b"), { name: "CloudEventError", attribute: "source" });
    for (const given of [undefined, null, "x", 5, {}]) {
      assert.throws(() => Reflect.apply(sdk.eventFromSpan, undefined, [given, source]), {
        name: "TypeError",
        message: "eventFromSpan: span must be a recorded span of the OpenTelemetry SDK",
      });
    }
    await traces.shutdown();
  });

  test("registered with two providers, the emitter closes at the last shutdown", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const logs = sdk.createLogs(emitter);
    const traces = sdk.createTraces(emitter);
    logs.emit({ eventName: "com.acme.a" });
    traces.trace({ name: "a" });
    await traces.shutdown();
    assert.deepEqual(types(receiver), ["com.acme.a", "io.coresdk.span.ended"]);
    logs.emit({ eventName: "com.acme.b" });
    await logs.shutdown();
    assert.deepEqual(types(receiver).slice(2), ["com.acme.b"]);
  });

  test("a provider that was silent until the other's shutdown is still delivered for", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const logs = sdk.createLogs(emitter);
    const traces = sdk.createTraces(emitter);
    logs.emit({ eventName: "com.acme.a" });
    await traces.shutdown();
    logs.emit({ eventName: "com.acme.b" });
    await receiver.until(2);
    traces.trace({ name: "late" });
    await receiver.until(3);
    await logs.shutdown();
    assert.deepEqual(types(receiver), ["com.acme.a", "com.acme.b", "io.coresdk.span.ended"]);
  });

  test("a tracer provider that is shut down twice costs no log record", async (t) => {
    const losses: Loss[] = [];
    const { receiver, emitter } = await setUp(t, { onLoss: (loss) => void losses.push(loss) });
    const logs = sdk.createLogs(emitter);
    const traces = sdk.createTraces(emitter);
    logs.emit({ eventName: "com.acme.a" });
    traces.trace({ name: "a" });
    await traces.shutdown();
    await traces.shutdown();
    logs.emit({ eventName: "com.acme.b" });
    await logs.shutdown();
    assert.deepEqual(types(receiver), ["com.acme.a", "io.coresdk.span.ended", "com.acme.b"]);
    assert.deepEqual(losses, []);
  });

  test("a span that ends after both shutdowns is told as closed, and throws nothing", async (t) => {
    const losses: Loss[] = [];
    const { receiver, emitter } = await setUp(t, { onLoss: (loss) => void losses.push(loss) });
    const logs = sdk.createLogs(emitter);
    const traces = sdk.createTraces(emitter);
    logs.emit({ eventName: "com.acme.a" });
    await Promise.all([logs.shutdown(), traces.shutdown()]);
    traces.trace({ name: "late" });
    assert.deepEqual(losses, [
      { reason: "closed", count: 1, detail: "a span that ended after the shutdown" },
    ]);
    assert.deepEqual(types(receiver), ["com.acme.a"]);
  });

  test("its own requests are not traced, so that it never feeds itself", async (t) => {
    const spans: string[] = [];
    const endInstrumentation = sdk.instrumentUndici(spans);
    t.after(endInstrumentation);
    const { receiver, emitter } = await setUp(t);
    const other = await startReceiver();
    t.after(() => other.close());
    await fetch(other.url, { method: "POST" });
    assert.equal(spans.length, 1, "the instrumentation is at work");
    const logs = sdk.createLogs(emitter);
    const traces = sdk.createTraces(emitter);
    for (let i = 0; i < 20; i++) {
      logs.emit({ eventName: "com.acme.a", within: parent });
      traces.trace({ name: "a" });
    }
    await receiver.until(40);
    await Promise.all([logs.shutdown(), traces.shutdown()]);
    assert.equal(receiver.events.length, 40);
    assert.ok(receiver.requests.every(({ headers }) => headers["traceparent"] === undefined));
    assert.deepEqual(spans.length, 1);
  });
}
