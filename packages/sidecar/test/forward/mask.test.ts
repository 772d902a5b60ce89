import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { compileMasker, type MaskSettings } from "@coresdk/pipeline";
import fc from "fast-check";
import { exportRequest } from "../../../../testing/otlp/arbitrary.ts";
import type { Signal } from "../../src/contracts.ts";
import { JsonMasking } from "../../src/forward/mask/json.ts";
import { REQUESTS } from "../../src/forward/mask/messages.ts";
import { ProtobufMasking } from "../../src/forward/mask/protobuf.ts";
import { AnyValueSchema, KeyValueSchema } from "../../src/otlp/gen/otlp/common_pb.ts";
import { LogRecordSchema } from "../../src/otlp/gen/otlp/logs_pb.ts";
import { ExportLogsServiceRequestSchema } from "../../src/otlp/gen/otlp/logs_service_pb.ts";
import { MetricSchema } from "../../src/otlp/gen/otlp/metrics_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../src/otlp/gen/otlp/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../src/otlp/gen/otlp/trace_service_pb.ts";

const SCHEMAS: Readonly<Record<Signal, DescMessage>> = {
  logs: ExportLogsServiceRequestSchema,
  traces: ExportTraceServiceRequestSchema,
  metrics: ExportMetricsServiceRequestSchema,
};
const SIGNALS: readonly Signal[] = ["logs", "traces", "metrics"];
const DEFAULTS: MaskSettings = { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} };

function maskProtobuf(signal: Signal, request: Uint8Array, eventsOnly = false): Uint8Array {
  return new ProtobufMasking(compileMasker(DEFAULTS), eventsOnly).mask(request, REQUESTS[signal]);
}

function maskJson(signal: Signal, request: Uint8Array, eventsOnly = false): Uint8Array {
  return new JsonMasking(compileMasker(DEFAULTS), eventsOnly).mask(request, REQUESTS[signal]);
}

const CANARY = "canary@example.com";

const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;
type MetricKind = (typeof METRIC_KINDS)[number];

/** A message with each of its fields set: texts are canaries, and nothing else can hold one. */
function filled(schema: DescMessage, metricKind: MetricKind = "gauge", depth = 0): Message {
  const message = create(schema);
  const values = new Map<string, unknown>(Object.entries(message));
  for (const field of schema.fields) {
    const value = sampleOf(field, metricKind, depth);
    if (value === undefined) continue;
    const item = field.fieldKind === "list" ? [value, value] : value;
    // Of a oneof, a text is set if it has one.
    if (field.oneof === undefined) values.set(field.localName, item);
    else if (
      field.parent === MetricSchema ? field.localName === metricKind : field.oneof.fields[0] === field
    ) {
      values.set(field.oneof.localName, { case: field.localName, value: item });
    }
  }
  return create(schema, Object.fromEntries(values));
}

function sampleOf(field: DescField, metricKind: MetricKind, depth: number): unknown {
  if (field.message !== undefined) {
    return depth > 12 ? undefined : filled(field.message, metricKind, depth + 1);
  }
  if (field.fieldKind === "enum" || field.fieldKind === "map") return undefined;
  return field.scalar === 9 ? `text of ${CANARY}` : undefined;
}

describe("every text of the protobuf definitions is masked", () => {
  for (const signal of SIGNALS) {
    test(signal, () => assertMasked(signal, filled(SCHEMAS[signal])));
  }

  for (const kind of METRIC_KINDS) {
    test(`metrics, ${kind}`, () => assertMasked("metrics", filled(SCHEMAS.metrics, kind)));
  }
});

