/** The hand-written decoders against protobuf-es, on requests of every shape. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clone, equals, fromBinary, fromJson, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { createLogsDecoder } from "../../packages/pipeline/src/otlp/decode-logs.ts";
import { divideLogs } from "../../packages/pipeline/src/otlp/divide.ts";
import { createJsonLogsDecoder } from "../../packages/pipeline/src/otlp/json/decode-logs.ts";
import { divideJsonLogs } from "../../packages/pipeline/src/otlp/json/divide.ts";
import {
  type ExportLogsServiceRequest,
  ExportLogsServiceRequestSchema,
} from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";
import { exportRequest } from "./arbitrary.ts";
import { fromOtlpJson, toOtlpJson } from "./json.ts";
import { isEvent, referenceEvents } from "./reference.ts";

const RUNS = Number(process.env["CORESDK_FUZZ_RUNS"] ?? 300);

function encode(request: ExportLogsServiceRequest): Uint8Array {
  return toBinary(ExportLogsServiceRequestSchema, request);
}

function countRecords(request: ExportLogsServiceRequest): number {
  return request.resourceLogs.flatMap((logs) => logs.scopeLogs.flatMap((scope) => scope.logRecords)).length;
}

/** The request without its events and without the envelopes which that leaves empty. */
function withoutEvents(request: ExportLogsServiceRequest): ExportLogsServiceRequest {
  const rest = clone(ExportLogsServiceRequestSchema, request);
  rest.resourceLogs = rest.resourceLogs.filter((resourceLogs) => {
    const before = resourceLogs.scopeLogs.length;
    resourceLogs.scopeLogs = resourceLogs.scopeLogs.filter((scopeLogs) => {
      const records = scopeLogs.logRecords;
      scopeLogs.logRecords = records.filter((record) => !isEvent(record));
      return scopeLogs.logRecords.length > 0 || records.length === 0;
    });
    return resourceLogs.scopeLogs.length > 0 || before === 0;
  });
  return rest;
}

test("protobuf: the decoder finds what protobuf-es finds", () => {
  const decoder = createLogsDecoder();
  fc.assert(
    fc.property(exportRequest, (request) => {
      const { events, records } = decoder.decode(encode(request));
      assert.equal(records, countRecords(request));
      assert.deepEqual(events, referenceEvents(request));
    }),
    { seed: 31, numRuns: RUNS },
  );
});

test("OTLP/JSON: the decoder finds what is in the protobuf request", () => {
  const decoder = createJsonLogsDecoder();
  fc.assert(
    fc.property(exportRequest, (request) => {
      const json = Buffer.from(JSON.stringify(toOtlpJson(encode(request))));
      assert.deepEqual(decoder.decode(json).events, referenceEvents(request));
    }),
    { seed: 32, numRuns: RUNS },
  );
});

test("protobuf: a divided request is the request without its events", () => {
  const decoder = createLogsDecoder();
  fc.assert(
    fc.property(exportRequest, (request) => {
      const bytes = encode(request);
      const places = decoder.decode(bytes).events.map((event) => event.index);
      const rest = fromBinary(ExportLogsServiceRequestSchema, divideLogs(bytes, places));
      assert.ok(equals(ExportLogsServiceRequestSchema, rest, withoutEvents(request)));
      assert.deepEqual(decoder.decode(divideLogs(bytes, places)).events, []);
    }),
    { seed: 33, numRuns: RUNS },
  );
});

test("OTLP/JSON: a divided request is the request without its events, whatever white space it has", () => {
  const decoder = createJsonLogsDecoder();
  fc.assert(
    fc.property(exportRequest, fc.constantFrom("", " ", "\n\t"), (request, space) => {
      const text = Buffer.from(JSON.stringify(toOtlpJson(encode(request)), undefined, space));
      const places = decoder.decode(text).events.map((event) => event.index);
      const rest = divideJsonLogs(text, places).toString();
      const message = fromJson(ExportLogsServiceRequestSchema, fromOtlpJson(JSON.parse(rest)));
      assert.ok(equals(ExportLogsServiceRequestSchema, message, withoutEvents(request)));
    }),
    { seed: 34, numRuns: RUNS },
  );
});
