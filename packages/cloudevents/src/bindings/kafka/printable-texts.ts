/** Longer ones are rare, and gain nothing. A multiple of four. */
const MAX_BYTES = 1024;

const bytes = new Uint8Array(MAX_BYTES);
const words = new Int32Array(bytes.buffer);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes several short texts with one call, one after the other into one text: as printable ASCII, a byte is a
 * character.
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
  const wordCount = (length + 3) >> 2;
  bytes.fill(SPACE, length, wordCount * 4);
  for (let i = 0; i < wordCount; i++) {
    if (!isPrintable(words[i] ?? 0)) return undefined;
  }
  return utf8.decode(bytes.subarray(0, length));
}

const SPACE = 0x20;

/**
 * True when all four bytes are from 0x20 to 0x7e. Taking 0x20 from a lesser byte, or adding 1 to 0x7f, sets its
 * highest bit; a borrow or a carry can reach a neighbour only from a byte that is out of range itself.
 */
function isPrintable(word: number): boolean {
  return ((word | (word - 0x20202020) | (word + 0x01010101)) & 0x80808080) === 0;
}
