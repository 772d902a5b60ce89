/**
 * Values that come again and again (types, sources, versions), by their bytes: comparing some bytes takes less
 * time than decoding and checking them. A value has one slot; another one there takes its place, so that the memory
 * cannot grow.
 */

/** A power of two. */
const SLOTS = 256;
const MAX_LENGTH = 64;

// Tables of the module, and no objects: the engine then knows where they are.
const lengths = new Uint8Array(SLOTS);
const contents = new Uint8Array(SLOTS * MAX_LENGTH);
const attributes: (string | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
const texts: string[] = Array.from({ length: SLOTS }, () => "");

/** The text of these bytes, if it was kept for that attribute. */
export function findText(attribute: string, bytes: Uint8Array): string | undefined {
  const slot = slotOf(bytes);
  const { length } = bytes;
  if (attributes[slot] !== attribute || lengths[slot] !== length) return undefined;
  const start = slot * MAX_LENGTH;
  for (let i = 0; i < length; i++) {
    if (contents[start + i] !== bytes[i]) return undefined;
  }
  return texts[slot];
}

/** Keeps a text that is right for the attribute. */
export function keepText(attribute: string, bytes: Uint8Array, text: string): void {
  if (bytes.length > MAX_LENGTH) return;
  const slot = slotOf(bytes);
  attributes[slot] = attribute;
  lengths[slot] = bytes.length;
  contents.set(bytes, slot * MAX_LENGTH);
  texts[slot] = text;
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
