/** Log events of a real SDK, delivered by the emitter to a real receiver. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Loss } from "@coresdk/opentelemetry";
import { createDirectory } from "../directory.ts";
import { emitTo, receive, source } from "./in-process-receiver.ts";
import type { Sdk, Value } from "./in-process-sdk.ts";
import type { ReceivedEvent } from "./receiver.ts";

const span = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", traceFlags: 1 };
const time: [number, number] = [1_773_930_900, 0];
const decision = {
  eventName: "io.coresdk.policy.decision",
  timestamp: time,
  attributes: {
    "coresdk.tenant_id": "acme",
    "coresdk.user_id": "usr_2xK9",
    "coresdk.policy.action": "orders:create",
    "coresdk.policy.result": "allowed",
    "coresdk.policy.latency_us": 43,
  },
};

/** The event as text, in the order in which it came, without what differs from run to run. */
function withoutId({ id, ...rest }: ReceivedEvent): string {
  assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  return JSON.stringify(rest);
}

export function testLogs(sdk: Sdk): void {
  test("only the events that the policy allows arrive, and those it denies are no loss", async (t) => {
    const receiver = await receive(t);
    const dir = createDirectory(t);
    const rego =
      'package acme["cloudevents-egress"]\n\nallow if input.subject == "tenant/acme/user/usr_2xK9"\n';
    await writeFile(join(dir, "egress.rego"), rego);
    const lost: Loss[] = [];
    const policy = { package: "acme/cloudevents-egress", dir, deadlineMs: 10_000 };
    const emitter = new sdk.CloudEventEmitter(
      emitTo(receiver, { policy, onLoss: (loss) => lost.push(loss) }),
    );
    const logs = sdk.createLogs(emitter);
    logs.emit({ eventName: "com.acme.order.created" });
    logs.emit(decision);
    await logs.shutdown();
    assert.deepEqual(
      receiver.events.map(({ type }) => type),
      ["io.coresdk.policy.decision"],
    );
    assert.deepEqual(lost, []);
  });

  test("a policy that does not compile lets nothing out, and says where it is wrong", async (t) => {
    const receiver = await receive(t);
    const dir = createDirectory(t);
    await writeFile(join(dir, "egress.rego"), "package a\n\nallow if x > 1\n");
    const lost: Loss[] = [];
    const options = emitTo(receiver, { policy: { package: "a", dir }, onLoss: (loss) => lost.push(loss) });
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(options));
    logs.emit(decision);
    await logs.shutdown();
    assert.equal(receiver.events.length, 0);
    assert.equal(lost[0]?.reason, "failed");
    assert.match(lost[0]?.detail ?? "", /egress\.rego:3:\d+: /);
  });

  test("a policy decision arrives as the documented event, with its trace", async (t) => {
    const receiver = await receive(t);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver)));
    logs.emit({ ...decision, within: span });
    await logs.shutdown();
    const [event] = receiver.events;
    assert.ok(event !== undefined);
    const { traceparent, ...rest } = event;
    assert.equal(traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    assert.equal(
      withoutId(rest),
      '{"specversion":"1.0","type":"io.coresdk.policy.decision","source":"https://orders.acme.com",' +
        '"subject":"tenant/acme/user/usr_2xK9","time":"2026-03-19T14:35:00Z","datacontenttype":"application/json",' +
        '"data":{"tenant_id":"acme","user_id":"usr_2xK9","action":"orders:create","result":"allowed",' +
        '"policy_latency_us":43,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}}',
    );
    assert.equal(
      receiver.requests[0]?.headers["content-type"]?.split(";")[0],
      "application/cloudevents+json",
    );
  });

  test("a verified login without a span arrives as the documented event", async (t) => {
    const receiver = await receive(t);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver)));
    logs.emit({
      eventName: "io.coresdk.auth.verified",
      timestamp: time,
      attributes: {
        "coresdk.tenant_id": "acme",
        "coresdk.user_id": "usr_2xK9",
        "coresdk.auth.method": "jwt",
        "coresdk.auth.result": "allowed",
        trace_id: span.traceId,
      },
    });
    await logs.shutdown();
    const [event] = receiver.events;
    assert.ok(event !== undefined);
    assert.equal(
      withoutId(event),
      '{"specversion":"1.0","type":"io.coresdk.auth.verified","source":"https://orders.acme.com",' +
        '"subject":"tenant/acme/user/usr_2xK9","time":"2026-03-19T14:35:00Z","datacontenttype":"application/json",' +
        '"data":{"tenant_id":"acme","user_id":"usr_2xK9","auth_method":"jwt","result":"allowed",' +
        '"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}}',
    );
  });

  test("the tracestate of the span goes with the event", async (t) => {
    const receiver = await receive(t);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver)));
    logs.emit({ ...decision, within: { ...span, traceState: "acme=1,other=t61" } });
    await logs.shutdown();
    assert.equal(receiver.events[0]?.tracestate, "acme=1,other=t61");
  });

  test("records that are no events pass by, and every way to name an event counts", async (t) => {
    const receiver = await receive(t);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver)));
    logs.emit({ body: "started" });
    logs.emit({ body: "a", attributes: { "otel.event.name": "com.acme.a" } });
    logs.emit({ body: { b: [1, null] }, attributes: { "event.name": "com.acme.b" } });
    await logs.shutdown();
    assert.deepEqual(
      receiver.events.map(({ type, data }) => [type, data]),
      [
        ["com.acme.a", { body: "a" }],
        ["com.acme.b", { body: { b: [1, null] } }],
      ],
    );
  });

  test("the source is made from the resource when none is given, detectors that are still at work included", async (t) => {
    const receiver = await receive(t);
    const { source: _, ...options } = emitTo(receiver);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(options), {
      "service.namespace": "shop",
      "service.name": Promise.resolve("orders"),
    });
    logs.emit(decision);
    await logs.shutdown();
    assert.equal(receiver.events[0]?.source, "/shop/orders");
  });

  test("one user's events arrive in the order of the calls, in batches of the size asked for", async (t) => {
    const receiver = await receive(t);
    const binding = { kind: "http", endpoint: receiver.url, batchSize: 50, flushSecs: 3_600 } as const;
    const logs = sdk.createLogs(new sdk.CloudEventEmitter({ source, binding }));
    for (let i = 0; i < 120; i++) {
      logs.emit({ eventName: "com.acme.step", attributes: { "tenant.id": "acme", "user.id": "u1", n: i } });
    }
    await logs.forceFlush();
    assert.deepEqual(
      receiver.events.map(({ data }) => data?.["n"]),
      Array.from({ length: 120 }, (_, i) => i),
    );
    assert.equal(receiver.requests.length, 3);
    for (const { headers } of receiver.requests) {
      assert.match(headers["content-type"] ?? "", /^application\/cloudevents-batch\+json/);
    }
    await logs.shutdown();
  });

  test("what the application changes after the call is not in the event", async (t) => {
    const receiver = await receive(t);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver)));
    const body = { state: "before" };
    logs.emit({ eventName: "com.acme.a", body });
    body.state = "after";
    await logs.shutdown();
    assert.deepEqual(receiver.events[0]?.data, { body: { state: "before" } });
  });

  test("a body that refers to itself is cut there and told in a metric", async (t) => {
    const receiver = await receive(t);
    const metrics = sdk.captureMetrics();
    t.after(() => metrics.end());
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver)));
    const body: Record<string, Value> = { n: 1 };
    body["self"] = body;
    logs.emit({ eventName: "com.acme.a", body });
    await logs.shutdown();
    assert.deepEqual(receiver.events[0]?.data, { body: { n: 1, self: "[circular]" } });
    assert.equal((await metrics.read())["coresdk.emitter.values_replaced"], 1);
  });

  test("forceFlush says how many events are left while the receiver is down, and they arrive when it is back", async (t) => {
    const receiver = await receive(t);
    receiver.answer(() => 503);
    const retry = { initialIntervalMs: 10, maxIntervalMs: 20 };
    const emitter = new sdk.CloudEventEmitter(emitTo(receiver, { retry }));
    const logs = sdk.createLogs(emitter);
    for (let i = 0; i < 3; i++) logs.emit(decision);
    await assert.rejects(emitter.forceFlush({ timeoutMillis: 200 }), {
      name: "UndeliveredError",
      remaining: 3,
      message: "3 events were not delivered in time; they stay in the queue",
    });
    receiver.answer(() => 200);
    await logs.forceFlush();
    assert.equal(receiver.events.length, 3);
    await logs.shutdown();
  });

  test("shutdown says how many events the memory queue lost: rejection, callback, warning and counter", async (t) => {
    const lines: string[] = [];
    t.after(sdk.captureDiagnostics(lines));
    const metrics = sdk.captureMetrics();
    t.after(() => metrics.end());
    const receiver = await receive(t);
    receiver.answer(() => 503);
    const losses: Loss[] = [];
    const onLoss = (loss: Loss): void => void losses.push(loss);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver, { onLoss, flushTimeoutMs: 200 })));
    logs.emit(decision);
    logs.emit(decision);
    await assert.rejects(logs.shutdown(), { name: "UndeliveredError", remaining: 2 });
    assert.deepEqual(losses, [
      { reason: "undelivered", count: 2, detail: "not delivered before the shutdown ended" },
    ]);
    assert.ok(
      lines.some((line) =>
        line.startsWith(
          "warn @coresdk/opentelemetry Events that will not be delivered: 2 reason=undelivered",
        ),
      ),
    );
    assert.equal((await metrics.read())["coresdk.emitter.lost"], 2);
  });

  test("a full queue is told by callback, warning and counter, and the application goes on", async (t) => {
    const lines: string[] = [];
    t.after(sdk.captureDiagnostics(lines));
    const metrics = sdk.captureMetrics();
    t.after(() => metrics.end());
    const receiver = await receive(t);
    receiver.answer(() => "hold");
    const losses: Loss[] = [];
    const onLoss = (loss: Loss): void => void losses.push(loss);
    const options = { queue: { maxBytes: 4_096 }, onLoss, flushTimeoutMs: 50 };
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver, options)));
    for (let i = 0; i < 100; i++) logs.emit({ ...decision, attributes: { ...decision.attributes, n: i } });
    await receiver.untilRequests(1);
    await assert.rejects(logs.shutdown(), { name: "UndeliveredError" });
    const [first] = losses;
    assert.equal(first?.reason, "full");
    const lost = losses.reduce((sum, { count }) => sum + count, 0);
    assert.equal(lost, 100, "each event is told: refused at first, undelivered at last");
    assert.equal((await metrics.read())["coresdk.emitter.lost"], 100);
    assert.ok(
      lines.some((line) =>
        line.startsWith("warn @coresdk/opentelemetry Events that will not be delivered: 1 reason=full"),
      ),
    );
  });

  test("an event that the receiver turns down for good is told, and its neighbours arrive", async (t) => {
    const receiver = await receive(t);
    receiver.answer(({ events: [event] }) => (event?.type === "com.acme.bad" ? 400 : 202));
    const losses: Loss[] = [];
    const onLoss = (loss: Loss): void => void losses.push(loss);
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(emitTo(receiver, { onLoss })));
    for (const eventName of ["com.acme.a", "com.acme.bad", "com.acme.c"]) logs.emit({ eventName });
    await logs.shutdown();
    assert.deepEqual(receiver.events.map(({ type }) => type).sort(), ["com.acme.a", "com.acme.c"]);
    assert.deepEqual(
      losses.map(({ reason, count }) => [reason, count]),
      [["dead_lettered", 1]],
    );
  });

  test("an event with an illegal type is told as refused, and its neighbours arrive", async (t) => {
    const receiver = await receive(t);
    const losses: Loss[] = [];
    const logs = sdk.createLogs(
      new sdk.CloudEventEmitter(emitTo(receiver, { onLoss: (loss) => void losses.push(loss) })),
    );
    logs.emit({ eventName: "com.acme.a" });
    logs.emit({ eventName: "com.acme.\u0000b" });
    logs.emit({ eventName: "com.acme.c" });
    await logs.shutdown();
    assert.deepEqual(
      receiver.events.map(({ type }) => type),
      ["com.acme.a", "com.acme.c"],
    );
    assert.deepEqual(
      losses.map(({ reason, count }) => [reason, count]),
      [["refused", 1]],
    );
    assert.match(losses[0]?.detail ?? "", /^type must be/);
  });
}
