import assert from "node:assert/strict";
import { test } from "node:test";
import { OtlpDecodeError, OtlpTooLargeError } from "../../src/contracts.ts";
import { IntegralDouble, KeyValues, type LogEvent } from "../../src/log-event.ts";
import { createLogsDecoder } from "../../src/otlp/decode-logs.ts";
import { DEFAULT_LIMITS } from "../../src/otlp/limits.ts";
import { attribute, field, fixed32, fixed64, join, number, request, text, varint } from "./wire-bytes.ts";

const NAME = field(12, "a.b");

function eventsOf(bytes: Uint8Array): readonly LogEvent[] {
  return createLogsDecoder().decode(bytes).events;
}

function eventOf(...fields: readonly Uint8Array[]): LogEvent {
  const [event] = eventsOf(request(join(...fields)));
  if (event === undefined) throw new TypeError("no event");
  return event;
}

/** The value of the one attribute of an event. */
function valueIn(anyValue: Uint8Array): unknown {
  return eventOf(NAME, attribute("k", anyValue)).attributes.values[0];
}

function refusal(bytes: Uint8Array): string {
  let message = "";
  assert.throws(
    () => createLogsDecoder().decode(bytes),
    (error) => {
      message = error instanceof OtlpDecodeError ? error.message : "";
      return message !== "";
    },
  );
  return message;
}

/** Expects the refusal of a request that can be read. */
function tooLarge(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof OtlpTooLargeError && message.test(error.message);
}

test("a record is an event by its field, else by otel.event.name, else by event.name", () => {
  const otel = attribute("otel.event.name", text("otel"));
  const legacy = attribute("event.name", text("legacy"));
  const named = (...fields: readonly Uint8Array[]): readonly string[] => {
    const { eventName, eventNameOrigin } = eventOf(...fields);
    return [eventName, eventNameOrigin];
  };
  assert.deepEqual(named(legacy, otel, field(12, "field")), ["field", "field"]);
  assert.deepEqual(named(legacy, otel), ["otel", "otel.event.name"]);
  assert.deepEqual(named(legacy, field(12, "")), ["legacy", "event.name"]);
});

test("a record is no event by an empty name, by a name that is no text, or by any other attribute", () => {
  const records = [
    field(12, ""),
    attribute("otel.event.name", text("")),
    attribute("event.name", number(3, 5)),
    attribute("event.names", text("x")),
    attribute("Event.name", text("x")),
    field(5, text("event.name")),
    join(),
  ];
  const decoded = createLogsDecoder().decode(request(...records));
  assert.deepEqual([decoded.events, decoded.records], [[], records.length]);
});

test("of an event name given twice the last one counts, even when it is empty", () => {
  assert.equal(eventOf(field(12, "first"), field(12, "last")).eventName, "last");
  assert.deepEqual(eventsOf(request(join(field(12, "first"), field(12, "")))), []);
});

test("all fields of a record are read, in any order", () => {
  const fields = [
    fixed64(1, 1_773_930_900_123_456_789n),
    number(2, 17),
    field(3, "ERROR"),
    field(5, text("body")),
    attribute("a", text("b")),
    number(7, 3),
    fixed32(8, 0x8000_0001),
    field(
      9,
      Uint8Array.from({ length: 16 }, (_, i) => i + 1),
    ),
    field(
      10,
      Uint8Array.from({ length: 8 }, (_, i) => i + 0xa0),
    ),
    fixed64(11, 2n ** 64n - 1n),
    NAME,
  ];
  for (const order of [fields, fields.toReversed()]) {
    const { attributes, resource, scope, ...event } = eventOf(...order);
    assert.deepEqual(event, {
      eventName: "a.b",
      eventNameOrigin: "field",
      time: { seconds: 1_773_930_900, nanos: 123_456_789 },
      observedTime: { seconds: 18_446_744_073, nanos: 709_551_615 },
      severityNumber: 17,
      severityText: "ERROR",
      body: "body",
      droppedAttributesCount: 3,
      traceId: "0102030405060708090a0b0c0d0e0f10",
      spanId: "a0a1a2a3a4a5a6a7",
      flags: 0x8000_0001,
      index: 0,
    });
    assert.deepEqual([attributes.keys, attributes.values], [["a"], ["b"]]);
  }
});

test("a resource and a scope that follow their records are still theirs", () => {
  const bytes = field(
    1,
    field(2, field(2, NAME), field(1, field(1, "scope"), field(2, "1.0"))),
    field(3, "schema"),
    field(1, field(1, field(1, "service.name"), field(2, text("orders")))),
  );
  const [event] = eventsOf(bytes);
  assert.deepEqual(event?.resource.attributes.keys, ["service.name"]);
  assert.deepEqual(event?.scope, { name: "scope", version: "1.0" });
});

