/** OTLP/JSON out of protobuf, by way of ProtoJSON and the two ways in which OTLP differs from it. */
import { fromBinary, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ExportLogsServiceRequestSchema } from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";

/** The same request in OTLP/JSON: ids in hex, enums as integers. */
export function toOtlpJson(request: Uint8Array): JsonValue {
  const message = fromBinary(ExportLogsServiceRequestSchema, request);
  const json = toJson(ExportLogsServiceRequestSchema, message, { enumAsInteger: true });
  return withIds(json, (id) => Buffer.from(id, "base64").toString("hex"));
}

/** The ProtoJSON of an OTLP/JSON request: ids in base64. */
export function fromOtlpJson(json: JsonValue): JsonValue {
  return withIds(json, (id) => Buffer.from(id, "hex").toString("base64"));
}

function withIds(json: JsonValue, convert: (id: string) => string): JsonValue {
  for (const resourceLogs of itemsOf(json, "resourceLogs")) {
    for (const scopeLogs of itemsOf(resourceLogs, "scopeLogs")) {
      for (const record of itemsOf(scopeLogs, "logRecords")) {
        for (const field of ["traceId", "spanId"]) {
          const id = record[field];
          if (typeof id === "string") record[field] = convert(id);
        }
      }
    }
  }
  return json;
}

function itemsOf(json: JsonValue | undefined, field: string): JsonObject[] {
  const items = isObject(json) ? json[field] : undefined;
  return Array.isArray(items) ? items.filter(isObject) : [];
}

function isObject(json: JsonValue | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
