import assert from "node:assert/strict";
import { test } from "node:test";
import { OtlpDecodeError, OtlpTooLargeError } from "../../src/contracts.ts";
import { IntegralDouble, KeyValues, type LogEvent } from "../../src/log-event.ts";
import { createJsonLogsDecoder } from "../../src/otlp/json/decode-logs.ts";
import { DEFAULT_LIMITS } from "../../src/otlp/limits.ts";

function bytesOf(json: unknown): Uint8Array {
  return Buffer.from(typeof json === "string" ? json : JSON.stringify(json));
}

function requestOf(...logRecords: readonly unknown[]): object {
  return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] };
}

function eventsOf(json: unknown): readonly LogEvent[] {
  return createJsonLogsDecoder().decode(bytesOf(json)).events;
}

function eventOf(record: object): LogEvent {
  const [event] = eventsOf(requestOf({ eventName: "a.b", ...record }));
  if (event === undefined) throw new TypeError("no event");
  return event;
}

function valueIn(value: unknown): unknown {
  return eventOf({ attributes: [{ key: "k", value }] }).attributes.values[0];
}

function refusal(json: unknown): string {
  let message = "";
  assert.throws(
    () => eventsOf(json),
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

test("a record is read with its lowerCamelCase names, and original names are unknown fields", () => {
  const camel = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "orders" } }] },
        scopeLogs: [
          {
            scope: { name: "s", version: "1" },
            logRecords: [
              {
                timeUnixNano: "1773930900123456789",
                observedTimeUnixNano: 5,
                severityNumber: 17,
                severityText: "ERROR",
                eventName: "a.b",
                body: { stringValue: "body" },
                attributes: [{ key: "k", value: { intValue: "7" } }],
                droppedAttributesCount: 2,
                flags: 4294967295,
                traceId: "4BF92F3577B34DA6A3CE929D0E0E4736",
                spanId: "00F067AA0BA902B7",
              },
            ],
          },
        ],
      },
    ],
  };
  const snake = JSON.stringify(camel).replace(/"([a-z]+(?:[A-Z][a-z]+)+)":/g, (name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  assert.match(snake, /"resource_logs":.*"time_unix_nano":/);
  assert.deepEqual(createJsonLogsDecoder().decode(bytesOf(snake)), { events: [], records: 0, values: 0 });
  const [event] = eventsOf(camel);
  assert.ok(event);
  const { attributes, resource, ...fields } = event;
  assert.deepEqual(fields, {
    eventName: "a.b",
    eventNameOrigin: "field",
    time: { seconds: 1_773_930_900, nanos: 123_456_789 },
    observedTime: { seconds: 0, nanos: 5 },
    severityNumber: 17,
    severityText: "ERROR",
    body: "body",
    droppedAttributesCount: 2,
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    flags: 0xffff_ffff,
    scope: { name: "s", version: "1" },
    index: 0,
  });
  assert.deepEqual([attributes.keys, attributes.values], [["k"], [7]]);
  assert.deepEqual(resource.attributes.values, ["orders"]);
});

test("null is the default, and unknown fields are ignored", () => {
  const nothing = {
    timeUnixNano: null,
    time_unix_nano: "x",
    body: null,
    attributes: null,
    traceId: null,
    severityText: null,
  };
  const event = eventOf({ ...nothing, unknown: { deep: [1] }, toString: 5 });
  assert.equal(event.time, undefined);
  assert.equal(event.body, undefined);
  assert.equal(event.attributes.size, 0);
  assert.deepEqual(eventsOf({ resourceLogs: null, other: 1 }), []);
});

test("lone surrogates become replacement characters, as bytes that are no UTF-8 do in protobuf", () => {
  const event = eventOf({
    eventName: "x",
    severityText: "a\ud800",
    body: { stringValue: "\udc00b" },
    attributes: [
      { key: "k\ud800", value: { stringValue: "\ud83d\ude00\ud83d" } },
      { key: "k\ud801", value: { stringValue: "" } },
    ],
  });
  assert.equal(event.severityText, "a\ufffd");
  assert.equal(event.body, "\ufffdb");
  // Both keys stay: they are told apart as those are that come twice.
  assert.deepEqual(event.attributes.keys, ["k\ufffd", "k\ufffd"]);
  assert.deepEqual(event.attributes.values, ["\u{1f600}\ufffd", ""]);
});