test("embedded messages given in pieces are one message", () => {
  const resource = (name: string): Uint8Array => field(1, field(1, field(1, name), field(2, text("x"))));
  const [event] = eventsOf(field(1, resource("a"), field(2, field(2, NAME)), resource("b")));
  assert.deepEqual(event?.resource.attributes.keys, ["a", "b"]);
  const list = (...values: readonly string[]): Uint8Array =>
    field(5, ...values.map((value) => field(1, text(value))));
  assert.deepEqual(eventOf(NAME, field(5, list("a")), field(5, list("b", "c"))).body, ["a", "b", "c"]);
  const pieces = field(6, field(2, list("a")), field(1, "k"), field(2, list("b")));
  assert.deepEqual(eventOf(NAME, pieces).attributes.values, [["a", "b"]]);
});

test("of several members of an AnyValue the last one counts, and lists of one member are joined", () => {
  assert.equal(valueIn(join(text("a"), number(3, 5))), 5);
  assert.deepEqual(valueIn(join(field(5, field(1, text("a"))), field(5, field(1, text("b"))))), ["a", "b"]);
  assert.deepEqual(valueIn(join(field(5, field(1, text("a"))), text("x"), field(5, field(1, text("b"))))), [
    "b",
  ]);
});

for (const [title, bytes, expected] of [
  ["text", text("é"), "é"],
  ["true", number(2, 1), true],
  ["false", number(2, 0), false],
  ["an integer", number(3, 43), 43],
  ["a negative integer", number(3, -43), -43],
  ["the largest exact integer", number(3, 2n ** 53n - 1n), 2 ** 53 - 1],
  ["an integer beyond it", number(3, 2n ** 53n), 2n ** 53n],
  ["the least integer", number(3, -(2n ** 63n)), -(2n ** 63n)],
  ["bytes", field(7, Uint8Array.of(0, 255)), Uint8Array.of(0, 255)],
  ["an empty list", field(5), []],
  ["nothing", join(), null],
  ["an index into a profile's table", number(8, 5), null],
] as const) {
  test(`AnyValue: ${title}`, () => {
    assert.deepEqual(valueIn(bytes), expected);
  });
}

test("AnyValue: doubles, with integral ones told apart", () => {
  const double = (value: number): Uint8Array => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return join([(4 << 3) | 1], bytes);
  };
  assert.equal(valueIn(double(0.5)), 0.5);
  assert.deepEqual(valueIn(double(3)), new IntegralDouble(3));
  assert.ok(Number.isNaN(valueIn(double(Number.NaN))));
});

test("AnyValue: a map keeps order, duplicates and __proto__ as a key", () => {
  const entry = (key: string, value: string): Uint8Array => field(1, field(1, key), field(2, text(value)));
  const map = valueIn(field(6, entry("__proto__", "a"), entry("b", "c"), entry("b", "d")));
  assert.ok(map instanceof KeyValues);
  assert.deepEqual(
    [map.keys, map.values],
    [
      ["__proto__", "b", "b"],
      ["a", "c", "d"],
    ],
  );
});

test("ids of a wrong length or all zero are none", () => {
  for (const [traceId, spanId] of [
    [new Uint8Array(16), new Uint8Array(8)],
    [Uint8Array.of(1), Uint8Array.of(2)],
    [new Uint8Array(17).fill(1), new Uint8Array(16).fill(1)],
  ] as const) {
    const event = eventOf(NAME, field(9, traceId), field(10, spanId));
    assert.deepEqual([event.traceId, event.spanId], ["", ""]);
  }
});

test("an id that is all zero does not hide the one before or after it", () => {
  const ids = [new Uint8Array(16).fill(1), new Uint8Array(16), new Uint8Array(16).fill(1)];
  const events = eventsOf(request(...ids.map((id) => join(NAME, field(9, id)))));
  assert.deepEqual(
    events.map((event) => event.traceId),
    ["01".repeat(16), "", "01".repeat(16)],
  );
});

test("unknown fields and known fields of another wire type are stepped over", () => {
  const unknown = join(number(100, 2n ** 63n), fixed64(101, 1n), field(102, "x"), fixed32(103, 1));
  const event = eventOf(unknown, field(2, "severity as text"), number(3, 9), NAME, unknown);
  assert.equal(event.severityNumber, 0);
  assert.equal(event.severityText, "");
});

test("text that is no UTF-8 becomes replacement characters", () => {
  assert.equal(eventOf(NAME, field(3, Uint8Array.of(0x61, 0xff, 0x62))).severityText, "a\ufffdb");
  const long = join(Buffer.from("x".repeat(100)), [0xc3]);
  assert.equal(eventOf(NAME, field(3, long)).severityText, `${"x".repeat(100)}\ufffd`);
});

test("texts of the same length and similar bytes are told apart", () => {
  const words = Array.from({ length: 5000 }, (_, i) => `key.${String(i).padStart(6, "0")}.x`);
  const decoder = createLogsDecoder();
  const bytes = request(join(NAME, ...words.map((word) => attribute(word, text(word)))));
  for (let round = 0; round < 2; round++) {
    const [event] = decoder.decode(bytes).events;
    assert.deepEqual(event?.attributes.keys, words);
    assert.deepEqual(event?.attributes.values, words);
  }
});

