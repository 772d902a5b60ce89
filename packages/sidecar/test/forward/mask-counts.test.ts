/** What is counted of a request that is masked on its way upstream: each value once, in protobuf as in JSON, and first. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { toBinary, toJson } from "@bufbuild/protobuf";
import {
  compileMasker,
  MAX_EVENT_VALUES,
  MAX_VALUES,
  type MaskSettings,
  OtlpTooLargeError,
} from "@coresdk/pipeline";
import fc from "fast-check";
import { exportRequest } from "../../../../testing/otlp/arbitrary.ts";
import { field } from "../../../pipeline/test/otlp/wire-bytes.ts";
import type { Signal } from "../../src/contracts.ts";
import { countJson } from "../../src/forward/mask/count-json.ts";
import { countProtobuf } from "../../src/forward/mask/count-protobuf.ts";
import { JsonMasking } from "../../src/forward/mask/json.ts";
import { REQUESTS } from "../../src/forward/mask/messages.ts";
import { ProtobufMasking } from "../../src/forward/mask/protobuf.ts";
import { type Counting, MAX_OTHERS, ValueCount } from "../../src/forward/mask/value-limit.ts";
import { ExportLogsServiceRequestSchema } from "../../src/otlp/gen/otlp/logs_service_pb.ts";

const settings: MaskSettings = { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} };

function count(signal: Signal, request: Uint8Array | string, to: Counting, eventsOnly = false): void {
  if (typeof request === "string") countJson(request, REQUESTS[signal], eventsOnly, to);
  else countProtobuf(Buffer.from(request), REQUESTS[signal], eventsOnly, to);
}

interface Kind {
  readonly what: string;
  readonly signal: Signal;
  /** A request of so many messages, each with so many values of the kind. */
  readonly make: (messages: number, values: number) => Uint8Array | string;
}

const repeated = (times: number, bytes: Uint8Array): Uint8Array => Buffer.alloc(times * bytes.length, bytes);

function inProtobuf(
  what: string,
  signal: Signal,
  one: Uint8Array,
  message: (values: Uint8Array) => Uint8Array,
  request: (messages: Uint8Array) => Uint8Array,
): Kind {
  const make = (messages: number, values: number): Uint8Array =>
    request(repeated(messages, message(repeated(values, one))));
  return { what, signal, make };
}

function inJson(
  what: string,
  signal: Signal,
  one: string,
  message: (values: string) => string,
  request: (messages: string) => string,
): Kind {
  const listed = (times: number, item: string): string => `${item},`.repeat(times).slice(0, -1);
  const make = (messages: number, values: number): string =>
    request(listed(messages, message(listed(values, one))));
  return { what: `${what} in JSON`, signal, make };
}

const entry = Buffer.concat([field(1, "k"), field(2, field(1, "x"))]);
const scoped = (records: Uint8Array): Uint8Array => field(1, field(2, records));
const jsonEntry = '{"key":"k","value":{"stringValue":"x"}}';
const jsonScoped = (records: string): string =>
  `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records}]}]}]}`;

const kinds: readonly Kind[] = [
  inProtobuf("attributes of log records", "logs", field(6, entry), (values) => field(2, values), scoped),
  inProtobuf(
    "entries of maps",
    "logs",
    field(1, entry),
    (values) => field(2, field(5, field(6, values))),
    scoped,
  ),
  inProtobuf(
    "items of lists",
    "logs",
    field(1, field(1, "x")),
    (values) => field(2, field(5, field(5, values))),
    scoped,
  ),
  inProtobuf("attributes of spans", "traces", field(9, entry), (values) => field(2, values), scoped),
  inProtobuf(
    "attributes of data points",
    "metrics",
    field(7, entry),
    (values) => field(2, field(5, field(1, values))),
    scoped,
  ),
  inProtobuf(
    "attributes of resources",
    "metrics",
    field(1, entry),
    (values) => field(1, field(1, values)),
    (messages) => messages,
  ),
  inProtobuf(
    "attributes of scopes",
    "traces",
    field(3, entry),
    (values) => field(2, field(1, values)),
    (messages) => field(1, messages),
  ),
  inJson(
    "attributes of log records",
    "logs",
    jsonEntry,
    (values) => `{"attributes":[${values}]}`,
    jsonScoped,
  ),
  inJson(
    "entries of maps",
    "logs",
    '{"key":"k"}',
    (values) => `{"body":{"kvlistValue":{"values":[${values}]}}}`,
    jsonScoped,
  ),
  inJson(
    "items of lists",
    "logs",
    '{"intValue":"1"}',
    (values) => `{"body":{"arrayValue":{"values":[${values}]}}}`,
    jsonScoped,
  ),
  inJson(
    "attributes of spans",
    "traces",
    '{"key":"k"}',
    (values) => `{"attributes":[${values}]}`,
    (spans) => `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`,
  ),
  inJson(
    "attributes of resources",
    "metrics",
    '{"key":"k"}',
    (values) => `{"resource":{"attributes":[${values}]}}`,
    (resources) => `{"resourceMetrics":[${resources}]}`,
  ),
];

