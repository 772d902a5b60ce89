import { CloudEventError } from "../errors.ts";
import { isCandidate } from "./candidate.ts";
import { requireJson } from "./json-value.ts";

/** How deep JSON may be nested, the event included: JSON.stringify overflows the stack at a few thousand. */
export const MAX_JSON_DEPTH = 1000;

/** True for a `Uint8Array`, one of another realm included (a test runner's sandbox has its own). */
export function isBytes(value: unknown): value is Uint8Array {
  if (value instanceof Uint8Array) return true;
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/** @throws CloudEventError `invalid_data` when data under a media type that is not JSON is neither */
export function requireTextOrBytes(data: unknown): void {
  if (typeof data !== "string" && !isBytes(data)) {
    throw dataError("a string or a Uint8Array, because datacontenttype is not JSON");
  }
}

/**
 * Checks that data which did not come out of a parser is bytes or can be written as JSON.
 *
 * @param maxDepth how deep the data may be nested
 * @throws CloudEventError `invalid_data`, `limit_exceeded`
 */
export function requireJsonOrBytes(data: unknown, maxDepth: number = MAX_JSON_DEPTH - 1): void {
  if (isBytes(data)) return;
  try {
    requireJson(data, maxDepth);
    requireText(data);
  } catch (cause) {
    if (cause instanceof CloudEventError) throw cause;
    throw dataError("data whose members can be read", cause);
  }
}

/** Within other data, what has no text is as if it were absent; as the data itself it would be left out without a word. */
function requireText(data: unknown): void {
  if (!isCandidate(data)) return;
  const { toJSON } = data;
  if (typeof toJSON !== "function" || Reflect.apply(toJSON, data, ["data"]) !== undefined) return;
  throw dataError("data that is something as JSON, and no object whose toJSON gives undefined");
}

/** A fault of the payload. */
export function dataError(expected: string, cause?: unknown): CloudEventError {
  return new CloudEventError("invalid_data", expected, { attribute: "data", cause });
}
