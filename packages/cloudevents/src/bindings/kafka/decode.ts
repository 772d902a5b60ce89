import { CloudEventError } from "../../errors.ts";
import type { CloudEvent } from "../../event/event.ts";
import { finish } from "../../event/inspect.ts";
import { decodeEventBody } from "../../formats/json/decode.ts";
import { type DecodeOptions, type DecodeSettings, decodeSettings } from "../../formats/json/parse.ts";
import { contentModeOf, unexpectedBatch } from "../content-mode.ts";
import { decodePayload } from "../payload.ts";
import {
  CONTENT_TYPE,
  headerError,
  headerRole,
  type KafkaHeaders,
  type KafkaHeaderValue,
  type KafkaText,
  nameText,
  valueText,
} from "./headers.ts";

/** What of a consumed record is read. The key is the record's, not the event's: it is not looked at. */
export interface KafkaRecordInit {
  /** `null` and `undefined` are a record without a value. */
  readonly value?: string | Uint8Array | ArrayBuffer | null | undefined;
  /** Absent headers are read as none. */
  readonly headers?: KafkaHeaders | null | undefined;
}

/**
 * Decodes the event that a Kafka record carries, in binary or structured mode.
 *
 * @throws CloudEventError for the first thing that is wrong
 */
export function decode(record: KafkaRecordInit, options?: DecodeOptions): CloudEvent {
  const settings = decodeSettings(options);
  const pairs = pairsOf(record.headers);
  const contentType = contentTypeOf(pairs);
  switch (contentModeOf(contentType)) {
    case "structured":
      return decodeEventBody(record.value, settings);
    case "batch":
      // Section 1.3: the binding has no batched mode.
      throw unexpectedBatch();
    case "binary":
      return decodeBinary(pairs, contentType, record.value, settings);
  }
}

/** The event whose attributes stand in the headers and whose data is the value (section 3.2). */
function decodeBinary(
  pairs: HeaderPairs,
  contentType: string | undefined,
  value: unknown,
  settings: DecodeSettings,
): CloudEvent {
  const event: Record<string, unknown> = {};
  let found = false;
  for (const [name, values] of pairs) {
    const attribute = headerRole(name);
    if (attribute === "" || attribute === CONTENT_TYPE) continue;
    const text = valueText(values, attribute);
    if (text === undefined) continue;
    if (Object.hasOwn(event, attribute)) throw headerError(attribute, "one header, not several");
    event[attribute] = text;
    found = true;
  }
  if (!found) throw new CloudEventError("not_a_cloudevent", "a CloudEvents content type or ce_ headers");
  if (contentType !== undefined) event["datacontenttype"] = contentType;
  const data = decodePayload(value, contentType, settings);
  if (data !== undefined) event["data"] = data;
  return finish(event);
}

type HeaderPairs = readonly (readonly [string, KafkaHeaderValue])[];

function pairsOf(headers: KafkaHeaders | null | undefined): HeaderPairs {
  if (headers === null || headers === undefined) return [];
  if (typeof headers !== "object") {
    throw new CloudEventError("invalid_argument", "headers: an object, a Map or a list of pairs");
  }
  if (!isIterable(headers)) return Object.entries(headers);
  const pairs: [string, KafkaHeaderValue][] = [];
  for (const [name, value] of headers) pairs.push([nameText(name), value]);
  return pairs;
}

function isIterable(headers: KafkaHeaders): headers is Iterable<readonly [KafkaText, KafkaHeaderValue]> {
  return Symbol.iterator in headers;
}

function contentTypeOf(pairs: HeaderPairs): string | undefined {
  for (const [name, values] of pairs) {
    if (name.length !== CONTENT_TYPE.length || name.toLowerCase() !== CONTENT_TYPE) continue;
    const value = valueText(values, "datacontenttype")?.trim();
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}
