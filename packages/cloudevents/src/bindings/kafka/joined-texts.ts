/**
 * The short texts of one record, decoded with one call: a call takes longer than its work. They are put one after
 * the other, and cut out of the one text. In ASCII, a byte is a character.
 *
 * The parts of a text keep all of it in memory, so that there is a limit to it.
 */
import { isUsualTimestamp } from "../../event/timestamp.ts";

/** A multiple of the step. */
const MAX_BYTES = 1024;
/** Bytes in a step of the views' lengths. */
const STEP = 16;
const SPACE = 0x20;

// Constants of the module, and no object that holds them: the engine then knows where they are.
const bytes = new Uint8Array(MAX_BYTES);
const words = new Int32Array(bytes.buffer);
/** The first bytes in every length that is a multiple of a step: making a view takes longer than a step more. */
const views: readonly Uint8Array[] = Array.from({ length: MAX_BYTES / STEP + 1 }, (_, steps) =>
  bytes.subarray(0, steps * STEP),
);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Puts a text's bytes behind those that end at `start`; what is not bytes takes no place.
 *
 * @returns where they end, which may be too far
 */
export function putBytes(start: number, part: string | Uint8Array | undefined): number {
  if (typeof part !== "object") return start;
  const end = start + part.length;
  if (end <= MAX_BYTES) bytes.set(part, start);
  return end;
}

/**
 * Decodes what was put there. The record's value follows, when there is room for it and it is ASCII.
 *
 * @returns `undefined` when there is too much of it, or a byte of the headers is not printable
 */
export function decodeBytes(end: number, value: Uint8Array | undefined): string | undefined {
  if (end > MAX_BYTES || !isPrintable(end)) return undefined;
  const valueEnd = putBytes(end, value);
  const decodesValue = valueEnd <= MAX_BYTES && isAscii(end, valueEnd);
  return decode(decodesValue ? valueEnd : end, value);
}

/** True for a usual timestamp among the bytes; others may be right as well. */
export function isTimestampAt(start: number, end: number): boolean {
  return isUsualTimestamp(bytes, start, end);
}

/** What Node's Buffers have besides. It works on all bytes, and takes less time than a TextDecoder. */
interface Latin1Reader {
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string;
}

function isLatin1Reader(value: Uint8Array | Latin1Reader): value is Latin1Reader {
  return "latin1Slice" in value && typeof value.latin1Slice === "function";
}

/** Decodes the first bytes, which are ASCII. */
function decode(end: number, value: Uint8Array | undefined): string {
  if (value !== undefined && isLatin1Reader(value)) return value.latin1Slice.call(bytes, 0, end);
  const steps = Math.ceil(end / STEP);
  for (let i = end; i < steps * STEP; i++) bytes[i] = SPACE;
  return utf8.decode(views[steps]).slice(0, end);
}

/** True when all bytes up to there are from 0x20 to 0x7e. */
function isPrintable(end: number): boolean {
  let unusual = 0;
  for (let i = 0; i < end >> 2; i++) unusual |= unusualBytes(words[i] ?? 0);
  for (let i = end & ~3; i < end; i++) unusual |= unusualBytes(SPACES | (bytes[i] ?? 0));
  return unusual === 0;
}

const SPACES = 0x20202000;

/**
 * Not 0 when one of the four bytes is not printable. Taking 0x20 from a lesser byte, or adding 1 to 0x7f, sets its
 * highest bit; a borrow or a carry can reach a neighbour only from a byte that is out of range itself.
 */
function unusualBytes(word: number): number {
  return (word | (word - 0x20202020) | (word + 0x01010101)) & HIGHEST_BITS;
}

/** True when all bytes of the range are, and those before it in the same word. */
function isAscii(start: number, end: number): boolean {
  let all = 0;
  for (let i = start >> 2; i < end >> 2; i++) all |= words[i] ?? 0;
  for (let i = end & ~3; i < end; i++) all |= bytes[i] ?? 0;
  return (all & HIGHEST_BITS) === 0;
}

const HIGHEST_BITS = 0x80808080;
