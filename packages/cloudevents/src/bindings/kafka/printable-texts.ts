/** More are rare, and gain nothing. */
const MAX_BYTES = 1024;
/** Bytes in a step of the views' lengths; a multiple of four. */
const STEP = 16;

const bytes = new Uint8Array(MAX_BYTES);
const words = new Int32Array(bytes.buffer);
/** The first bytes in every length that is a multiple of a step: making a view takes longer than a step more. */
const views: readonly Uint8Array[] = Array.from({ length: MAX_BYTES / STEP + 1 }, (_, steps) =>
  bytes.subarray(0, steps * STEP),
);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes several short texts with one call, one after the other into one text: as printable ASCII, a byte is a
 * character. Some spaces may follow.
 *
 * @returns `undefined` when a byte is anything else, or there are too many of them
 */
export function decodePrintable(parts: readonly Uint8Array[]): string | undefined {
  let length = 0;
  for (const part of parts) {
    if (length + part.length > MAX_BYTES) return undefined;
    bytes.set(part, length);
    length += part.length;
  }
  const steps = Math.ceil(length / STEP);
  for (let i = length; i < steps * STEP; i++) bytes[i] = SPACE;
  for (let i = 0; i < (steps * STEP) / 4; i++) {
    if (!isPrintable(words[i] ?? 0)) return undefined;
  }
  return utf8.decode(views[steps]);
}

const SPACE = 0x20;

/**
 * True when all four bytes are from 0x20 to 0x7e. Taking 0x20 from a lesser byte, or adding 1 to 0x7f, sets its
 * highest bit; a borrow or a carry can reach a neighbour only from a byte that is out of range itself.
 */
function isPrintable(word: number): boolean {
  return ((word | (word - 0x20202020) | (word + 0x01010101)) & 0x80808080) === 0;
}
