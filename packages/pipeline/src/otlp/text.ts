/**
 * Text from bytes. Telemetry says the same few words again and again, so short ASCII texts are looked up by
 * their bytes in a table of fixed size before a string is made of them. A text that is not there takes the
 * place of another: the table cannot grow, whatever is sent.
 */
const SLOTS = 4096;
/** Longer texts are seldom sent twice, and comparing them costs more than decoding them. */
const MAX_INTERNED = 48;
const MAX_WORDS = MAX_INTERNED / 4;
/** Four bytes with the high bit of each: set in any of them, the text is not ASCII. */
const HIGH_BITS = 0x8080_8080 | 0;

/** Decodes UTF-8 out of one request after the other. */
export class TextTable {
  readonly #texts: string[] = new Array<string>(SLOTS).fill("");
  /**
   * The bytes of each text, four at a time, which are compared faster than characters. The last word is the text's last
   * four bytes, some of which may be in the word before it as well; a text of less than four bytes is one word.
   */
  readonly #words = new Int32Array(SLOTS * MAX_WORDS);

  /**
   * The text at `start` to `end`. Bytes that are no UTF-8 become U+FFFD, as the Encoding standard says:
   * protobuf asks senders for valid UTF-8, but one bad byte is no reason to lose a record.
   */
  read(bytes: Buffer, view: DataView, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > MAX_INTERNED) return bytes.toString("utf8", start, end);
    const last = length < 4 ? shortWord(view, start, length) : view.getInt32(end - 4, true);
    const slot = slotOf(view, start, length, last);
    const known = this.#texts[slot];
    if (known !== undefined && known.length === length && this.#isAt(slot, view, start, length, last)) {
      return known;
    }
    return this.#learn(slot, bytes, view, start, end, last);
  }

  #isAt(slot: number, view: DataView, start: number, length: number, last: number): boolean {
    const words = this.#words;
    const base = slot * MAX_WORDS;
    const before = wordsBeforeLast(length);
    for (let i = 0; i < before; i++) {
      if (words[base + i] !== view.getInt32(start + i * 4, true)) return false;
    }
    return words[base + before] === last;
  }

  #learn(slot: number, bytes: Buffer, view: DataView, start: number, end: number, last: number): string {
    const before = wordsBeforeLast(end - start);
    let bits = last;
    for (let i = 0; i < before; i++) bits |= view.getInt32(start + i * 4, true);
    if ((bits & HIGH_BITS) !== 0) return bytes.toString("utf8", start, end);
    const text = bytes.toString("latin1", start, end);
    const base = slot * MAX_WORDS;
    this.#texts[slot] = text;
    for (let i = 0; i < before; i++) this.#words[base + i] = view.getInt32(start + i * 4, true);
    this.#words[base + before] = last;
    return text;
  }
}

function wordsBeforeLast(length: number): number {
  return (length - 1) >> 2;
}

/** Less than four bytes as one word. */
function shortWord(view: DataView, start: number, length: number): number {
  let word = 0;
  for (let i = 0; i < length; i++) word |= view.getUint8(start + i) << (8 * i);
  return word;
}

/** Mixes the length, the first, the middle and the last four bytes. */
function slotOf(view: DataView, start: number, length: number, last: number): number {
  let hash = Math.imul(length ^ last, 0x85ebca6b);
  if (length > 4) {
    hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(start, true), 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13) ^ view.getInt32(start + ((length - 4) >> 1), true), 0x85ebca6b);
  }
  return (hash ^ (hash >>> 16)) & (SLOTS - 1);
}
