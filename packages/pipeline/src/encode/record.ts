/**
 * A log record in OTLP/JSON (OTLP specification, "JSON Protobuf Encoding"), for `cloud_events.data: record`:
 * 64-bit integers are strings, ids are hex, fields with their default are left out.
 */
import type { Draft } from "../draft.ts";
import { type AnyValue, IntegralDouble, KeyValues, type UnixTime } from "../log-event.ts";
import { base64, numberText, quote } from "./json-text.ts";

export function recordText(draft: Draft): string {
  const { record, names, values, body } = draft;
  const fields: string[] = [];
  if (record?.time !== undefined) fields.push(`"timeUnixNano":"${nanosOf(record.time)}"`);
  if (record?.observedTime !== undefined) {
    fields.push(`"observedTimeUnixNano":"${nanosOf(record.observedTime)}"`);
  }
  if (draft.severityNumber !== 0) fields.push(`"severityNumber":${draft.severityNumber}`);
  if (draft.severityText !== "") fields.push(`"severityText":${quote(draft.severityText)}`);
  fields.push(`"eventName":${quote(draft.type)}`);
  if (body !== undefined) fields.push(`"body":${anyValueText(body)}`);
  if (names.length > 0) fields.push(`"attributes":${attributesText(draft.keys, values)}`);
  if (record !== undefined && record.droppedAttributesCount !== 0) {
    fields.push(`"droppedAttributesCount":${record.droppedAttributesCount}`);
  }
  if (draft.flags !== 0) fields.push(`"flags":${draft.flags}`);
  if (draft.traceId !== "") fields.push(`"traceId":"${draft.traceId}"`);
  if (draft.spanId !== "") fields.push(`"spanId":"${draft.spanId}"`);
  return `{${fields.join()}}`;
}

function anyValueText(value: AnyValue): string {
  switch (typeof value) {
    case "string":
      return `{"stringValue":${quote(value)}}`;
    case "boolean":
      return `{"boolValue":${value}}`;
    case "bigint":
      return `{"intValue":"${value}"}`;
    case "number":
      // In process, a large double is no integer of 64 bits merely for having no fraction.
      return Number.isSafeInteger(value) ? `{"intValue":"${value}"}` : `{"doubleValue":${numberText(value)}}`;
    default:
      break;
  }
  if (value === null) return "{}";
  if (value instanceof KeyValues)
    return `{"kvlistValue":{"values":${attributesText(value.keys, value.values)}}}`;
  if (value instanceof IntegralDouble) return `{"doubleValue":${numberText(value.value)}}`;
  if (value instanceof Uint8Array) return `{"bytesValue":"${base64(value)}"}`;
  return `{"arrayValue":{"values":[${value.map(anyValueText).join()}]}}`;
}

function attributesText(keys: readonly string[], values: readonly AnyValue[]): string {
  const items = keys.map((key, i) => `{"key":${quote(key)},"value":${anyValueText(values[i] ?? null)}}`);
  return `[${items.join()}]`;
}

/** Nanoseconds since the epoch as decimal text. */
function nanosOf({ seconds, nanos }: UnixTime): string {
  return seconds === 0 ? `${nanos}` : `${seconds}${String(nanos).padStart(9, "0")}`;
}