const FULL = MAX_VALUES / MAX_EVENT_VALUES;

for (const { what, signal, make } of kinds) {
  test(`not one more value is taken than a request may have: ${what}`, () => {
    const counted = new ValueCount();
    count(signal, make(FULL, MAX_EVENT_VALUES), counted);
    assert.throws(() => count(signal, make(1, 1), counted), {
      name: "OtlpTooLargeError",
      message: /^the request has more than 2097152 values, which/,
    });
  });

  test(`not one more value is taken than one record may have: ${what}`, () => {
    count(signal, make(2, MAX_EVENT_VALUES), new ValueCount());
    assert.throws(() => count(signal, make(1, MAX_EVENT_VALUES + 1), new ValueCount()), {
      name: "OtlpTooLargeError",
      message: /^a record of the request has more than 32768 values, which/,
    });
  });
}

/** The values of each record, resource and so on that has any. */
class Recorded implements Counting {
  readonly records: number[] = [];
  #inRecord = 0;

  enterRecord(): number {
    const outer = this.#inRecord;
    this.#inRecord = 0;
    return outer;
  }

  leaveRecord(outer: number): void {
    if (this.#inRecord > 0) this.records.push(this.#inRecord);
    this.#inRecord = outer;
  }

  countValue(): void {
    this.#inRecord += 1;
  }

  countOther(): void {}
}

test("whatever the request, protobuf and JSON have the same values, with events alone as well", () => {
  fc.assert(
    fc.property(exportRequest, fc.boolean(), (message, eventsOnly) => {
      const [protobuf, json] = [new Recorded(), new Recorded()];
      count("logs", toBinary(ExportLogsServiceRequestSchema, message), protobuf, eventsOnly);
      count("logs", JSON.stringify(toJson(ExportLogsServiceRequestSchema, message)), json, eventsOnly);
      assert.deepEqual(json.records.toSorted(), protobuf.records.toSorted());
    }),
    { numRuns: 300, seed: 23 },
  );
});

test("values are counted under keys whose values are kept, or replaced unseen, and behind bytes that are no message", () => {
  const list = field(2, field(5, repeated(9, field(1, field(1, "x")))));
  const broken = field(6, field(1, "password"), field(2, Uint8Array.of(0x0f)));
  const attributes = ["password", "k"].map((key) => field(6, field(1, key), list));
  const recorded = new Recorded();
  count("logs", scoped(field(2, broken, ...attributes)), recorded);
  assert.deepEqual(recorded.records, [1 + 2 * 10]);
});

test("what is no value is counted by itself, and has a limit of its own", () => {
  const counted = new ValueCount();
  for (let i = 0; i < MAX_OTHERS; i++) counted.countOther();
  counted.countValue();
  assert.throws(() => count("logs", scoped(field(2)), counted), {
    name: "OtlpTooLargeError",
    message: /^the request has more than 16777216 records, texts and unknown values, which/,
  });
  assert.throws(() => count("traces", '{"x":[0]}', counted), OtlpTooLargeError);
});

for (const { what, signal, make } of kinds.filter((kind) =>
  kind.what.startsWith("attributes of log records"),
)) {
  test(`nothing is masked of a request with too many ${what}`, () => {
    const core = compileMasker(settings);
    const treat = mock.method(core, "treat");
    const request = make(FULL + 1, MAX_EVENT_VALUES);
    const masking =
      typeof request === "string" ? new JsonMasking(core, false) : new ProtobufMasking(core, false);
    const bytes = typeof request === "string" ? Buffer.from(request) : request;
    assert.throws(() => masking.mask(bytes, REQUESTS[signal]), OtlpTooLargeError);
    assert.equal(treat.mock.callCount(), 0);
    masking.mask(Buffer.from(make(1, 1)), REQUESTS[signal]);
    assert.equal(treat.mock.callCount(), 1);
  });
}
