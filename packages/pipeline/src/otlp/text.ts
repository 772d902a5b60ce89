/**
 * Text from bytes. Telemetry says the same few words again and again, so short ASCII texts are looked up by
 * their bytes in a table of fixed size before a string is made of them. A text that is not there takes the
 * place of another: the table cannot grow, whatever is sent.
 */
const SLOTS = 4096;
/** Longer texts are seldom sent twice, and comparing them costs more than decoding them. */
const MAX_INTERNED = 48;

/** Decodes UTF-8 out of one request after the other. */
export class TextTable {
  readonly #slots: string[] = new Array<string>(SLOTS).fill("");

  /**
   * The text at `start` to `end`. Bytes that are no UTF-8 become U+FFFD, as the Encoding standard says:
   * protobuf asks senders for valid UTF-8, but one bad byte is no reason to lose a record.
   */
  read(bytes: Buffer, view: DataView, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return "";
    if (length > MAX_INTERNED) return bytes.toString("utf8", start, end);
    const slot = slotOf(view, start, length);
    const known = this.#slots[slot];
    if (known !== undefined && known.length === length && sameText(known, view, start)) return known;
    if (!isAscii(view, start, end)) return bytes.toString("utf8", start, end);
    const text = bytes.toString("latin1", start, end);
    this.#slots[slot] = text;
    return text;
  }
}

/** Mixes the length and five of the bytes; the last ones, since names tend to differ at their end. */
function slotOf(view: DataView, start: number, length: number): number {
  const last = start + length - 1;
  let hash = length;
  hash = Math.imul(hash, 31) + view.getUint8(start);
  hash = Math.imul(hash, 31) + view.getUint8(start + (length >> 1));
  hash = Math.imul(hash, 31) + view.getUint8(start + ((length * 3) >> 2));
  hash = Math.imul(hash, 31) + view.getUint8(last);
  hash = Math.imul(hash, 31) + view.getUint8(length > 1 ? last - 1 : last);
  return (hash ^ (hash >>> 12)) & (SLOTS - 1);
}

function sameText(text: string, view: DataView, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== view.getUint8(start + i)) return false;
  }
  return true;
}

function isAscii(view: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (view.getUint8(at) > 0x7f) return false;
  }
  return true;
}
