/** Export requests of every shape, as protobuf-es messages. */
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import {
  type AnyValue,
  AnyValueSchema,
  type KeyValue,
  KeyValueSchema,
} from "../../packages/sidecar/src/otlp/gen/otlp/common_pb.ts";
import {
  type LogRecord,
  LogRecordSchema,
  SeverityNumber,
} from "../../packages/sidecar/src/otlp/gen/otlp/logs_pb.ts";
import {
  type ExportLogsServiceRequest,
  ExportLogsServiceRequestSchema,
} from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Names that clients send, names that mean something, and names that would hurt. */
const keys = fc.oneof(
  fc.constantFrom("http.route", "user.id", "coresdk.tenant_id", "tenant_id", "log.record.uid", "__proto__"),
  fc.constantFrom("event.name", "otel.event.name", "http.request.body.content", "cloudevents.sequence"),
  fc.string({ unit: "grapheme", maxLength: 60 }),
);

const texts = fc.oneof(fc.constantFrom("allowed", "acme"), fc.string({ unit: "grapheme", maxLength: 200 }));

const { anyValue, keyValue } = fc.letrec<{ anyValue: AnyValue; keyValue: KeyValue }>((tie) => ({
  anyValue: fc
    .oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constant({ case: undefined }),
      texts.map((value) => ({ case: "stringValue" as const, value })),
      fc.boolean().map((value) => ({ case: "boolValue" as const, value })),
      fc.bigInt({ min: INT64_MIN, max: INT64_MAX }).map((value) => ({ case: "intValue" as const, value })),
      fc.integer().map((value) => ({ case: "intValue" as const, value: BigInt(value) })),
      fc.double().map((value) => ({ case: "doubleValue" as const, value })),
      fc.uint8Array({ maxLength: 20 }).map((value) => ({ case: "bytesValue" as const, value })),
      fc
        .array(tie("anyValue"), { maxLength: 4 })
        .map((values) => ({ case: "arrayValue" as const, value: { values } })),
      fc
        .array(tie("keyValue"), { maxLength: 4 })
        .map((values) => ({ case: "kvlistValue" as const, value: { values } })),
    )
    .map((value) => create(AnyValueSchema, { value })),
  keyValue: fc
    .record({ key: keys, value: fc.option(tie("anyValue"), { nil: undefined }) })
    .map(({ key, value }) => create(KeyValueSchema, value === undefined ? { key } : { key, value })),
}));

const uint32s = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const times = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.integer({ min: 0, max: 10 ** 9 }).map((nanos) => 1_773_930_900_000_000_000n + BigInt(nanos)),
);
const attributes = fc.array(keyValue, { maxLength: 10 });

const logRecord: fc.Arbitrary<LogRecord> = fc
  .record({
    timeUnixNano: times,
    observedTimeUnixNano: times,
    severityNumber: fc.constantFrom(...Object.values(SeverityNumber)),
    severityText: texts,
    body: fc.option(anyValue, { nil: undefined }),
    attributes,
    droppedAttributesCount: uint32s,
    flags: uint32s,
    traceId: fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ maxLength: 20 })),
    spanId: fc.oneof(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.uint8Array({ maxLength: 10 })),
    eventName: fc.oneof(fc.constant(""), fc.constantFrom("a.b", "io.coresdk.error"), texts),
  })
  .map(({ body, ...fields }) => create(LogRecordSchema, body === undefined ? fields : { ...fields, body }));

/** Any export request, events and other records mixed. */
export const exportRequest: fc.Arbitrary<ExportLogsServiceRequest> = fc
  .array(
    fc.record({
      resource: fc.option(fc.record({ attributes, droppedAttributesCount: uint32s }), { nil: undefined }),
      schemaUrl: fc.constantFrom("", "https://schema.example/1"),
      scopeLogs: fc.array(
        fc.record({
          scope: fc.option(fc.record({ name: texts, version: texts, attributes }), { nil: undefined }),
          schemaUrl: fc.constantFrom("", "https://schema.example/2"),
          logRecords: fc.array(logRecord, { maxLength: 4 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  )
  .map((resourceLogs) =>
    create(ExportLogsServiceRequestSchema, {
      resourceLogs: resourceLogs.map(({ resource, scopeLogs, ...rest }) => ({
        ...rest,
        ...(resource === undefined ? {} : { resource }),
        scopeLogs: scopeLogs.map(({ scope, ...logs }) => (scope === undefined ? logs : { ...logs, scope })),
      })),
    }),
  );
