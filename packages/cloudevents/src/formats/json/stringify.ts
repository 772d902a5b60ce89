import { CloudEventError } from "../../errors.ts";
import { dataError } from "../../event/data.ts";
import type { EncodeOptions } from "./options.ts";

/**
 * Writes a JSON value.
 *
 * @throws CloudEventError `invalid_data` for what JSON cannot hold: a bigint, a cycle, too deep a nesting
 */
export function stringifyJson(value: unknown, options: EncodeOptions | undefined): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, replacerOf(options));
  } catch (cause) {
    if (cause instanceof CloudEventError) throw cause;
    // What JSON.stringify throws for a bigint; engines name the type, each in its own words.
    if (cause instanceof TypeError && /bigint/i.test(cause.message)) throw bigintFault(cause);
    throw dataError("a JSON value without cycles, not nested too deep", cause);
  }
  // The types of JSON.stringify leave this out: a value whose toJSON gives undefined has no text.
  if (text === undefined) throw dataError("a JSON value");
  return text;
}

type Replacer = (this: Readonly<Record<string, unknown>>, key: string, value: unknown) => unknown;

/** Without one, JSON.stringify takes half the time. */
function replacerOf(options: EncodeOptions | undefined): Replacer | undefined {
  if (options?.integers === "bigint") return writeBigint;
  // Some programs give the prototype a toJSON: a bigint would then be a string, without a word.
  return "toJSON" in BigInt.prototype ? refuseBigint : undefined;
}

/** `this` has the value as it was before a toJSON changed it. */
function writeBigint(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const given = this[key];
  if (typeof given !== "bigint") return value;
  // Not in the types of ES2024.
  const rawJson: unknown = Reflect.get(JSON, "rawJSON");
  if (typeof rawJson !== "function") {
    throw new CloudEventError("invalid_argument", 'an engine that supports `integers: "bigint"`');
  }
  return Reflect.apply(rawJson, JSON, [String(given)]);
}

function refuseBigint(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  if (typeof this[key] === "bigint") throw bigintFault();
  return value;
}

function bigintFault(cause?: unknown): CloudEventError {
  return dataError('a JSON value (a bigint needs `integers: "bigint"`)', cause);
}
