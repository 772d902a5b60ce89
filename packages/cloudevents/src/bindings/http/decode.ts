import { atIndex, CloudEventError } from "../../errors.ts";
import type { CloudEvent } from "../../event/event.ts";
import { type DecodedBatch, decodeBatchBody, decodeEventBody } from "../../formats/json/decode.ts";
import { type DecodeOptions, decodeSettings } from "../../formats/json/parse.ts";
import { decodeBinary } from "../binary-mode.ts";
import { contentModeOf, unexpectedBatch } from "../content-mode.ts";
import { collectHeaders, type HeaderFields } from "../header-fields.ts";
import { type HttpHeaders, type HttpHeaderValue, headerRole, singleValue, valueTexts } from "./headers.ts";

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
  const { body } = message;
  const fields = collectHeaders(message.headers, headerRole);
  const contentType = contentTypeOf(fields);
  switch (contentModeOf(contentType)) {
    case "structured":
      return decodeEventBody(body, settings);
    case "batch":
      throw unexpectedBatch();
    case "binary":
      return decodeBinary({ roles: fields.roles, texts: valueTexts(fields), contentType, body }, settings);
  }
}

/**
 * Decodes what a receiver that allows batches may get: a message in batched mode, or one in another mode as a
 * batch of one.
 *
 * @throws CloudEventError when the message as a whole cannot be read
 */
export function decodeBatch(message: HttpMessageInit, options?: DecodeOptions): DecodedBatch {
  if (contentModeOf(contentTypeOf(collectHeaders(message.headers, headerRole))) === "batch") {
    return decodeBatchBody(message.body, decodeSettings(options));
  }
  try {
    return { events: [decode(message, options)], errors: [] };
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    return { events: [], errors: [atIndex(error, 0)] };
  }
}

function contentTypeOf(fields: HeaderFields<HttpHeaderValue>): string | undefined {
  return singleValue(fields.contentType, "datacontenttype")?.trim() || undefined;
}
