import { CloudEventError } from "../../errors.ts";
import { cutOutDeep, requireDepth } from "./depth.ts";
import type { DecodeSettings } from "./options.ts";
import { requireSize, type Wire } from "./wire.ts";

/**
 * Parses JSON in UTF-8.
 *
 * @param maxDepth how deep it may be nested
 * @throws CloudEventError `limit_exceeded`
 * @throws TypeError not UTF-8
 * @throws SyntaxError not JSON; without the text that the engine shows in its own
 */
export function parseJson(
  input: Wire,
  settings: DecodeSettings,
  maxDepth: number = settings.maxDepth,
): unknown {
  const text = textOf(input, settings);
  requireDepth(text, maxDepth);
  return parseText(text, settings);
}

/** A parsed batch; what was nested too deep was not read, and is `null` in there. */
export interface ParsedBatch {
  readonly value: unknown;
  /** The places of what was nested too deep. */
  readonly tooDeep: ReadonlySet<number>;
}

/**
 * The same for an array: an element that is nested too deep does not spoil its neighbours. The array is a level more,
 * so that an event which can be read by itself can be read in a batch.
 */
export function parseJsonBatch(input: Wire, settings: DecodeSettings): ParsedBatch {
  const { text, cut } = cutOutDeep(textOf(input, settings), settings.maxDepth + 1);
  return { value: parseText(text, settings), tooDeep: cut };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const BYTE_ORDER_MARK = 0xfeff;

/** Without a byte order mark, which a reader may ignore (RFC 8259, section 8.1). */
function textOf(input: Wire, settings: DecodeSettings): string {
  requireSize(input, settings);
  if (typeof input !== "string") return utf8.decode(input);
  return input.charCodeAt(0) === BYTE_ORDER_MARK ? input.slice(1) : input;
}

function parseText(text: string, settings: DecodeSettings): unknown {
  try {
    return settings.integers === "number" ? JSON.parse(text) : JSON.parse(text, reviveInteger);
  } catch (error) {
    throw error instanceof SyntaxError ? withoutText(error) : error;
  }
}

/** An engine's message has a piece of the text in it, which may be a secret; the place is not. */
function withoutText(error: SyntaxError): SyntaxError {
  const place = /at position ([0-9]{1,10})/.exec(error.message)?.[1];
  return new SyntaxError(place === undefined ? "not JSON" : `not JSON at position ${place}`);
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
