/** Records that are not what their types say, beside sound ones: nobody but the odd one itself may be worse off. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { CloudEventEmitter, type EmitterOptions, type Loss } from "@coresdk/opentelemetry";
import fc from "fast-check";

interface Received {
  readonly type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

async function setUp(t: TestContext, options: Partial<EmitterOptions>) {
  const events: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      events.push(...[JSON.parse(Buffer.concat(chunks).toString())].flat());
      response.writeHead(204).end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const address: AddressInfo | string | null = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const losses: Loss[] = [];
  const emitter = new CloudEventEmitter({
    source: "/orders",
    binding: { kind: "http", endpoint: `http://127.0.0.1:${address.port}/`, batchSize: 100 },
    flushTimeoutMs: 60_000,
    onLoss: (loss) => losses.push(loss),
    ...options,
  });
  return { emitter, events, losses };
}

const spanContext = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  traceFlags: 1,
};

function soundRecord(eventName: string) {
  return {
    eventName,
    hrTime: [1_773_930_900, 0],
    hrTimeObserved: [1_773_930_900, 0],
    spanContext,
    severityNumber: 9,
    severityText: "INFO",
    body: "done",
    attributes: { n: 1 },
    droppedAttributesCount: 0,
    resource: { attributes: { "service.name": "orders" } },
    instrumentationScope: { name: "orders", version: "1" },
  };
}

function soundSpan(name: string) {
  return {
    name,
    kind: 1,
    spanContext: () => spanContext,
    parentSpanContext: spanContext,
    startTime: [1_773_930_900, 0],
    endTime: [1_773_930_901, 0],
    ended: true,
    status: { code: 1, message: "" },
    attributes: { n: 1 },
    events: [
      { name: "io.coresdk.error", time: [1_773_930_900, 5], attributes: { n: 1 }, droppedAttributesCount: 0 },
    ],
    resource: { attributes: { "service.name": "orders" } },
    instrumentationScope: { name: "orders", version: "1" },
  };
}

function fail(): never {
  throw new Error("not now");
}

const raging = new Proxy(
  {},
  { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail },
);

class EndlessMap extends Map<string, number> {
  override *[Symbol.iterator](): MapIterator<[string, number]> {
    for (;;) yield ["a", 1];
  }
}

class OddDate extends Date {
  override toISOString(): string {
    return Object(Symbol("date"));
  }
}

/** Called when it is read, so that it may throw. */
const odd: readonly (() => unknown)[] = [
  fail,
  () => raging,
  () => Object.create(null),
  () => Symbol("x"),
  () => Number.NaN,
  () => Number.NEGATIVE_INFINITY,
  () => -1,
  () => 1.5,
  () => 2 ** 40,
  () => 10n,
  () => "length",
  () => 'x","injected":"1',
  () => "a\ud800\u0000",
  () => true,
  () => null,
  () => undefined,
  () => [],
  () => [raging, [raging]],
  () => ({ traceState: { serialize: () => ["a=1"] } }),
  () => ({ ...spanContext, traceState: { serialize: fail } }),
  () => ({ ...spanContext, traceFlags: 1n }),
  () => ({ asyncAttributesPending: true, waitForAsyncAttributes: fail }),
  () => ({ asyncAttributesPending: true, waitForAsyncAttributes: () => 5, attributes: raging }),
  () => fail,
  () => Promise.resolve(),
  () => new EndlessMap([["a", 1]]),
  () => new OddDate(0),
  () => ({ tenant_id: raging, "cloudevents.foo": Symbol("x"), "log.record.uid": new OddDate(0) }),
];

/** A field of the record, or of what it holds, reads as something odd. */
function spoil(record: object, path: readonly string[], value: () => unknown): object {
  const [field = "", ...deeper] = path;
  const fields = new Map(Object.entries(Object.getOwnPropertyDescriptors(record)));
  const held: unknown = fields.get(field)?.value;
  const get =
    deeper.length > 0 && typeof held === "object" && held !== null ? () => spoil(held, deeper, value) : value;
  fields.set(field, { enumerable: true, configurable: true, get });
  return Object.defineProperties(Array.isArray(record) ? [] : {}, Object.fromEntries(fields));
}

const pathOf = (record: object): fc.Arbitrary<readonly string[]> =>
  fc.oneof(
    fc.constantFrom(...Object.keys(record)).map((name) => [name]),
    fc.constantFrom(
      ...Object.entries(record).flatMap(([name, value]) =>
        typeof value === "object" ? Object.keys(Object(value)).map((key) => [name, key]) : [],
      ),
    ),
  );

for (const data of ["attributes", "body", "record"] as const) {
  test(`a record or span with odd fields costs no other event, and is itself delivered or told (data: ${data})`, async (t) => {
    const { emitter, events, losses } = await setUp(t, {
      data,
      extensions: ["distributed-tracing", "severity"],
    });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(pathOf(soundRecord("a")), fc.constantFrom(...odd)), { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(pathOf(soundSpan("a")), fc.constantFrom(...odd)), { minLength: 1, maxLength: 3 }),
        async (inRecord, inSpan) => {
          const before = events.length;
          const type = `com.acme.good${n++}`;
          emitter.onEmit(Object(soundRecord(type)));
          emitter.onEmit(
            Object(
              inRecord.reduce<object>(
                (record, [path, value]) => spoil(record, path, value),
                soundRecord("com.acme.odd"),
              ),
            ),
          );
          emitter.onEnd(
            Object(
              inSpan.reduce<object>((span, [path, value]) => spoil(span, path, value), soundSpan("odd")),
            ),
          );
          emitter.onEmit(Object(soundRecord(type)));
          await emitter.forceFlush();
          const types = events.slice(before).map((event) => event.type);
          assert.equal(types.filter((one) => one === type).length, 2, JSON.stringify(types));
        },
      ),
      { numRuns: 150, seed: 5 },
    );
    await emitter.shutdown();
    assert.deepEqual(
      losses.filter(({ reason }) => reason !== "failed" && reason !== "refused"),
      [],
    );
  });
}

test("a span event that cannot be read costs neither the other span events nor the span", async (t) => {
  const { emitter, events, losses } = await setUp(t, {});
  const span = soundSpan("a");
  const [sound] = span.events;
  emitter.onEnd(Object({ ...span, events: [raging, null, sound, 5, sound] }));
  await emitter.shutdown();
  assert.deepEqual(
    events.map(({ type }) => type),
    ["io.coresdk.error", "io.coresdk.error", "io.coresdk.span.ended"],
  );
  assert.deepEqual(losses, []);
});

test("after the last shutdown only what would have been an event is told", async (t) => {
  const { emitter, losses } = await setUp(t, { spans: "marked" });
  await emitter.shutdown();
  await emitter.shutdown();
  const { eventName: _, ...plain } = soundRecord("a");
  emitter.onEmit(Object(plain));
  emitter.onEnd(Object({ ...soundSpan("a"), events: [] }));
  assert.deepEqual(losses, []);
  const attributes = { "cloudevents.event_type": "com.acme.a" };
  emitter.onEnd(Object({ ...soundSpan("a"), events: [], attributes }));
  assert.deepEqual(losses, [{ reason: "closed", count: 1, detail: "a span that ended after the shutdown" }]);
});
