import { CloudEventError } from "../../errors.ts";
import { isBytes } from "../../event/data.ts";

/** How a message is read; every limit has a default, and no limit is off. */
export interface DecodeOptions {
  /**
   * `"bigint"`: integers in `data` that a double cannot hold become `bigint`; `"number"` (default) rounds them,
   * as `JSON.parse` does. Needs an engine whose `JSON.parse` gives the source text (Node 22 has it).
   */
  readonly integers?: "number" | "bigint" | undefined;
  /** The size of a message's body, in bytes (UTF-16 units of a string). Default 16 MiB; the specification asks for 64 KiB. */
  readonly maxBytes?: number | undefined;
  /** The nesting of JSON. Default 1000: JSON.stringify overflows the stack at a few thousand. */
  readonly maxDepth?: number | undefined;
  /** The number of events in a batch. Default 10,000. */
  readonly maxEvents?: number | undefined;
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
  maxDepth: 1000,
  maxEvents: 10_000,
};

/** Completes the options. */
export function decodeSettings(options: DecodeOptions | undefined): DecodeSettings {
  if (options === undefined) return DEFAULTS;
  return {
    integers: options.integers ?? DEFAULTS.integers,
    maxBytes: options.maxBytes ?? DEFAULTS.maxBytes,
    maxDepth: options.maxDepth ?? DEFAULTS.maxDepth,
    maxEvents: options.maxEvents ?? DEFAULTS.maxEvents,
  };
}

/** Bytes or text as they come off the wire. */
export type Wire = string | Uint8Array | ArrayBuffer;

/** True for what comes off a wire, as against a value that is parsed already. */
export function isWire(body: unknown): body is Wire {
  return typeof body === "string" || isBytes(body) || body instanceof ArrayBuffer;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses JSON in UTF-8.
 *
 * @throws CloudEventError `limit_exceeded`
 * @throws TypeError not UTF-8
 * @throws SyntaxError not JSON
 */
export function parseJson(input: Wire, settings: DecodeSettings): unknown {
  requireSize(input, settings);
  const text = typeof input === "string" ? input : utf8.decode(input);
  // JSON of depth n has at least 2n characters, so that most messages are not looked at.
  if (text.length > 2 * settings.maxDepth) requireDepth(text, settings.maxDepth);
  return settings.integers === "number" ? JSON.parse(text) : JSON.parse(text, reviveInteger);
}

/** @throws CloudEventError `limit_exceeded` */
export function requireSize(input: Wire, settings: DecodeSettings): void {
  const size = typeof input === "string" ? input.length : input.byteLength;
  if (size > settings.maxBytes) {
    throw new CloudEventError("limit_exceeded", `at most ${settings.maxBytes} bytes`);
  }
}

function requireDepth(text: string, maxDepth: number): void {
  if (countOpenings(text, maxDepth) <= maxDepth) return;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === 0x5c) i++;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) {
      inString = true;
    } else if ((unit | 0x20) === 0x7b) {
      // `[` and `{` differ in one bit, as `]` and `}` do.
      if (++depth > maxDepth) {
        throw new CloudEventError("limit_exceeded", `JSON nested at most ${maxDepth} deep`);
      }
    } else if ((unit | 0x20) === 0x7d) {
      depth--;
    }
  }
}

/** Counts `[` and `{`, in strings too, up to one more than `limit`: the engine searches faster than a loop does. */
function countOpenings(text: string, limit: number): number {
  let count = 0;
  for (const opening of ["{", "["]) {
    let at = text.indexOf(opening);
    while (at >= 0 && count <= limit) {
      count++;
      at = text.indexOf(opening, at + 1);
    }
  }
  return count;
}

/** Making a bigint of very many digits takes more than linear time. */
const MAX_DIGITS = 1000;

function reviveInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  if (source === undefined) {
    throw new CloudEventError("invalid_argument", 'an engine that supports `integers: "bigint"`');
  }
  if (!/^-?[0-9]+$/.test(source)) return value;
  if (source.length > MAX_DIGITS) {
    throw new CloudEventError("limit_exceeded", `integers of at most ${MAX_DIGITS} digits`);
  }
  return BigInt(source);
}
