/** A power of two. */
const SLOTS = 64;
const MAX_LENGTH = 64;

/**
 * Texts that come again and again (types, sources, versions), by their bytes: comparing some bytes takes less
 * time than decoding them. A text has one slot; another one there takes its place, so that it cannot grow.
 */
export class RecentTexts {
  readonly #bytes: Uint8Array[] = Array.from({ length: SLOTS }, () => new Uint8Array(0));
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");

  /** The text of these bytes, if it was kept. */
  find(bytes: Uint8Array): string | undefined {
    const slot = slotOf(bytes);
    const kept = this.#bytes[slot];
    if (kept === undefined || kept.length !== bytes.length || bytes.length === 0) return undefined;
    for (let i = 0; i < kept.length; i++) {
      if (kept[i] !== bytes[i]) return undefined;
    }
    return this.#texts[slot];
  }

  keep(bytes: Uint8Array, text: string): void {
    if (bytes.length > MAX_LENGTH) return;
    const slot = slotOf(bytes);
    // Copied: the record's buffer is the client's.
    this.#bytes[slot] = Uint8Array.from(bytes);
    this.#texts[slot] = text;
  }
}

/** The length, the last byte and one in the middle tell most texts apart. */
function slotOf(bytes: Uint8Array): number {
  const { length } = bytes;
  return (length * 7 + (bytes[length - 1] ?? 0) * 3 + (bytes[length >> 1] ?? 0)) & (SLOTS - 1);
}
