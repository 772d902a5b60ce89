import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OtlpDecodeError } from "../../src/contracts.ts";
import { divideLogs } from "../../src/otlp/divide.ts";
import { divideJsonLogs } from "../../src/otlp/json/divide.ts";
import { jsonRequest, takeRequest } from "../intake/take-in.ts";
import { field, fixed64, join, number, request } from "./wire-bytes.ts";

const EVENT = field(12, "a.b");
const OTHER = field(3, "INFO");

test("a request without events is forwarded whole, one of events alone leaves nothing", () => {
  assert.equal(takeRequest(request(OTHER, OTHER)).rest, "whole");
  assert.equal(takeRequest(request(EVENT)).rest, undefined);
  assert.equal(takeRequest(join()).rest, "whole");
  const mixed = takeRequest(request(OTHER, EVENT));
  assert.deepEqual(mixed.rest, Buffer.from(request(OTHER)));
  assert.equal(mixed.otherRecords, 1);
});

test("what stays keeps its bytes: resource, scope, schema, unknown fields, odd order", () => {
  const resource = field(1, field(1, field(1, "service.name")), field(99, "unknown"));
  const scope = field(1, field(1, "scope"));
  const before = field(
    1,
    number(1000, 7),
    field(2, field(2, EVENT), field(3, "schema"), field(2, OTHER), fixed64(50, 9n), scope, field(2, EVENT)),
    resource,
    field(2, scope, field(2, EVENT)),
    field(3, "outer"),
  );
  const after = field(
    1,
    number(1000, 7),
    field(2, field(3, "schema"), field(2, OTHER), fixed64(50, 9n), scope),
    resource,
    field(3, "outer"),
  );
  const top = field(77, "unknown");
  const eventsOnly = request(EVENT, EVENT);
  const untouched = request(OTHER);
  const bytes = join(top, before, eventsOnly, untouched);
  assert.deepEqual(divideLogs(bytes, [0, 2, 3, 4, 5]), Buffer.from(join(top, after, untouched)));
});

test("a request of many events between other records is divided without overflowing the stack", () => {
  const count = 130_000;
  const pair = [field(2, EVENT), field(2, OTHER)];
  const bytes = field(1, field(2, Buffer.concat(Array.from({ length: count }, () => pair).flat())));
  const others = field(1, field(2, Buffer.concat(Array.from({ length: count }, () => field(2, OTHER)))));
  const events = Array.from({ length: count }, (_, i) => 2 * i);
  assert.equal(Buffer.compare(divideLogs(bytes, events), others), 0);
});

test("lengths that grow or shrink over a byte's bounds are written anew", () => {
  const long = field(3, "x".repeat(300));
  assert.deepEqual(divideLogs(request(EVENT, long), [0]), Buffer.from(request(long)));
  assert.deepEqual(divideLogs(request(long, OTHER), [0]), Buffer.from(request(OTHER)));
});

test("what stays of a JSON request keeps its text, with its numbers, unknown fields and spaces within", () => {
  const other = '{ "timeUnixNano": 1.0e3, "unknown": "a,]}\\"", "severityText":"\\u0041" }';
  const event = '{"eventName":"a.b","body":{"stringValue":"]},{"}}';
  const text = `\n{"resourceLogs" : [ {"resource":{"x":[1,{"logRecords":[{}]}]},"scopeLogs":[
    {"logRecords":[${event}, ${other} ,${event}],"schemaUrl":"s"},
    {"scope":{},"logRecords":[${event}]} ]},{"scopeLogs":[{"logRecords":[${event}]}]}
    ,{"scope_logs":[{"log_records":[${event}]}],"scopeLogs":[{"logRecords":[${other}]}]} ] , "more":true}\n`;
  const rest = divideJsonLogs(Buffer.from(text), [0, 2, 3, 4]).toString();
  assert.equal(
    rest,
    `\n{"resourceLogs" : [{"resource":{"x":[1,{"logRecords":[{}]}]},"scopeLogs":[{"logRecords":[${other}],"schemaUrl":"s"}]},` +
      `{"scope_logs":[{"log_records":[${event}]}],"scopeLogs":[{"logRecords":[${other}]}]}] , "more":true}\n`,
  );
});

test("a name written with escapes is the same name", () => {
  const text = '{"resourceLog\\u0073":[{"scopeLogs":[{"logRecords":[{"eventName":"a"},{"x":1}]}]}]}';
  const { rest } = takeRequest(Buffer.from(text), "json");
  assert.equal(String(rest), '{"resourceLog\\u0073":[{"scopeLogs":[{"logRecords":[{"x":1}]}]}]}');
});

test("an object that names its records twice is refused, since one of the two would be lost", () => {
  const event = '{"eventName":"a"}';
  const twice = [
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}],"logRecords":[{},${event}]}]}]}`,
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":null,"log\\u0052ecords":[{},${event}]}]}]}`,
    // Whatever stays of the request: nothing, or all of it.
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}],"resourceLogs":[{"scopeLogs":[{"logRecords":[${event}]}]}]}`,
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${event}]}]}],"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}`,
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${event}]}],"scopeLogs":[]}]}`,
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${event}]}]}],"resourceLogs":null}`,
  ];
  for (const text of twice) {
    assert.throws(() => takeRequest(Buffer.from(text), "json"), {
      name: "OtlpDecodeError",
      message: /twice/,
    });
  }
});

test("a name that is also a text, or an attribute's, is not given twice", () => {
  const texts = ["resourceLogs", "scopeLogs", "logRecords", '"logRecords"'];
  const attributes = texts.map((key) => ({ key, value: { stringValue: key } }));
  const request = jsonRequest([{ eventName: "a", attributes, logRecords: [], scopeLogs: 1 }, {}]);
  assert.equal(takeRequest(request, "json").events, 1);
});

test("the scan for names ends, whatever stands in the one of two that the parser passes over", () => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
  const [envelope, envelopes, records] = ["resourceLogs", "scopeLogs", "logRecords"];
  const broken = fc.oneof(
    json,
    json.map((value) => `[${value},1]`),
    json.map((value) => `[{"${envelopes}":[${value}, {"${records}":[${value}]}]}]`),
  );
  fc.assert(
    fc.property(broken, (first) => {
      const text = `{"${envelope}":${first}, "${envelope}":[]}`;
      assert.throws(() => takeRequest(Buffer.from(text), "json"), OtlpDecodeError);
    }),
  );
});

test("a JSON request is divided like a protobuf one", () => {
  const request = jsonRequest([{ eventName: "a" }, { severityText: "INFO" }]);
  const result = takeRequest(request, "json");
  assert.deepEqual(
    JSON.parse(String(result.rest)),
    JSON.parse(String(jsonRequest([{ severityText: "INFO" }]))),
  );
  assert.equal(result.otherRecords, 1);
});
