import { atIndex, CloudEventError } from "../../errors.ts";
import type { CloudEvent } from "../../event/event.ts";
import { type DecodedBatch, decodeBatchBody, decodeEventBody } from "../../formats/json/decode.ts";
import { type DecodeOptions, type DecodeSettings, decodeSettings } from "../../formats/json/options.ts";
import { unreadBody } from "../../formats/json/wire.ts";
import { decodeBinary } from "../binary-mode.ts";
import {
  type ContentMode,
  type ContentType,
  readContentType,
  unexpectedBatch,
  unsupportedMediaType,
} from "../content-mode.ts";
import { collectHeaders, type HeaderFields, trimSpace } from "../header-fields.ts";
import {
  attributeTexts,
  type HttpHeaders,
  type HttpHeaderValue,
  headerRole,
  singleValue,
} from "./headers.ts";

/** A request or a response that carries one event or more. */
export interface HttpMessageInit {
  readonly headers: HttpHeaders;
  /**
   * The body: text (decoded as UTF-8), a `Uint8Array` or an `ArrayBuffer`; `undefined` or `null` when there is
   * none. Where a framework has parsed a JSON body already, the value that it made of it, if that is neither a string
   * nor `null`: in binary mode a string is taken for the body's text and parsed again, and `null` is no body, except
   * where `content-length` says that it was the four bytes of a `null`. Give the bytes where data may be one of the
   * two. Data that stays bytes is a view of this body, no copy.
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
  const parts = takeApart(message);
  if (parts.mode === "batch") throw unexpectedBatch();
  return decodeOne(parts, settings);
}

/**
 * Decodes what a receiver that allows batches may get: a message in batched mode, or one in another mode as a
 * batch of one.
 *
 * @throws CloudEventError when the message as a whole cannot be read; `not_a_cloudevent` for one that is neither by
 * its content type nor by its headers, as {@link decode} does
 */
export function decodeBatch(message: HttpMessageInit, options?: DecodeOptions): DecodedBatch {
  const settings = decodeSettings(options);
  const parts = takeApart(message);
  if (parts.mode === "batch") return decodeBatchBody(parts.body, settings);
  try {
    return { events: [decodeOne(parts, settings)], errors: [] };
  } catch (error) {
    // No event that is wrong, but no event.
    if (!(error instanceof CloudEventError) || error.code === "not_a_cloudevent") throw error;
    return { events: [], errors: [atIndex(error, 0)] };
  }
}

interface MessageParts {
  readonly mode: ContentMode;
  readonly contentType: ContentType | undefined;
  readonly fields: HeaderFields<HttpHeaderValue>;
  readonly body: unknown;
}

function takeApart(message: HttpMessageInit): MessageParts {
  if (typeof message !== "object" || message === null) {
    throw new CloudEventError("invalid_argument", "a message: an object with headers and a body");
  }
  const { headers, body } = message;
  const fields = collectHeaders(headers, headerRole);
  if (body === undefined && fields.announcedBytes !== 0) throw unreadBody();
  const contentType = contentTypeOf(fields);
  const mode = contentType?.mode ?? "binary";
  if (mode === "unsupported") throw unsupportedMediaType();
  return { mode, contentType, fields, body };
}

function decodeOne({ mode, contentType, fields, body }: MessageParts, settings: DecodeSettings): CloudEvent {
  if (mode === "structured") return decodeEventBody(body, settings);
  const given = body === null && isParsedNull(contentType, fields.announcedBytes) ? NULL_TEXT : body;
  return decodeBinary(attributeTexts(fields), contentType, given, settings);
}

const NULL_TEXT = "null";

/** True where `null` is what a framework has made of a body, not that there was none. */
function isParsedNull(contentType: ContentType | undefined, announcedBytes: number): boolean {
  return announcedBytes === NULL_TEXT.length && contentType?.mediaType?.kind === "json";
}

function contentTypeOf(fields: HeaderFields<HttpHeaderValue>): ContentType | undefined {
  const value = singleValue(fields.contentType, "datacontenttype");
  const text = value === undefined ? "" : trimSpace(value);
  return text === "" ? undefined : readContentType(text);
}
