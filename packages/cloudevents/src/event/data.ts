import { CloudEventError } from "../errors.ts";
import type { DataKind } from "./media-type.ts";

/** True for a `Uint8Array`, one of another realm included (a test runner's sandbox has its own). */
export function isBytes(value: unknown): value is Uint8Array {
  if (value instanceof Uint8Array) return true;
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/**
 * Checks that data can stand under a media type of that kind: text and bytes can under any, another JSON value
 * only under JSON. What lies deeper in a JSON value shows itself when it is encoded.
 *
 * @throws CloudEventError `invalid_data`
 */
export function requireData(data: unknown, kind: DataKind): void {
  if (typeof data === "string" || isBytes(data)) return;
  if (kind !== "json") throw dataError("a string or a Uint8Array, because datacontenttype is not JSON");
  if (!mayBeJson(data)) throw dataError("a JSON value, a string or a Uint8Array");
}

function mayBeJson(data: unknown): boolean {
  switch (typeof data) {
    case "object":
      // JSON.stringify would make `{}` of them.
      return !ArrayBuffer.isView(data) && !(data instanceof ArrayBuffer);
    case "number":
      return Number.isFinite(data);
    default:
      return typeof data === "boolean" || typeof data === "bigint";
  }
}

/** A fault of the payload. */
export function dataError(expected: string, cause?: unknown): CloudEventError {
  return new CloudEventError("invalid_data", expected, { attribute: "data", cause });
}
