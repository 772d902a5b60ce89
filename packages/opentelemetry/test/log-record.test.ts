import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyValues } from "@coresdk/pipeline";
import fc from "fast-check";
import { copyLogRecord, findEventName, toUnixTime, traceOf } from "../src/log-record.ts";
import type { LogRecordView } from "../src/sdk.ts";

const resource = { attributes: {} };

function record(over: Partial<LogRecordView>): LogRecordView {
  return {
    hrTime: [1_773_930_900, 0],
    hrTimeObserved: [1_773_930_900, 1],
    attributes: {},
    droppedAttributesCount: 0,
    resource,
    instrumentationScope: { name: "orders" },
    ...over,
  };
}

test("the event name is the field, else otel.event.name, else event.name; other records are no events", () => {
  const attributes = { "otel.event.name": "b", "event.name": "c" };
  assert.deepEqual(findEventName(record({ eventName: "a", attributes })), { name: "a", origin: "field" });
  assert.deepEqual(findEventName(record({ eventName: "", attributes })), {
    name: "b",
    origin: "otel.event.name",
  });
  assert.deepEqual(findEventName(record({ attributes: { "event.name": "c" } })), {
    name: "c",
    origin: "event.name",
  });
  assert.equal(findEventName(record({ attributes: { "otel.event.name": 1, "event.name": "" } })), undefined);
  assert.equal(
    findEventName(record({ attributes: Object.create({ "event.name": "inherited" }) })),
    undefined,
  );
});

test("times keep their nanoseconds, and 0 is no time", () => {
  assert.deepEqual(toUnixTime([1_773_930_900, 123_456_789]), { seconds: 1_773_930_900, nanos: 123_456_789 });
  assert.equal(toUnixTime([0, 0]), undefined);
  assert.equal(toUnixTime([Number.NaN, 0]), undefined);
  assert.equal(toUnixTime([-5, 0]), undefined);
  assert.deepEqual(toUnixTime([1, 1_000_000_001]), { seconds: 2, nanos: 1 });
  assert.deepEqual(toUnixTime([2, -1]), { seconds: 1, nanos: 999_999_999 });
  assert.deepEqual(toUnixTime([1, 5.7]), { seconds: 1, nanos: 5 });
});

test("every time of the SDK is the same time in the pipeline", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.nat(999_999_999), (seconds, nanos) => {
      const time = toUnixTime([seconds, nanos]);
      if (seconds === 0 && nanos === 0) assert.equal(time, undefined);
      else assert.deepEqual(time, { seconds, nanos });
    }),
  );
});

test("an invalid span context names no span", () => {
  const valid = {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    traceFlags: 0x101,
  };
  assert.deepEqual(traceOf(valid), { traceId: valid.traceId, spanId: valid.spanId, flags: 1 });
  assert.deepEqual(traceOf({ ...valid, traceId: "0".repeat(32), spanId: "xyz" }), {
    traceId: "",
    spanId: "",
    flags: 1,
  });
  assert.deepEqual(traceOf(undefined), { traceId: "", spanId: "", flags: 0 });
  assert.equal(traceOf({ ...valid, traceState: { serialize: () => "a=1" } }).traceState, "a=1");
});

test("ids in upper case are the same ids", () => {
  const upper = { traceId: "4BF92F3577B34DA6A3CE929D0E0E4736", spanId: "00F067AA0BA902B7", traceFlags: 1 };
  assert.deepEqual(traceOf(upper), {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    flags: 1,
  });
});

test("a trace state that gives no text, too much of it, or throws, costs itself alone", () => {
  const ids = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
  const fail = (): never => {
    throw new Error("no state");
  };
  const long = `a=${"1".repeat(40_000)}`;
  for (const serialize of [
    () => ["a=1"],
    () => 5,
    () => ({}),
    () => null,
    () => Symbol("a"),
    () => long,
    fail,
    5,
  ]) {
    const context = { ...ids, traceFlags: 1, traceState: { serialize } };
    assert.deepEqual(traceOf(Object(context)), { ...ids, flags: 1 });
  }
});

test("a severity text, a count and a scope that are none are left out, and the rest of the record is kept", () => {
  for (const odd of [Symbol("x"), Number.NaN, 1.5, -1, 2 ** 32, {}, [], () => 1, null, 10n]) {
    const strange = {
      ...record({}),
      severityText: odd,
      severityNumber: odd,
      droppedAttributesCount: odd,
      instrumentationScope: { name: odd, version: odd },
      hrTime: odd,
      hrTimeObserved: [odd, odd],
    };
    const { item } = copyLogRecord(
      Object(strange),
      { name: "a", origin: "field" },
      { attributes: new KeyValues() },
    );
    assert.deepEqual(
      [item.severityText, item.severityNumber, item.droppedAttributesCount, item.scope, item.time],
      ["", 0, 0, { name: "", version: "" }, undefined],
    );
  }
});

test("a body beyond the limit leaves name and attributes as they are, and attributes left out count as dropped", () => {
  const name = { name: "io.coresdk.b", origin: "field" } as const;
  const pending = { attributes: new KeyValues() };
  const attributes = { "coresdk.tenant_id": "acme", "coresdk.user_id": "usr_1" };
  const copied = copyLogRecord(record({ attributes, body: "x".repeat(2_000_000) }), name, pending);
  assert.equal(copied.item.eventName, "io.coresdk.b");
  assert.deepEqual(copied.item.attributes.values, ["acme", "usr_1"]);
  assert.equal(copied.item.body, "[larger than the record's limit]");
  assert.equal(copied.replaced, 1);
  const many = Object.fromEntries(Array.from({ length: 1_030 }, (_, i) => [`k${i}`, i]));
  const cut = copyLogRecord(record({ attributes: many, droppedAttributesCount: 2 }), name, pending);
  assert.equal(cut.item.droppedAttributesCount, 8);
  const named = copyLogRecord(record({}), { ...name, name: "x".repeat(2_000_000) }, pending);
  assert.equal(named.item.eventName, "", "which the pipeline refuses, other than a text that says why");
});

test("a severity that OpenTelemetry does not have is none", () => {
  const copied = (severityNumber: number) => {
    return copyLogRecord(
      record({ severityNumber }),
      { name: "a", origin: "field" },
      { attributes: new KeyValues() },
    );
  };
  assert.equal(copied(9).item.severityNumber, 9);
  assert.equal(copied(25).item.severityNumber, 0);
  assert.equal(copied(-1).item.severityNumber, 0);
});