/** What both encodings of a request become has nothing of the canary, and says the same. */
function assertMasked(signal: Signal, message: Message): void {
  const request = toBinary(SCHEMAS[signal], message);
  assert.ok(Buffer.from(request).includes(CANARY));
  const masked = maskProtobuf(signal, request);
  assert.ok(!Buffer.from(masked).includes(CANARY));
  const text = JSON.stringify(toJson(SCHEMAS[signal], fromBinary(SCHEMAS[signal], request)));
  const maskedText = Buffer.from(maskJson(signal, Buffer.from(text))).toString();
  assert.equal(maskedText, text.replaceAll(CANARY, "[REDACTED]"));
  assert.deepEqual(JSON.parse(maskedText), toJson(SCHEMAS[signal], fromBinary(SCHEMAS[signal], masked)));
}

describe("a request in which nothing is found keeps its bytes", () => {
  for (const signal of SIGNALS) {
    test(signal, () => {
      const request = Buffer.from(
        '{"resourceX": [ {"a" : 1.50, "traceId":"5b8efff798038103d269b633813fc60c"} ]}',
      );
      assert.equal(maskJson(signal, request), request);
      const empty = Buffer.alloc(0);
      assert.equal(maskProtobuf(signal, empty), empty);
    });
  }

  test("whatever the request, masking twice changes nothing more, and both encodings agree", () => {
    fc.assert(
      fc.property(exportRequest, (message) => {
        const request = toBinary(ExportLogsServiceRequestSchema, message);
        const masked = maskProtobuf("logs", request);
        assert.equal(maskProtobuf("logs", masked), masked);
        const json = toJson(ExportLogsServiceRequestSchema, message);
        const maskedJson: unknown = JSON.parse(
          Buffer.from(maskJson("logs", Buffer.from(JSON.stringify(json)))).toString(),
        );
        assert.deepEqual(
          maskedJson,
          toJson(ExportLogsServiceRequestSchema, fromBinary(ExportLogsServiceRequestSchema, masked)),
        );
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

/** A request of one record. */
function logsRequest(record: Parameters<typeof create<typeof LogRecordSchema>>[1]): Uint8Array {
  return toBinary(
    ExportLogsServiceRequestSchema,
    create(ExportLogsServiceRequestSchema, {
      resourceLogs: [{ scopeLogs: [{ logRecords: [create(LogRecordSchema, record)] }] }],
    }),
  );
}

function attribute(key: string, value: string | bigint) {
  return create(KeyValueSchema, {
    key,
    value:
      typeof value === "string"
        ? { value: { case: "stringValue", value } }
        : { value: { case: "intValue", value } },
  });
}

function attributesOf(request: Uint8Array): unknown {
  const [resource] = fromBinary(ExportLogsServiceRequestSchema, request).resourceLogs;
  const record = resource?.scopeLogs[0]?.logRecords[0];
  return record?.attributes.map(({ key, value }) => [key, value?.value.value]);
}

test("keys, card numbers as integers and ids are treated as in events", () => {
  const masked = maskProtobuf(
    "logs",
    logsRequest({
      attributes: [
        attribute("db.password", "x"),
        attribute("pan", 4111111111111111n),
        attribute("at", 1773930900123456789n),
        attribute("trace_id", "4111111111111111"),
        attribute("session.id", "s1"),
      ],
    }),
  );
  assert.deepEqual(attributesOf(masked), [
    ["db.password", "[REDACTED]"],
    ["pan", "[REDACTED]"],
    ["at", 1773930900123456789n],
    ["trace_id", "4111111111111111"],
    ["session.id", "s1"],
  ]);
});

test("numbers are looked through for what the user looks for, and cards however JSON writes them", () => {
  const own: MaskSettings = { ...DEFAULTS, patterns: [{ name: "badge", regex: "^[0-9]{6}$" }] };
  const values = [
    '{"intValue":"123456"}',
    '{"intValue":123456}',
    '{"doubleValue":123456}',
    '{"intValue":4.111111111111111e15}',
    '{"doubleValue":4111111111111111.0}',
    '{"intValue":"1234567"}',
  ];
  const attributes = values.map((value) => `{"key":"k","value":${value}}`).join(",");
  const request = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[${attributes}]}]}]}]}`;
  const masked = new JsonMasking(compileMasker(own), false).mask(Buffer.from(request), REQUESTS.logs);
  const kept = Buffer.from(masked).toString();
  assert.equal(kept.split('{"stringValue":"[REDACTED]"}').length - 1, 5);
  assert.ok(kept.includes('{"intValue":"1234567"}'));
  const protobuf = logsRequest({ attributes: [attribute("badge", 123_456n), attribute("n", 1_234_567n)] });
  const answered = new ProtobufMasking(compileMasker(own), false).mask(protobuf, REQUESTS.logs);
  assert.deepEqual(attributesOf(answered), [
    ["badge", "[REDACTED]"],
    ["n", 1_234_567n],
  ]);
});

test("true and false under a blocked key are no secret, as in events, and what stands beside them is", () => {
  const [yes, no, text] = [{ boolValue: true }, { bool_value: false }, { boolValue: true, stringValue: "x" }];
  const attributes = [yes, no, text].map((value) => ({ key: "requires_auth", value }));
  const request = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] });
  const masked = Buffer.from(maskJson("logs", Buffer.from(request))).toString();
  assert.equal(masked, request.replace(JSON.stringify(text), '{"stringValue":"[REDACTED]"}'));

  const flag = create(KeyValueSchema, {
    key: "requires_auth",
    value: create(AnyValueSchema, { value: { case: "boolValue", value: true } }),
  });
  const plain = logsRequest({ attributes: [flag] });
  assert.deepEqual(maskProtobuf("logs", plain), plain);
  // AnyValue { bool_value, string_value }, of which receivers take the last.
  const both = Buffer.from([16, 1, 10, 1, 120]);
  const entry = new BinaryWriter().tag(1, WireType.LengthDelimited).string("auth");
  const bytes = entry.tag(2, WireType.LengthDelimited).bytes(both).finish();
  const wrap = (field: number, inner: Uint8Array): Uint8Array =>
    new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(inner).finish();
  const given = wrap(1, wrap(2, wrap(2, wrap(6, bytes))));
  assert.deepEqual(attributesOf(maskProtobuf("logs", given)), [["auth", "[REDACTED]"]]);
});

test("in JSON the key may stand behind the value, and original field names count", () => {
  const request = `{"resource_logs":[{"scopeLogs":[{"log_records":[
    {"attributes":[{"value":{"string_value":"x"},"key":"password"},{"key":"pan","value":{"intValue":"4111111111111111"}}],
     "body":{"stringValue":"mail ${CANARY}"},"timeUnixNano":"1773930900123456789","unknown":["${CANARY}",1]}]}]}]}`;
  const masked = Buffer.from(maskJson("logs", Buffer.from(request))).toString();
  assert.equal(
    masked,
    request
      .replace('{"string_value":"x"}', '{"stringValue":"[REDACTED]"}')
      .replace('{"intValue":"4111111111111111"}', '{"stringValue":"[REDACTED]"}')
      .replaceAll(CANARY, "[REDACTED]"),
  );
});

test("unknown fields stay where they are", () => {
  const record = new BinaryWriter()
    .tag(99, WireType.LengthDelimited)
    .string("from the future")
    .raw(toBinary(LogRecordSchema, create(LogRecordSchema, { severityText: CANARY })))
    .tag(98, WireType.Varint)
    .uint32(7)
    .finish();
  const wrap = (bytes: Uint8Array, field: number): Uint8Array =>
    new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
  const masked = maskProtobuf("logs", wrap(wrap(wrap(record, 2), 2), 1));
  const [resource] = fromBinary(ExportLogsServiceRequestSchema, masked).resourceLogs;
  const kept = resource?.scopeLogs[0]?.logRecords[0];
  assert.equal(kept?.severityText, "[REDACTED]");
  assert.deepEqual(
    kept.$unknown?.map(({ no }) => no),
    [99, 98],
  );
});

test("a value in pieces and a key given twice hide nothing", () => {
  const value = (text: string): Uint8Array =>
    toBinary(AnyValueSchema, create(AnyValueSchema, { value: { case: "stringValue", value: text } }));
  const pair = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .string("password")
    .tag(2, WireType.LengthDelimited)
    .bytes(value("first"))
    .tag(1, WireType.LengthDelimited)
    .string("harmless")
    .tag(2, WireType.LengthDelimited)
    .bytes(value("second"))
    .finish();
  const wrap = (bytes: Uint8Array, field: number): Uint8Array =>
    new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
  const masked = Buffer.from(maskProtobuf("logs", wrap(wrap(wrap(wrap(pair, 6), 2), 2), 1)));
  assert.ok(!masked.includes("first") && !masked.includes("second"));
});

test("what is nested beyond the limit goes whole", () => {
  const nested = (depth: number): object =>
    depth === 0 ? { stringValue: CANARY } : { arrayValue: { values: [nested(depth - 1)] } };
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: nested(100) }] }] }] };
  const masked = Buffer.from(maskJson("logs", Buffer.from(JSON.stringify(request)))).toString();
  assert.doesNotMatch(masked, /canary/);
  assert.match(masked, /\[REDACTED\]/);
});

describe("with keep_in_otlp, events alone are masked", () => {
  const event = { eventName: "a.b", attributes: [attribute("mail", CANARY)] };
  const named = { attributes: [attribute("event.name", "a.b"), attribute("mail", CANARY)] };
  const other = { attributes: [attribute("mail", CANARY)] };
  const request = (records: readonly (typeof other)[]): Uint8Array =>
    toBinary(
      ExportLogsServiceRequestSchema,
      create(ExportLogsServiceRequestSchema, {
        resourceLogs: records.map((record) => ({
          resource: { attributes: [attribute("owner", CANARY)] },
          scopeLogs: [{ logRecords: [create(LogRecordSchema, record)] }],
        })),
      }),
    );

  test("with the resource around them, and other records not", () => {
    const mixed = request([event, other, named]);
    const masked = fromBinary(ExportLogsServiceRequestSchema, maskProtobuf("logs", mixed, true));
    const canaries = masked.resourceLogs.map(
      (one) =>
        JSON.stringify(one.resource?.attributes).includes("canary") &&
        JSON.stringify(one.scopeLogs[0]?.logRecords[0]?.attributes).includes("canary"),
    );
    assert.deepEqual(canaries, [false, true, false]);
    const json = toJson(ExportLogsServiceRequestSchema, fromBinary(ExportLogsServiceRequestSchema, mixed));
    assert.deepEqual(
      JSON.parse(Buffer.from(maskJson("logs", Buffer.from(JSON.stringify(json)), true)).toString()),
      toJson(ExportLogsServiceRequestSchema, masked),
    );
  });

  test("and a request without events keeps its bytes", () => {
    const others = request([other, other]);
    assert.equal(maskProtobuf("logs", others, true), others);
  });
});

test("whatever the bytes are, there is an answer or an OtlpDecodeError", () => {
  const seeds = SIGNALS.map((signal) => toBinary(SCHEMAS[signal], filled(SCHEMAS[signal])).subarray(0, 4000));
  const random = fc.sample(
    fc.tuple(fc.nat(2), fc.array(fc.tuple(fc.nat(3999), fc.nat(255)), { maxLength: 20 })),
    { numRuns: 500, seed: 11 },
  );
  for (const [which, changes] of random) {
    const bytes = Buffer.from(seeds[which] ?? []);
    for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
    for (const mask of [maskProtobuf, maskJson]) {
      try {
        mask(SIGNALS[which] ?? "logs", bytes);
      } catch (error) {
        assert.equal(error instanceof Error ? error.name : "", "OtlpDecodeError");
      }
    }
  }
});