test("an integer written as a number keeps the digits that a double would round", () => {
  const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"a","timeUnixNano": 1773930900123456789,
    "__proto__":{"x":1},"attributes":[{"key":"i","value":{"intValue":-9007199254740993}},
    {"key":"d","value":{"doubleValue":12345678901234567890}}]}]}]}]}`;
  const [event] = eventsOf(json);
  assert.deepEqual(event?.time, { seconds: 1_773_930_900, nanos: 123_456_789 });
  assert.deepEqual(event?.attributes.values, [
    -9007199254740993n,
    new IntegralDouble(Number("12345678901234567890")),
  ]);
  assert.match(refusal(json.replace('"a"', "12345678901234567890")), /\.eventName: expected a string$/);
});

test("event names come from the attributes too, the current one first", () => {
  const attributes = [
    { key: "event.name", value: { stringValue: "legacy" } },
    { key: "otel.event.name", value: { stringValue: "otel" } },
  ];
  const [event] = eventsOf(requestOf({ attributes }));
  assert.deepEqual([event?.eventName, event?.eventNameOrigin], ["otel", "otel.event.name"]);
  const [old] = eventsOf(requestOf({ attributes: attributes.slice(0, 1) }));
  assert.deepEqual([old?.eventName, old?.eventNameOrigin], ["legacy", "event.name"]);
  assert.deepEqual(
    eventsOf(requestOf({ attributes: [{ key: "event.name", value: { intValue: 5 } }] }, {})),
    [],
  );
});

for (const [title, value, expected] of [
  ["text", { stringValue: "é" }, "é"],
  ["true", { boolValue: true }, true],
  ["an integer as text", { intValue: "-43" }, -43],
  ["an integer as a number", { intValue: 43 }, 43],
  ["an integer beyond a double", { intValue: "9007199254740993" }, 9007199254740993n],
  ["a double", { doubleValue: 0.5 }, 0.5],
  ["an integral double", { doubleValue: 3 }, new IntegralDouble(3)],
  ["a double as text", { doubleValue: "1.5e2" }, new IntegralDouble(150)],
  ["infinity", { doubleValue: "-Infinity" }, Number.NEGATIVE_INFINITY],
  ["bytes", { bytesValue: "+/8A" }, Uint8Array.of(251, 255, 0)],
  ["bytes without padding", { bytesValue: "+/8" }, Uint8Array.of(251, 255)],
  ["bytes in the alphabet of URLs", { bytesValue: "-_8A" }, Uint8Array.of(251, 255, 0)],
  ["a list", { arrayValue: { values: [{ stringValue: "a" }, {}] } }, ["a", null]],
  ["an empty list", { arrayValue: {} }, []],
  ["nothing", {}, null],
  ["null", null, null],
] as const) {
  test(`AnyValue in JSON: ${title}`, () => {
    assert.deepEqual(valueIn(value), expected);
  });
}

test("a map keeps order, duplicates and __proto__ as a key, and objects named __proto__ are no prototypes", () => {
  const values = ["__proto__", "b", "b"].map((key) => ({ key, value: { stringValue: key } }));
  const map = valueIn({ kvlistValue: { values } });
  assert.ok(map instanceof KeyValues);
  assert.deepEqual(map.keys, ["__proto__", "b", "b"]);
  const hostile = '{"__proto__":{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"a.b"}]}]}]}}';
  assert.deepEqual(eventsOf(hostile), []);
});

test("ids that are none count as absent", () => {
  for (const traceId of ["", "00000000000000000000000000000000", "abc", "zz".repeat(16)]) {
    assert.equal(eventOf({ traceId }).traceId, "");
  }
});

test("severity by its enum's name is read too", () => {
  assert.equal(eventOf({ severityNumber: "SEVERITY_NUMBER_WARN3" }).severityNumber, 15);
  assert.equal(eventOf({ severityNumber: "SEVERITY_NUMBER_FATAL" }).severityNumber, 21);
});

for (const [title, json, expected] of [
  ["no JSON", "{secret", /^the request is no JSON$/],
  ["no object", "[]", /^\$: expected an object$/],
  ["an array that is none", { resourceLogs: {} }, /^\$\.resourceLogs: expected an array$/],
  [
    "a record that is none",
    requestOf({}, 5),
    /^\$\.resourceLogs\[0\]\.scopeLogs\[0\]\.logRecords\[1\]: expected an object$/,
  ],
  ["a null record", requestOf(null), /logRecords\[0\]: expected an object$/],
  ["a text that is none", requestOf({ eventName: 5 }), /\.eventName: expected a string$/],
  [
    "an integer too large",
    requestOf({ eventName: "a", timeUnixNano: "18446744073709551616" }),
    /\.timeUnixNano: expected an integer from 0 to 18446744073709551615$/,
  ],
  ["a fraction for an integer", requestOf({ eventName: "a", flags: 1.5 }), /\.flags: expected an integer/],
  [
    "two values in one",
    requestOf({ eventName: "a", body: { stringValue: "x", intValue: 1 } }),
    /\.body: expected one value/,
  ],
  [
    "base64 that is none",
    requestOf({ eventName: "a", body: { bytesValue: "secret!" } }),
    /\.body\.bytesValue: expected a base64 string$/,
  ],
] as const) {
  test(`refused with its JSON path, without its value: ${title}`, () => {
    const message = refusal(json);
    assert.match(message, expected);
    assert.doesNotMatch(message, /secret/);
  });
}

test("values in JSON nested 64 levels deep are read, deeper ones refused, however deep", () => {
  const nested = (levels: number): string =>
    `${'{"arrayValue":{"values":['.repeat(levels)}{}${"]}}".repeat(levels)}`;
  const request = (levels: number): string =>
    JSON.stringify(requestOf({ eventName: "a", body: 0 })).replace('"body":0', `"body":${nested(levels)}`);
  assert.equal(eventsOf(request(64)).length, 1);
  assert.match(refusal(request(65)), /at most 64 levels/);
  assert.match(refusal(request(20_000)), /at most 64 levels/);
});

test("JSON nested too deep is told as that, where a long number has it read with care as well", () => {
  const unknown = `${"[".repeat(20_000)}1234567890123456789${"]".repeat(20_000)}`;
  assert.match(refusal(`{"unknown":${unknown}}`), /^\$: nested too deep$/);
});

test("base64 of which a digit or some padding is missing or too much is refused, and not read as fewer bytes", () => {
  for (const bytesValue of ["A", "AAAAA", "AA=", "AAA==", "AAAA=", "=", "=="]) {
    assert.match(
      refusal(requestOf({ eventName: "a", body: { bytesValue } })),
      /expected a base64 string$/,
      bytesValue,
    );
  }
});

test("more records, events or values in JSON than are taken at once are too large, not undecodable", () => {
  const decode = (limits: object, json: unknown): unknown =>
    createJsonLogsDecoder({ ...DEFAULT_LIMITS, ...limits }).decode(bytesOf(json));
  const two = requestOf({ eventName: "a" }, { eventName: "b" });
  assert.throws(() => decode({ maxRecords: 1 }, two), tooLarge(/more than 1 records in one request/));
  assert.throws(() => decode({ maxEvents: 1 }, two), tooLarge(/more than 1 events in one request/));
  assert.throws(
    () => decode({ maxValues: 0 }, requestOf({ eventName: "a", body: {} })),
    tooLarge(/more than 0 values in one request/),
  );
});

test("a large request made of nothing but brackets is refused before it is parsed", () => {
  const brackets = Buffer.from(`{"x":[${"{},".repeat(5_000_000)}{}]}`);
  assert.throws(
    () => createJsonLogsDecoder().decode(brackets),
    tooLarge(/more than 4194304 objects and arrays in one request/),
  );
});
