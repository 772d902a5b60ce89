import { CloudEventError } from "../errors.ts";

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
 * Checks that data which did not come out of a parser can be a JSON value or is bytes. What lies deeper in an
 * object or an array shows itself when it is encoded.
 *
 * @throws CloudEventError `invalid_data`
 */
export function requireJsonOrBytes(data: unknown): void {
  switch (typeof data) {
    case "string":
    case "boolean":
    case "bigint":
      return;
    case "number":
      if (Number.isFinite(data)) return;
      break;
    case "object":
      // JSON.stringify makes `{}` of a buffer and a list of numbers of a view.
      if (data instanceof ArrayBuffer || (ArrayBuffer.isView(data) && !isBytes(data))) break;
      return;
  }
  throw dataError("a JSON value or a Uint8Array");
}

/** A fault of the payload. */
export function dataError(expected: string, cause?: unknown): CloudEventError {
  return new CloudEventError("invalid_data", expected, { attribute: "data", cause });
}
