/**
 * Text from bytes. Telemetry says the same few words again and again, so short ASCII texts are looked up by
 * their bytes in a table of fixed size before a string is made of them. A text that is not there takes the
 * place of another: the table cannot grow, whatever is sent.
 */
const SLOTS = 4096;
/** Longer texts are seldom sent twice, and comparing them costs more than decoding them. */
const MAX_INTERNED = 48;
/** Four bytes with the high bit of each: set in any of them, the text is not ASCII. */
const HIGH_BITS = 0x8080_8080 | 0;

/** Decodes UTF-8 out of one request after the other. */
export class TextTable {
  readonly #texts: string[] = new Array<string>(SLOTS).fill("");
  /** The bytes of each text: four at a time are compared faster than characters. */
  readonly #bytes: DataView = new DataView(new ArrayBuffer(SLOTS * MAX_INTERNED));

  /**
   * The text at `start` to `end`. Bytes that are no UTF-8 become U+FFFD, as the Encoding standard says:
   * protobuf asks senders for valid UTF-8, but one bad byte is no reason to lose a record.
   */
  read(bytes: Buffer, view: DataView, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > MAX_INTERNED) return bytes.toString("utf8", start, end);
    const slot = slotOf(view, start, length);
    const known = this.#texts[slot];
    if (known !== undefined && known.length === length && this.#isAt(slot, view, start, length)) return known;
    if (!isAscii(view, start, length)) return bytes.toString("utf8", start, end);
    const text = bytes.toString("latin1", start, end);
    this.#texts[slot] = text;
    for (let i = 0; i < length; i++) this.#bytes.setUint8(slot * MAX_INTERNED + i, view.getUint8(start + i));
    return text;
  }

  #isAt(slot: number, view: DataView, start: number, length: number): boolean {
    const own = this.#bytes;
    const base = slot * MAX_INTERNED;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      if (own.getInt32(base + i) !== view.getInt32(start + i)) return false;
    }
    for (; i < length; i++) {
      if (own.getUint8(base + i) !== view.getUint8(start + i)) return false;
    }
    return true;
  }
}

/** Mixes the length, the first, the middle and the last four bytes. */
function slotOf(view: DataView, start: number, length: number): number {
  let hash = length;
  if (length >= 4) {
    hash = Math.imul(hash ^ view.getInt32(start), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(start + ((length - 4) >> 1)), 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13) ^ view.getInt32(start + length - 4), 0x85ebca6b);
  } else {
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ view.getUint8(start + i), 0x85ebca6b);
  }
  return (hash ^ (hash >>> 16)) & (SLOTS - 1);
}

function isAscii(view: DataView, start: number, length: number): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    if ((view.getInt32(start + i) & HIGH_BITS) !== 0) return false;
  }
  for (; i < length; i++) {
    if (view.getUint8(start + i) > 0x7f) return false;
  }
  return true;
}
