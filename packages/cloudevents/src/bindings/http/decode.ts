import { atIndex, CloudEventError } from "../../errors.ts";
import type { CloudEvent } from "../../event/event.ts";
import { finish } from "../../event/inspect.ts";
import { type DecodedBatch, decodeBatchBody, decodeEventBody } from "../../formats/json/decode.ts";
import { type DecodeOptions, type DecodeSettings, decodeSettings } from "../../formats/json/parse.ts";
import { contentModeOf, unexpectedBatch } from "../content-mode.ts";
import { decodePayload } from "../payload.ts";
import {
  CONTENT_TYPE,
  decodeHeaderValue,
  type HttpHeaders,
  type HttpHeaderValue,
  headerError,
  headerRole,
} from "./headers.ts";

/** A request or a response that carries one event or more. */
export interface HttpMessageInit {
  readonly headers: HttpHeaders;
  /**
   * The body: text, a `Uint8Array` or an `ArrayBuffer`; `undefined` or `null` when there is none. Where a
   * framework has parsed a JSON body already, the value that it made of it.
   */
  readonly body?: unknown;
}

/**
 * Decodes the event that an HTTP message carries, in binary or structured mode.
 *
 * @throws CloudEventError for the first thing that is wrong; `unexpected_batch` for a message in batched mode
 */
export function decode(message: HttpMessageInit, options?: DecodeOptions): CloudEvent {
  const settings = decodeSettings(options);
  const pairs = pairsOf(message.headers);
  const contentType = contentTypeOf(pairs);
  switch (contentModeOf(contentType)) {
    case "structured":
      return decodeEventBody(message.body, settings);
    case "batch":
      throw unexpectedBatch();
    case "binary":
      return decodeBinary(pairs, contentType, message.body, settings);
  }
}

/**
 * Decodes what a receiver that allows batches may get: a message in batched mode, or one in another mode as a
 * batch of one.
 *
 * @throws CloudEventError when the message as a whole cannot be read
 */
export function decodeBatch(message: HttpMessageInit, options?: DecodeOptions): DecodedBatch {
  if (contentModeOf(contentTypeOf(pairsOf(message.headers))) === "batch") {
    return decodeBatchBody(message.body, decodeSettings(options));
  }
  try {
    return { events: [decode(message, options)], errors: [] };
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    return { events: [], errors: [atIndex(error, 0)] };
  }
}

/** The event whose attributes stand in the headers and whose data is the body (section 3.1). */
function decodeBinary(
  pairs: HeaderPairs,
  contentType: string | undefined,
  body: unknown,
  settings: DecodeSettings,
): CloudEvent {
  const event: Record<string, unknown> = {};
  let found = false;
  for (const [name, values] of pairs) {
    const attribute = headerRole(name);
    if (attribute === "" || attribute === CONTENT_TYPE) continue;
    const value = singleValue(values, attribute);
    if (value === undefined) continue;
    if (Object.hasOwn(event, attribute)) throw headerError(attribute, "one header, not several");
    event[attribute] = decodeHeaderValue(value, attribute);
    found = true;
  }
  if (!found) throw new CloudEventError("not_a_cloudevent", "a CloudEvents content type or ce- headers");
  if (contentType !== undefined) event["datacontenttype"] = contentType;
  const data = decodePayload(body, contentType, settings);
  if (data !== undefined) event["data"] = data;
  return finish(event);
}

type HeaderPairs = readonly (readonly [string, HttpHeaderValue])[];

function pairsOf(headers: HttpHeaders): HeaderPairs {
  if (typeof headers !== "object" || headers === null) {
    throw new CloudEventError("invalid_argument", "headers: an object, a Map or Headers");
  }
  return isIterable(headers) ? [...headers] : Object.entries(headers);
}

function isIterable(headers: HttpHeaders): headers is Iterable<readonly [string, HttpHeaderValue]> {
  return Symbol.iterator in headers;
}

function contentTypeOf(pairs: HeaderPairs): string | undefined {
  for (const [name, values] of pairs) {
    if (name.length !== CONTENT_TYPE.length || name.toLowerCase() !== CONTENT_TYPE) continue;
    const value = singleValue(values, "datacontenttype")?.trim();
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}

/** An attribute can be there only once (spec, "Context Attributes"). */
function singleValue(values: HttpHeaderValue, attribute: string): string | undefined {
  if (typeof values === "string" || values === undefined) return values;
  if (!Array.isArray(values) || values.length > 1 || typeof values[0] !== "string") {
    throw headerError(attribute, "one header, in text");
  }
  return values[0];
}
