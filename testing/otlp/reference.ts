/** What the hand-written decoders should find, worked out from the messages of protobuf-es. */

import {
  type EventNameOrigin,
  type AnyValue as EventValue,
  IntegralDouble,
  KeyValues,
  type LogEvent,
  type UnixTime,
} from "@coresdk/pipeline";
import type { AnyValue, KeyValue } from "../../packages/sidecar/src/otlp/gen/otlp/common_pb.ts";
import type { LogRecord } from "../../packages/sidecar/src/otlp/gen/otlp/logs_pb.ts";
import type { ExportLogsServiceRequest } from "../../packages/sidecar/src/otlp/gen/otlp/logs_service_pb.ts";

const NAMES = ["otel.event.name", "event.name"] as const;

/** The events of a request, in order. */
export function referenceEvents(request: ExportLogsServiceRequest): LogEvent[] {
  const events: LogEvent[] = [];
  let index = 0;
  for (const resourceLogs of request.resourceLogs) {
    const resource = { attributes: toKeyValues(resourceLogs.resource?.attributes ?? []) };
    for (const scopeLogs of resourceLogs.scopeLogs) {
      const scope = { name: scopeLogs.scope?.name ?? "", version: scopeLogs.scope?.version ?? "" };
      for (const record of scopeLogs.logRecords) {
        const named = nameOf(record);
        const place = index++;
        if (named === undefined) continue;
        events.push({
          eventName: named.name,
          eventNameOrigin: named.origin,
          time: toTime(record.timeUnixNano),
          observedTime: toTime(record.observedTimeUnixNano),
          severityNumber: record.severityNumber,
          severityText: record.severityText,
          body: record.body === undefined ? undefined : toValue(record.body),
          attributes: toKeyValues(record.attributes),
          droppedAttributesCount: record.droppedAttributesCount,
          traceId: toId(record.traceId, 16),
          spanId: toId(record.spanId, 8),
          flags: record.flags,
          resource,
          scope,
          index: place,
        });
      }
    }
  }
  return events;
}

/** True for a record that is an event. */
export function isEvent(record: LogRecord): boolean {
  return nameOf(record) !== undefined;
}

function nameOf(record: LogRecord): { name: string; origin: EventNameOrigin } | undefined {
  if (record.eventName !== "") return { name: record.eventName, origin: "field" };
  for (const origin of NAMES) {
    for (const { key, value } of record.attributes) {
      if (key === origin && value?.value.case === "stringValue" && value.value.value !== "") {
        return { name: value.value.value, origin };
      }
    }
  }
  return undefined;
}

function toTime(nanos: bigint): UnixTime | undefined {
  if (nanos === 0n) return undefined;
  return { seconds: Number(nanos / 1_000_000_000n), nanos: Number(nanos % 1_000_000_000n) };
}

function toId(bytes: Uint8Array, size: number): string {
  return bytes.length === size && bytes.some((byte) => byte !== 0) ? Buffer.from(bytes).toString("hex") : "";
}

function toKeyValues(pairs: readonly KeyValue[]): KeyValues {
  const list = new KeyValues();
  for (const { key, value } of pairs) list.add(key, value === undefined ? null : toValue(value));
  return list;
}

function toValue({ value }: AnyValue): EventValue {
  switch (value.case) {
    case "intValue":
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value;
    case "doubleValue":
      return Number.isInteger(value.value) ? new IntegralDouble(value.value) : value.value;
    case "arrayValue":
      return value.value.values.map(toValue);
    case "kvlistValue":
      return toKeyValues(value.value.values);
    case "bytesValue":
      return Uint8Array.from(value.value);
    case "stringValue":
    case "boolValue":
      return value.value;
    case "stringValueStrindex":
    case undefined:
      return null;
  }
}
