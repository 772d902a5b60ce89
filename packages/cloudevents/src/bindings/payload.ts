/** Data as the bytes of a binary-mode message, and back; the same for every binding. */
import { CloudEventError } from "../errors.ts";
import type { Candidate } from "../event/candidate.ts";
import { dataError, isBytes, requireJsonOrBytes } from "../event/data.ts";
import { ASCII, isUtf8, type MediaType, parseMediaType } from "../event/media-type.ts";
import type { DecodeSettings, EncodeOptions } from "../formats/json/options.ts";
import { parseJson } from "../formats/json/parse.ts";
import { stringifyJson } from "../formats/json/stringify.ts";
import { isWire, requireRead, requireSize, type Wire } from "../formats/json/wire.ts";
import { announcesEvent, type ContentType } from "./content-mode.ts";

/** A body and its content type; either may be absent. */
export interface Payload {
  readonly contentType: string | undefined;
  readonly body: string | Uint8Array | undefined;
}

const JSON_TYPE = "application/json";

/**
 * The body of an event in binary mode. Where JSON data has no `datacontenttype`, the implied one becomes
 * explicit (JSON format, section 3.1.2); bytes without one stay without.
 *
 * @throws CloudEventError `invalid_data`; `invalid_attribute` for a media type that only structured mode can carry
 */
export function encodePayload(event: Candidate, options: EncodeOptions | undefined): Payload {
  const data = event["data"];
  const declared = event["datacontenttype"];
  const contentType = typeof declared === "string" ? declared : undefined;
  if (contentType !== undefined && announcesEvent(contentType)) {
    // The receiver would take the data for the event (HTTP binding, section 3; Kafka binding, section 3).
    throw new CloudEventError(
      "invalid_attribute",
      "a media type that does not begin with application/cloudevents: structured mode carries such data",
      { attribute: "datacontenttype" },
    );
  }
  if (data === undefined) return { contentType, body: undefined };
  if (isBytes(data)) return { contentType, body: data };
  const mediaType = parseMediaType(contentType ?? JSON_TYPE);
  if (mediaType?.kind === "json") {
    const text = stringifyJson(data, options);
    const body = fitsCharset(text, mediaType) ? text : inAscii(text);
    return { contentType: contentType ?? JSON_TYPE, body };
  }
  if (typeof data !== "string" || !data.isWellFormed()) throw dataError("text without lone surrogates");
  if (!fitsCharset(data, mediaType)) {
    throw dataError("a Uint8Array, because in the charset of datacontenttype the text may have other bytes");
  }
  return { contentType, body: data };
}

/**
 * JSON is in UTF-8, and a charset has no effect (RFC 8259, sections 8.1 and 11). A receiver that goes by it all the
 * same gets what means the same in nearly every charset.
 */
function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** True for text whose bytes in UTF-8 are those that the media type's charset has for it. */
function fitsCharset(text: string, mediaType: MediaType | undefined): boolean {
  if (mediaType === undefined) return true;
  return isUtf8(mediaType.charset) && (mediaType.charset !== ASCII || isAscii(text));
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

const encoder = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The data in a binary-mode body: a JSON value, a string or bytes, as the content type says. Text that is not
 * in its charset stays bytes. No bytes at all are no data, except under a type for which they are a value.
 *
 * @param body what came off the wire, or what a framework has already parsed as JSON
 * @returns `undefined` when there is no data
 * @throws CloudEventError `invalid_data`, `limit_exceeded`, `invalid_argument` for a body that is still to be read
 */
export function decodePayload(
  body: unknown,
  contentType: ContentType | undefined,
  settings: DecodeSettings,
): unknown {
  if (body === undefined || body === null) return undefined;
  const kind = contentType?.mediaType?.kind;
  if (!isWire(body)) {
    requireRead(body);
    if (kind !== "json") throw dataError("a body in bytes or text, because its content type is not JSON");
    requireJsonOrBytes(body, settings.maxDepth - 1);
    return body;
  }
  if (kind === "json") return decodeJson(body, settings);
  return decodeOther(body, contentType, settings);
}

function decodeOther(body: Wire, contentType: ContentType | undefined, settings: DecodeSettings): unknown {
  const mediaType = contentType?.mediaType;
  requireSize(body, settings);
  if (typeof body === "string" && !fitsCharset(body, mediaType)) {
    // Its bytes are gone, and as UTF-8 they would be other ones than the charset says.
    throw dataError(
      "a body in bytes, because in the charset of its content type the text may have other ones",
    );
  }
  if (mediaType?.kind === "text")
    return typeof body === "string" ? body : decodeText(bytesOf(body), mediaType);
  const bytes = typeof body === "string" ? encoder.encode(body) : bytesOf(body);
  return bytes.length === 0 && contentType === undefined ? undefined : bytes;
}

function decodeJson(body: Wire, settings: DecodeSettings): unknown {
  if ((typeof body === "string" ? body.length : body.byteLength) === 0) return undefined;
  try {
    return parseJson(body, settings, settings.maxDepth - 1);
  } catch (cause) {
    throw cause instanceof CloudEventError
      ? cause
      : dataError("JSON in UTF-8, because datacontenttype is JSON", cause);
  }
}

function decodeText(bytes: Uint8Array, mediaType: MediaType | undefined): string | Uint8Array {
  try {
    const text = utf8.decode(bytes);
    return fitsCharset(text, mediaType) ? text : bytes;
  } catch {
    return bytes;
  }
}

/** A plain view: a Buffer among the data would print and compare in its own way. */
function bytesOf(body: Uint8Array | ArrayBuffer): Uint8Array {
  return isBytes(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : new Uint8Array(body);
}
