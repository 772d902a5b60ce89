import { CloudEventError } from "../../errors.ts";
import type { CloudEvent } from "../../event/event.ts";
import { requireEvent } from "../../event/inspect.ts";
import { isBatch, writeEvents } from "../../formats/json/encode.ts";
import { type EncodeOptions, requireChoice, requireOptions } from "../../formats/json/options.ts";
import { BATCH_TYPE, EVENT_TYPE, SINGLE_MODES } from "../content-mode.ts";
import { encodePayload } from "../payload.ts";
import { CONTENT_TYPE, encodeHeaderValue, headerName } from "./headers.ts";

/** How an event becomes an HTTP message. */
export interface HttpEncodeOptions extends EncodeOptions {
  /** `structured` (default): the whole event is the body; `binary`: the attributes are headers, the data is the body. */
  readonly mode?: "structured" | "binary" | undefined;
}

/** Headers (lower-case names) and body, for a request or a response. */
export interface HttpMessage {
  readonly headers: Record<string, string>;
  /** Absent: no data. Text is to be sent as UTF-8. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** A message in structured or batched mode: always JSON text. */
export interface StructuredHttpMessage extends HttpMessage {
  readonly body: string;
}

/**
 * Encodes an event as an HTTP message; an array becomes a batch, which a receiver must have asked for (HTTP
 * binding, section 3).
 *
 * @throws CloudEventError when an event is not valid, or its data cannot be written
 */
export function encode(
  events: CloudEvent | readonly CloudEvent[],
  options?: EncodeOptions & { readonly mode?: "structured" | undefined },
): StructuredHttpMessage;
export function encode(event: CloudEvent, options?: HttpEncodeOptions): HttpMessage;
export function encode(events: CloudEvent | readonly CloudEvent[], options?: HttpEncodeOptions): HttpMessage {
  if (options !== undefined) requireHttpOptions(options);
  if (options?.mode !== "binary") {
    // Without a charset: JSON is in UTF-8, and some receivers compare the whole text.
    const contentType = isBatch(events) ? BATCH_TYPE : EVENT_TYPE;
    return { headers: { [CONTENT_TYPE]: contentType }, body: writeEvents(events, options) };
  }
  if (isBatch(events)) throw new CloudEventError("invalid_argument", "one event in binary mode");
  return encodeBinary(events, options);
}

const OPTIONS: ReadonlySet<string> = new Set(["integers", "mode"] satisfies (keyof HttpEncodeOptions)[]);

function requireHttpOptions(options: HttpEncodeOptions): void {
  requireOptions(options, OPTIONS);
  requireChoice("mode", options.mode, SINGLE_MODES);
}

function encodeBinary(event: CloudEvent, options: EncodeOptions): HttpMessage {
  const valid = requireEvent(event);
  const { contentType, body } = encodePayload(valid, options);
  const headers: Record<string, string> = {};
  if (contentType !== undefined) headers[CONTENT_TYPE] = contentType;
  for (const name of Object.keys(valid)) {
    if (name === "data" || name === "datacontenttype") continue;
    const value = valid[name];
    headers[headerName(name)] = typeof value === "string" ? encodeHeaderValue(value) : String(value);
  }
  if (body === undefined) return { headers };
  return { headers, body: typeof body === "object" ? transferable(body) : body };
}

/** What `fetch` takes: bytes that share no memory with another thread. */
function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : bytes.slice();
}
