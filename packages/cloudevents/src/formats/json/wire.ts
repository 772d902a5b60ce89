import { CloudEventError } from "../../errors.ts";
import { isBytes } from "../../event/data.ts";
import type { DecodeSettings } from "./options.ts";

/** Bytes or text as they come off the wire. */
export type Wire = string | Uint8Array | ArrayBuffer;

/** True for what comes off a wire, as against a value that is parsed already. */
export function isWire(body: unknown): body is Wire {
  return typeof body === "string" || isBytes(body) || isArrayBuffer(body);
}

/** One of another realm included. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

/** @throws CloudEventError `limit_exceeded` */
export function requireSize(input: Wire, settings: DecodeSettings): void {
  const size = typeof input === "string" ? input.length : input.byteLength;
  // A UTF-16 unit is at most three bytes: hardly any text has to be counted.
  if (size * 3 > settings.maxBytes) requireBytes(input, settings.maxBytes);
}

function requireBytes(input: Wire, maxBytes: number): void {
  const isLarger =
    typeof input === "string"
      ? input.length > maxBytes || utf8Length(input) > maxBytes
      : input.byteLength > maxBytes;
  if (isLarger) throw new CloudEventError("limit_exceeded", `at most ${maxBytes} bytes`);
}

/** The size of a text in UTF-8; half of a surrogate pair is two bytes, and one alone is counted so too. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) bytes += unit < 0x800 || (unit & 0xf800) === 0xd800 ? 1 : 2;
  }
  return bytes;
}

/**
 * Checks a body that is not {@link Wire}: what a framework has parsed is a plain value, and a request, a stream, a
 * Blob or a promise is still to be read.
 *
 * @throws CloudEventError `invalid_argument`
 */
export function requireRead(body: unknown): void {
  if (typeof body !== "object" || body === null) return;
  const unread =
    Symbol.asyncIterator in body ||
    ["then", "getReader", "arrayBuffer", "pipe"].some((name) => isMethod(body, name));
  const isParsed = Array.isArray(body) || Object.prototype.toString.call(body) === "[object Object]";
  if (unread || !isParsed) throw unreadBody();
}

/** The caller has a body, but not its content. */
export function unreadBody(): CloudEventError {
  return new CloudEventError(
    "invalid_argument",
    "a body that has been read: `await request.arrayBuffer()`, in Node the joined chunks, or the JSON parsed of it",
  );
}

function isMethod(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === "function";
}
