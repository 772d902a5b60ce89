import { CloudEventError } from "../../errors.ts";
import { MAX_JSON_DEPTH } from "../../event/data.ts";

/** How a message is read; every limit has a default, and no limit is off. */
export interface DecodeOptions {
  /**
   * `"bigint"`: integers in `data` that a double cannot hold become `bigint`; `"number"` (default) rounds them,
   * as `JSON.parse` does. Needs an engine whose `JSON.parse` gives the source text (Node 22 has it).
   */
  readonly integers?: "number" | "bigint" | undefined;
  /** The size of a message's body, in bytes (UTF-16 units of a string). Default 16 MiB; the specification asks for 64 KiB. */
  readonly maxBytes?: number | undefined;
  /** The nesting of JSON, the event included. Default 1000: JSON.stringify overflows the stack at a few thousand. */
  readonly maxDepth?: number | undefined;
  /** The number of events in a batch. Default 10,000. */
  readonly maxEvents?: number | undefined;
}

/** How an event is written. */
export interface EncodeOptions {
  /**
   * `"bigint"`: a `bigint` in `data` is written as a JSON number with all its digits. By default (`"number"`) it
   * is an error, since most readers would round it. Needs an engine with `JSON.rawJSON` (Node 22 has it).
   */
  readonly integers?: "number" | "bigint" | undefined;
}

/** {@link DecodeOptions} with nothing left open. */
export interface DecodeSettings {
  readonly integers: "number" | "bigint";
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxEvents: number;
}

const DEFAULTS: DecodeSettings = {
  integers: "number",
  maxBytes: 16 * 1024 * 1024,
  maxDepth: MAX_JSON_DEPTH,
  maxEvents: 10_000,
};

const DECODE_OPTIONS: ReadonlySet<string> = new Set(Object.keys(DEFAULTS));
const ENCODE_OPTIONS: ReadonlySet<string> = new Set(["integers"]);

/**
 * Completes the options.
 *
 * @throws CloudEventError `invalid_argument` for an option that has no such value, or that there is not
 */
export function decodeSettings(options: DecodeOptions | undefined): DecodeSettings {
  if (options === undefined) return DEFAULTS;
  requireOptions(options, DECODE_OPTIONS);
  return {
    integers: options.integers ?? DEFAULTS.integers,
    maxBytes: limitOf(options, "maxBytes"),
    maxDepth: limitOf(options, "maxDepth"),
    maxEvents: limitOf(options, "maxEvents"),
  };
}

/** What is no number would be no limit: every comparison with it is false. */
function limitOf(options: DecodeOptions, name: "maxBytes" | "maxDepth" | "maxEvents"): number {
  const limit = options[name] ?? DEFAULTS[name];
  if (Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw new CloudEventError("invalid_argument", `a whole number, 0 or more, for the option "${name}"`);
}

/**
 * Checks what a caller without types may have passed: an option with a wrong name would be none, without a word.
 *
 * @param known the names that there are
 * @throws CloudEventError `invalid_argument`
 */
export function requireOptions(options: EncodeOptions, known: ReadonlySet<string> = ENCODE_OPTIONS): void {
  if (typeof options !== "object" || options === null) {
    throw new CloudEventError("invalid_argument", "an object that holds options");
  }
  for (const name in options) {
    if (!known.has(name) && Object.hasOwn(options, name)) throw unknownOption(name, known);
  }
  requireChoice("integers", options.integers, INTEGERS);
}

const INTEGERS = ["number", "bigint"] as const;

function unknownOption(name: string, known: ReadonlySet<string>): CloudEventError {
  const names = Array.from(known, (one) => `"${one}"`).join(", ");
  return new CloudEventError(
    "invalid_argument",
    `one of the options ${names}, not ${JSON.stringify(name.slice(0, 64))}`,
  );
}

/** @throws CloudEventError `invalid_argument` for what is none of the choices */
export function requireChoice(option: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.some((choice) => choice === value)) return;
  const known = choices.map((choice) => `"${choice}"`).join(", ");
  throw new CloudEventError("invalid_argument", `one of ${known} for the option "${option}"`);
}
