import { OtlpDecodeError, OtlpTooLargeError } from "../../contracts.ts";

/** Requests below this size cannot grow into much, and are parsed at once. */
const UNCOUNTED_BYTES = 1_048_576;
const MAX_CONTAINERS = 4_194_304;
const MAX_COMMAS = 16_777_216;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A number outside of strings that may have more digits than a double; inside of one it costs a slower parse. */
const LONG_NUMBER = /[\s:,[]-?[0-9]{16}/;
const INTEGER = /^-?[0-9]{1,20}$/;

/**
 * OTLP/JSON lets a sender write 64-bit integers as numbers too, times among them. One that a double would round
 * becomes a bigint of the digits that were sent.
 */
function keepExact(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || !Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return INTEGER.test(source) ? BigInt(source) : value;
}

/**
 * Parses a request as JSON, integers that a double would round as bigints. A large one is counted through
 * first: two bytes of `{}` become fifty in memory, and `JSON.parse` has no limit of its own.
 *
 * @throws OtlpDecodeError when it is no JSON, or nested some thousand levels deep with a number of 16 digits in it
 * @throws OtlpTooLargeError when it has more objects and arrays, members and items than any sender needs
 */
export function parseJson(request: Uint8Array): unknown {
  const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
  if (bytes.length > UNCOUNTED_BYTES) checkCounts(bytes);
  try {
    const text = bytes.toString("utf8");
    return LONG_NUMBER.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
  } catch (error) {
    // What keeps numbers exact goes down into each value, of fields too that nobody reads.
    if (error instanceof RangeError) throw new OtlpDecodeError("$: nested too deep", { cause: error });
    // The engine's message quotes the text, which may hold anything: it is the cause, not the message.
    throw new OtlpDecodeError("the request is no JSON", { cause: error });
  }
}

function checkCounts(bytes: Buffer): void {
  let containers = 0;
  let commas = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === 0x2c) commas += 1;
    else if (byte === 0x7b || byte === 0x5b) containers += 1;
  }
  if (containers > MAX_CONTAINERS)
    throw new OtlpTooLargeError(`$: more than ${MAX_CONTAINERS} objects and arrays in one request`);
  if (commas > MAX_COMMAS) {
    throw new OtlpTooLargeError(`$: more than ${MAX_COMMAS} members and items in one request`);
  }
}

/** The closing quote of the string that opens at `at`, or the end of the bytes. */
export function endOfString(bytes: Buffer, at: number): number {
  let close = bytes.indexOf(QUOTE, at + 1);
  while (close > 0) {
    let slashes = 0;
    while (bytes[close - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return close;
    close = bytes.indexOf(QUOTE, close + 1);
  }
  return bytes.length;
}
