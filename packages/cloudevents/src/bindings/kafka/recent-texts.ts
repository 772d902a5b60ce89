/** A power of two. */
const SLOTS = 256;
const MAX_LENGTH = 64;

interface RecentText {
  readonly attribute: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Values that come again and again (types, sources, versions), by their bytes: comparing some bytes takes less
 * time than decoding and checking them. A value has one slot; another one there takes its place, so that it
 * cannot grow.
 */
export class RecentTexts {
  readonly #slots: (RecentText | undefined)[] = Array.from({ length: SLOTS }, () => undefined);

  /** The text of these bytes, if it was kept for that attribute. */
  find(attribute: string, bytes: Uint8Array): string | undefined {
    const kept = this.#slots[slotOf(bytes)];
    if (kept === undefined || kept.attribute !== attribute || kept.bytes.length !== bytes.length) {
      return undefined;
    }
    for (let i = 0; i < bytes.length; i++) {
      if (kept.bytes[i] !== bytes[i]) return undefined;
    }
    return kept.text;
  }

  /** Keeps a text that is right for the attribute. */
  keep(attribute: string, bytes: Uint8Array, text: string): void {
    if (bytes.length > MAX_LENGTH) return;
    // Copied: the record's buffer is the client's.
    this.#slots[slotOf(bytes)] = { attribute, bytes: new Uint8Array(bytes), text };
  }
}

/** Types that differ in their last word alone shall not share a slot, so that most bytes come from the end. */
function slotOf(bytes: Uint8Array): number {
  const { length } = bytes;
  // An element before the first would be looked up as a property with that name, which is slow.
  if (length < 6) return length;
  let hash = length;
  hash = hash * 31 + (bytes[length >> 1] ?? 0);
  hash = hash * 31 + (bytes[length - 6] ?? 0);
  hash = hash * 31 + (bytes[length - 4] ?? 0);
  hash = hash * 31 + (bytes[length - 1] ?? 0);
  return hash & (SLOTS - 1);
}
