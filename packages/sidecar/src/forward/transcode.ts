/** OTLP/JSON to protobuf (OTLP specification, "JSON Protobuf Encoding"), for JSON requests to a gRPC upstream. */
import { type DescMessage, fromJson, toBinary } from "@bufbuild/protobuf";
import type { Signal } from "../contracts.ts";
import { ExportLogsServiceRequestSchema } from "../otlp/gen/otlp/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../otlp/gen/otlp/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../otlp/gen/otlp/trace_service_pb.ts";

const schemas: Readonly<Record<Signal, DescMessage>> = {
  logs: ExportLogsServiceRequestSchema,
  traces: ExportTraceServiceRequestSchema,
  metrics: ExportMetricsServiceRequestSchema,
};

/** Ids are hex in OTLP/JSON, and no user's text can become a key: attributes are `{key, value}` objects. */
const hexFields: ReadonlySet<string> = new Set(["traceId", "spanId", "parentSpanId"]);

const HEX = /^(?:[0-9a-fA-F]{2})*$/;

/** Transcodes a request; `undefined` when it is no OTLP/JSON. Fields with unknown names are left out. */
export function transcodeToProtobuf(signal: Signal, json: Uint8Array): Uint8Array | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(json);
    const schema = schemas[signal];
    return toBinary(schema, fromJson(schema, JSON.parse(text, reviveField), { ignoreUnknownFields: true }));
  } catch {
    return undefined;
  }
}

/** Turns a parsed value into the one that protobuf's own JSON mapping has in its place; `undefined` leaves it out. */
function reviveField(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  // Original field names (`trace_id`) are unknown names in OTLP/JSON; protobuf's own mapping would take them.
  if (key.includes("_")) return undefined;
  if (typeof value === "number") {
    // A 64-bit integer may be written as a number, which a double cannot hold: its digits can.
    const source = context?.source;
    return source !== undefined &&
      Number.isInteger(value) &&
      !Number.isSafeInteger(value) &&
      /^-?\d+$/.test(source)
      ? source
      : value;
  }
  if (typeof value !== "string" || !hexFields.has(key)) return value;
  if (!HEX.test(value)) throw new TypeError(`${key} is not hexadecimal`);
  return Buffer.from(value, "hex").toString("base64");
}
