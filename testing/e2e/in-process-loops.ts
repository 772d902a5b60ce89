/** The emitter whose own requests are instrumented, and nothing keeps OTel's context: it must not feed itself. */
import assert from "node:assert/strict";
import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import type { CloudEventEmitter, EmitterOptions, Loss } from "@coresdk/opentelemetry";
import type { Sdk } from "./in-process-sdk.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

type Context = { after(end: () => unknown): void };

export function testLoops(sdk: Sdk): void {
  async function setUp(
    t: Context,
    options: Partial<EmitterOptions> = {},
    binding: Partial<Extract<EmitterOptions["binding"], { kind: "http" }>> = {},
  ): Promise<{ receiver: Receiver; emitter: CloudEventEmitter }> {
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const emitter = new sdk.CloudEventEmitter({
      source: "https://orders.acme.com",
      binding: { kind: "http", endpoint: receiver.url, ...binding },
      retry: { initialIntervalMs: 1, maxIntervalMs: 5 },
      flushTimeoutMs: 60_000,
      ...options,
    });
    return { receiver, emitter };
  }
  const namesOf = (receiver: Receiver): unknown[] => receiver.events.map(({ data }) => data?.["name"]);

  test("without a context manager, an instrumented client does not make the emitter feed itself", async (t) => {
    const { receiver, emitter } = await setUp(t, {}, { maxInFlight: 2 });
    const traced = sdk.instrumentUndiciInto(emitter);
    for (let i = 0; i < 10; i++) traced.trace(`work ${i}`);
    await receiver.until(10);
    traced.trace("later, over the same connections");
    await receiver.until(11);
    await traced.end();
    assert.equal(receiver.requests.length, 11);
    assert.equal(namesOf(receiver).at(-1), "later, over the same connections");
  });

  test("without a context manager, other requests of the application are events still", async (t) => {
    const { receiver, emitter } = await setUp(t);
    const other = await startReceiver();
    t.after(() => other.close());
    const traced = sdk.instrumentUndiciInto(emitter);
    await (await fetch(other.url, { method: "POST" })).text();
    await receiver.until(1);
    await traced.end();
    assert.deepEqual(namesOf(receiver), ["POST"]);
  });

  test("without a context manager, attempts that fail, a flush and a shutdown make no events", async (t) => {
    const { receiver, emitter } = await setUp(t, {}, { batchSize: 50, flushSecs: 3_600 });
    let failures = 5;
    receiver.answer(() => (failures-- > 0 ? 500 : 200));
    const traced = sdk.instrumentUndiciInto(emitter);
    traced.trace("a");
    await emitter.forceFlush();
    assert.deepEqual(namesOf(receiver), ["a"]);
    assert.equal(receiver.requests.length, 6);
    traced.trace("b");
    await traced.end();
    assert.deepEqual(namesOf(receiver), ["a", "b"]);
    assert.equal(receiver.requests.length, 7);
  });

  test("without a context manager, two emitters do not feed each other", async (t) => {
    const first = await setUp(t);
    const second = await setUp(t);
    const traced = sdk.instrumentUndiciInto(first.emitter);
    const alsoTraced = sdk.instrumentUndiciInto(second.emitter);
    traced.trace("a");
    alsoTraced.trace("b");
    await Promise.all([first.receiver.until(1), second.receiver.until(1)]);
    await traced.end();
    await alsoTraced.end();
    assert.deepEqual([namesOf(first.receiver), namesOf(second.receiver)], [["a"], ["b"]]);
  });

  test("a span for each connection does not make the emitter feed itself, with Kafka too", async (t) => {
    const { emitter } = await setUp(t, {
      binding: { kind: "kafka", brokers: ["127.0.0.1:1"], topic: "events", timeoutMs: 1_000 },
      flushTimeoutMs: 100,
    });
    const traced = sdk.instrumentUndiciInto(emitter);
    const connections: string[] = [];
    const connected = (): void => {
      connections.push("connection");
      traced.trace("connection");
    };
    // As instrumentations do it: at once, in the call that connects.
    subscribe("net.client.socket", connected);
    t.after(() => unsubscribe("net.client.socket", connected));
    traced.trace("a");
    while (connections.length < 3) {
      await assert.rejects(emitter.forceFlush({ timeoutMillis: 100 }), { remaining: 1 });
    }
    await assert.rejects(emitter.shutdown(), { remaining: 1 });
    await traced.end().catch(() => {});
  });

  test("what onLoss emits is taken, although a delivery calls it", async (t) => {
    const losses: Loss[] = [];
    const { receiver, emitter } = await setUp(t, {
      onLoss: (loss) => {
        losses.push(loss);
        logs.emit({ eventName: "com.acme.lost" });
      },
    });
    receiver.answer(({ events: [event] }) => (event?.type === "com.acme.bad" ? 400 : 200));
    const logs = sdk.createLogs(emitter);
    logs.emit({ eventName: "com.acme.bad" });
    await receiver.until(1);
    await logs.shutdown();
    assert.deepEqual(
      receiver.events.map(({ type }) => type),
      ["com.acme.lost"],
    );
    assert.deepEqual(
      losses.map(({ reason }) => reason),
      ["dead_lettered"],
    );
  });

  test("no request that emits is kept alive by the emitter, nor seen by onLoss", async (t) => {
    const requests = new AsyncLocalStorage<{ readonly name: string }>();
    const seen: unknown[] = [];
    const onLoss = (): void => void seen.push(requests.getStore());
    const { receiver, emitter } = await setUp(t, { onLoss });
    receiver.answer(({ events: [event] }) => (event?.type === "com.acme.bad" ? 400 : 200));
    const begun: unknown[] = [];
    // What is begun in a request's context holds that context: timers, sockets, and promises that are awaited.
    const hook = createHook({
      init: (_id, type) => {
        if (
          requests.getStore() !== undefined &&
          /^(Timeout|Immediate|TCP|MESSAGEPORT|WORKER|HTTP)/.test(type)
        ) {
          begun.push(type);
        }
      },
    });
    const logs = sdk.createLogs(emitter);
    hook.enable();
    requests.run({ name: "a" }, () => {
      logs.emit({ eventName: "com.acme.good" });
      logs.emit({ eventName: "com.acme.bad" });
    });
    await receiver.untilRequests(2);
    requests.run({ name: "b" }, () => logs.emit({ eventName: "com.acme.bad" }));
    await receiver.untilRequests(3);
    hook.disable();
    await logs.shutdown();
    assert.deepEqual(begun, []);
    assert.deepEqual(seen, [undefined, undefined]);
  });

  test("an emitter made in a request does its work outside of it", async (t) => {
    const requests = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    receiver.answer(() => 400);
    const emitter = requests.run("a", () => {
      return new sdk.CloudEventEmitter({
        binding: { kind: "http", endpoint: receiver.url },
        onLoss: () => void seen.push(requests.getStore()),
      });
    });
    const logs = sdk.createLogs(emitter);
    requests.run("b", () => logs.emit({ eventName: "com.acme.bad" }));
    await logs.shutdown();
    assert.deepEqual(seen, [undefined]);
  });

  test("a diagnostics logger that throws does not end the application when an event is turned down", async (t) => {
    const { receiver, emitter } = await setUp(t);
    receiver.answer(() => 400);
    const lines: string[] = [];
    // Nothing can be added to it, so that the logger which does throws.
    Object.freeze(lines);
    t.after(sdk.captureDiagnostics(lines));
    const logs = sdk.createLogs(emitter);
    logs.emit({ eventName: "com.acme.bad" });
    await logs.shutdown();
    assert.equal(receiver.requests.length, 1);
  });
}
