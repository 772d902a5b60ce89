/** The emitter with a directory: what one process leaves behind, and who may use it. */
import assert from "node:assert/strict";
import { symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { EmitterOptions, Loss } from "@coresdk/opentelemetry";
import { createPipeline, type Pipeline, systemClock, systemRandom } from "@coresdk/pipeline";
import { createDirectory } from "../directory.ts";
import { emitTo, receive, source } from "./in-process-receiver.ts";
import type { LogInit, Sdk } from "./in-process-sdk.ts";
import type { Receiver } from "./receiver.ts";

const named = { eventName: "com.acme.order.created" };

export function testDirectories(sdk: Sdk): void {
  /**
   * What a process left in its directory when it ended while the receiver took nothing; with the options of the
   * next one, and a receiver that still takes nothing.
   */
  async function leaveBehind(
    t: TestContext,
    ...records: readonly LogInit[]
  ): Promise<{ receiver: Receiver; options: EmitterOptions }> {
    const receiver = await receive(t);
    receiver.answer(() => 503);
    const options = emitTo(receiver, { queue: { dir: createDirectory(t) }, flushTimeoutMs: 200 });
    const logs = sdk.createLogs(new sdk.CloudEventEmitter(options));
    for (const record of records) logs.emit(record);
    // The queue may take longer to open than the shutdown has.
    await receiver.untilRequests(1);
    await logs.shutdown();
    return { receiver, options };
  }

  /** As another process would. */
  function holdDirectory(dir: string): Promise<Pipeline> {
    const wrap = {
      source,
      tenant: undefined,
      extensions: [],
      fixedExtensions: {},
      data: "attributes",
      order: "none",
    } as const;
    const retry = { initialIntervalMs: 1_000, maxIntervalMs: 1_000, maxAgeMs: 1_000 };
    const queue = { kind: "disk", dir, durability: "sync", maxBytes: 1e9, ring: false } as const;
    const ports = {
      clock: systemClock,
      random: systemRandom,
      facts: { record() {} },
      onFatal: (error: Error) => assert.fail(error),
    };
    return createPipeline({ wrap, queue, sinks: [], retry }, ports);
  }

  test("with a directory, what the last process left is delivered without an event", async (t) => {
    const { receiver, options } = await leaveBehind(t, named, named, named);
    const requests = receiver.requests.length;
    const emitter = new sdk.CloudEventEmitter(options);
    await receiver.untilRequests(requests + 1);
    await assert.rejects(emitter.forceFlush(), { name: "UndeliveredError", remaining: 3 });
    receiver.answer(() => 200);
    await emitter.forceFlush({ timeoutMillis: 60_000 });
    assert.equal(receiver.events.length, 3);
    await emitter.shutdown();
  });

  test("with a directory, a shutdown without an event delivers what the last process left", async (t) => {
    const { receiver, options } = await leaveBehind(t, named);
    receiver.answer(() => 200);
    await new sdk.CloudEventEmitter({ ...options, flushTimeoutMs: 60_000 }).shutdown();
    assert.equal(receiver.events.length, 1);
  });

  test("a directory that cannot be opened is told without an event: warning and forceFlush", async (t) => {
    const lines: string[] = [];
    t.after(sdk.captureDiagnostics(lines));
    const dir = createDirectory(t);
    const receiver = await receive(t);
    const options = emitTo(receiver, { queue: { dir } });
    const holder = await holdDirectory(dir);
    const late = new sdk.CloudEventEmitter(options);
    await assert.rejects(late.forceFlush(), /^Error: the queue could not be opened: .* is in use/);
    await late.shutdown();
    assert.match(
      lines.join("\n"),
      /^error @coresdk\/opentelemetry .*the queue could not be opened: .* is in use/,
    );
    assert.match(
      lines.join("\n"),
      /^warn @coresdk\/opentelemetry What waits in queue\.dir was not delivered/m,
    );
    await holder.close(0);
  });

  test("of two emitters with one directory the second is refused at once, until the first is shut down", async (t) => {
    const dir = createDirectory(t);
    const receiver = await receive(t);
    const link = `${dir}-link`;
    await symlink(dir, link);
    t.after(() => unlink(link));
    const first = new sdk.CloudEventEmitter(emitTo(receiver, { queue: { dir: join(dir, "queue") } }));
    for (const other of [join(dir, "queue"), `${dir}//queue/`, join(link, "queue")]) {
      assert.throws(() => new sdk.CloudEventEmitter(emitTo(receiver, { queue: { dir: other } })), {
        message: /^CloudEventEmitter: queue\.dir .* belongs to another emitter of this process/,
      });
    }
    const logs = sdk.createLogs(first);
    logs.emit(named);
    await logs.shutdown();
    assert.equal(receiver.events.length, 1);
    const second = new sdk.CloudEventEmitter(emitTo(receiver, { queue: { dir: join(link, "queue") } }));
    await second.shutdown();
  });

  test("with a directory, what the shutdown could not deliver is delivered after the next start", async (t) => {
    const { receiver, options } = await leaveBehind(t, { eventName: "com.acme.kept" });
    receiver.answer(() => 200);
    const second = sdk.createLogs(new sdk.CloudEventEmitter({ ...options, flushTimeoutMs: 60_000 }));
    second.emit({ eventName: "com.acme.next" });
    await second.shutdown();
    assert.deepEqual(
      receiver.events.map(({ type }) => type),
      ["com.acme.kept", "com.acme.next"],
    );
  });

  test("with a directory full of dead letters, the oldest give way to new events, after a restart too", async (t) => {
    const losses: Loss[] = [];
    const onLoss = (loss: Loss): void => void losses.push(loss);
    const receiver = await receive(t);
    receiver.answer(() => 400);
    const queue = { dir: createDirectory(t), maxBytes: 50_000 };
    const options = emitTo(receiver, { queue, onLoss, flushTimeoutMs: 60_000 });
    const emitter = new sdk.CloudEventEmitter(options);
    const logs = sdk.createLogs(emitter);
    const large = { ...named, attributes: { text: "x".repeat(5_000) } };
    for (let i = 0; i < 8; i++) logs.emit(large);
    await emitter.forceFlush();
    receiver.answer(() => 200);
    logs.emit(large);
    await logs.shutdown();
    const next = sdk.createLogs(new sdk.CloudEventEmitter(options));
    for (let i = 0; i < 3; i++) next.emit(large);
    await next.shutdown();
    assert.equal(receiver.events.length, 4);
    assert.deepEqual(new Set(losses.map(({ reason }) => reason)), new Set(["dead_lettered"]));
    assert.equal(
      losses.reduce((sum, { count }) => sum + count, 0),
      8,
    );
  });

  test("with a directory, what is emitted while a shutdown runs is delivered, and then the directory is free", async (t) => {
    const receiver = await receive(t);
    const options = emitTo(receiver, { queue: { dir: createDirectory(t) }, flushTimeoutMs: 60_000 });
    const emitter = new sdk.CloudEventEmitter(options);
    const logs = sdk.createLogs(emitter);
    logs.emit(named);
    await emitter.forceFlush();
    logs.emit(named);
    const shutdown = emitter.shutdown();
    for (let i = 0; i < 5; i++) logs.emit(named);
    await shutdown;
    assert.equal(receiver.events.length, 7);
    const second = new sdk.CloudEventEmitter(options);
    await second.forceFlush();
    await second.shutdown();
  });

  test("with a directory that another emitter has by now, what is emitted after the shutdown is told as lost", async (t) => {
    const receiver = await receive(t);
    const losses: Loss[] = [];
    const options = emitTo(receiver, { queue: { dir: createDirectory(t) }, flushTimeoutMs: 60_000 });
    const first = new sdk.CloudEventEmitter({ ...options, onLoss: (loss) => losses.push(loss) });
    const logs = sdk.createLogs(first);
    logs.emit(named);
    await first.shutdown();
    const second = new sdk.CloudEventEmitter(options);
    logs.emit(named);
    await first.forceFlush();
    assert.deepEqual(
      losses.map(({ reason, count }) => [reason, count]),
      [["failed", 1]],
    );
    assert.match(losses[0]?.detail ?? "", /queue\.dir .* belongs to another emitter of this process/);
    const others = sdk.createLogs(second);
    others.emit(named);
    await others.shutdown();
    assert.equal(receiver.events.length, 2);
  });

  test("with a directory that is free, what is emitted after the shutdown is delivered, and it is free again", async (t) => {
    const receiver = await receive(t);
    const options = emitTo(receiver, { queue: { dir: createDirectory(t) }, flushTimeoutMs: 60_000 });
    const emitter = new sdk.CloudEventEmitter(options);
    const logs = sdk.createLogs(emitter);
    logs.emit(named);
    await emitter.shutdown();
    logs.emit(named);
    await emitter.shutdown();
    assert.equal(receiver.events.length, 2);
    await new sdk.CloudEventEmitter(options).shutdown();
  });
}