test("the result does not change when the request's bytes do", () => {
  const bytes = request(join(NAME, attribute("k", field(7, Uint8Array.of(1, 2, 3)))));
  const [event] = eventsOf(bytes);
  bytes.fill(0xff);
  assert.deepEqual(event?.attributes.values[0], Uint8Array.of(1, 2, 3));
  assert.equal(event?.eventName, "a.b");
});

test("indexes count all records, events or not, over all resources and scopes", () => {
  const other = field(3, "INFO");
  const { events, records } = createLogsDecoder().decode(
    join(request(other, NAME), field(1), field(1, field(2, field(2, other)), field(2, field(2, NAME)))),
  );
  assert.deepEqual(
    events.map((event) => event.index),
    [1, 3],
  );
  assert.equal(records, 4);
});

for (const [title, bytes, expected] of [
  ["a group", join([0x0b]), /^ExportLogsServiceRequest, byte 1: field 1 with wire type 3/],
  ["a group's end", request(Uint8Array.of(0x0c)), /^LogRecord, byte \d+: field 1 with wire type 4/],
  ["wire type 6", request(Uint8Array.of(0x0e)), /wire type 6/],
  ["field number 0", join([0x02]), /byte 0: a field number of 0/],
  ["a length beyond the message", join([0x0a, 0x05, 0x00]), /byte 1: a length of 5 bytes where 1 are left/],
  ["a length beyond the record", request(join(NAME, [0x32, 0x7f])), /^LogRecord, byte \d+: a length of 127/],
  ["a varint cut off", join([0x0a, 0x80]), /a number that is cut off/],
  ["a varint of eleven bytes", join([0x08], new Uint8Array(10).fill(0x80), [0]), /more than 10 bytes/],
  ["a length of 64 bits", join([0x0a], varint(2n ** 40n)), /where 32 bits are expected/],
  ["a fixed64 cut off", request(join([0x09, 1, 2])), /8 bytes expected where 2 are left/],
  [
    "a fault within an attribute",
    request(join(NAME, field(6, Uint8Array.of(0x0a, 0x09)))),
    /^KeyValue, byte \d+/,
  ],
  ["JSON", Buffer.from('{"resourceLogs":[]}'), /^ExportLogsServiceRequest, byte/],
] as const) {
  test(`refused with message and byte: ${title}`, () => {
    assert.match(refusal(bytes), expected);
  });
}

test("values nested 64 levels deep are read, deeper ones refused, however deep", () => {
  const nested = (levels: number): Uint8Array => {
    let value = text("x");
    for (let i = 0; i < levels; i++) value = field(5, field(1, value));
    return value;
  };
  assert.ok(valueIn(nested(64)));
  assert.match(refusal(request(join(NAME, attribute("k", nested(65))))), /more than 64 levels/);
  assert.match(refusal(request(join(NAME, field(5, nested(5_000))))), /more than 64 levels/);
});

test("values in pieces at every level take no exponential time", () => {
  let value = text("x");
  for (let i = 0; i < 60; i++) value = field(6, field(1, field(2, join()), field(2, value), field(1, "k")));
  assert.ok(valueIn(value));
});

test("pieces are limited in number and bytes, since each level copies those within it", () => {
  let value = field(1, Buffer.alloc(1_000_000, "x"));
  for (let i = 0; i < 20; i++) value = field(6, field(1, field(2, join()), field(2, value), field(1, "k")));
  assert.match(refusal(request(join(NAME, field(5, value)))), /in pieces of more than \d+ bytes/);
  const many = (tag: number): Uint8Array => join(...Array.from({ length: 1025 }, () => [tag, 0]));
  assert.match(refusal(request(join(NAME, many(0x2a)))), /a part of LogRecord in more than 1024 pieces/);
  assert.match(refusal(field(1, many(0x0a))), /a part of ResourceLogs in more than 1024 pieces/);
  assert.match(refusal(request(join(NAME, field(6, many(0x12))))), /a part of KeyValue in more than 1024/);
});

test("attributes of a record are limited, be it an event or not", () => {
  const decoder = createLogsDecoder({ ...DEFAULT_LIMITS, maxValues: 2 });
  const attributes = attribute("a", text("b"));
  assert.equal(decoder.decode(request(join(attributes, attributes))).records, 1);
  assert.throws(
    () => decoder.decode(request(join(attributes, attributes, attributes))),
    tooLarge(/more than 2 attributes/),
  );
});

test("more records, events or values than are taken at once are too large, not undecodable", () => {
  const decode = (limits: object, bytes: Uint8Array): unknown =>
    createLogsDecoder({ ...DEFAULT_LIMITS, ...limits }).decode(bytes);
  const two = request(NAME, NAME);
  assert.throws(() => decode({ maxRecords: 1 }, two), tooLarge(/more than 1 records in one request/));
  assert.throws(() => decode({ maxEvents: 1 }, two), tooLarge(/more than 1 events in one request/));
  const values = request(join(NAME, attribute("a", field(5, field(1), field(1))), attribute("b", text("x"))));
  assert.ok(decode({ maxValues: 4 }, values));
  assert.throws(() => decode({ maxValues: 3 }, values), tooLarge(/more than 3 values in one request/));
});
