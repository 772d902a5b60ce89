import { CloudEventError } from "../../errors.ts";
import { dataError } from "../../event/data.ts";

/** How an event is written. */
export interface EncodeOptions {
  /**
   * `"bigint"`: a `bigint` in `data` is written as a JSON number with all its digits. By default (`"number"`) it
   * is an error, since most readers would round it. Needs an engine with `JSON.rawJSON` (Node 22 has it).
   */
  readonly integers?: "number" | "bigint" | undefined;
}

/**
 * Writes a JSON value.
 *
 * @throws CloudEventError `invalid_data` for what JSON cannot hold: a bigint, a cycle, too deep a nesting
 */
export function stringifyJson(value: unknown, options: EncodeOptions | undefined): string {
  let text: string | undefined;
  try {
    text = options?.integers === "bigint" ? JSON.stringify(value, rawInteger) : JSON.stringify(value);
  } catch (cause) {
    if (cause instanceof CloudEventError) throw cause;
    throw dataError('a JSON value (a bigint needs `integers: "bigint"`)', cause);
  }
  // The types of JSON.stringify leave this out: a value whose toJSON gives undefined has no text.
  if (text === undefined) throw dataError("a JSON value");
  return text;
}

function rawInteger(_key: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  // Not in the types of ES2024.
  const rawJson: unknown = Reflect.get(JSON, "rawJSON");
  if (typeof rawJson !== "function") {
    throw new CloudEventError("invalid_argument", 'an engine that supports `integers: "bigint"`');
  }
  return Reflect.apply(rawJson, JSON, [String(value)]);
}
