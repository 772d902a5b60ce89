/** Private keys whose lines are the items of a list. */

const MARK = "PRIVATE KEY";
const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/i;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/i;
/** Base64, in lines or as a whole. */
const LINE = /^\s{0,64}[A-Za-z0-9+/=]+(?:\\n|\s){0,4}$/;
/** A field in front of it (RFC 1421, section 4.6). */
const FIELD = /^\s{0,64}[A-Z][\w-]{1,24}: [^\n]{0,120}(?:\\n|\s){0,4}$/;
const LONGEST_LINE = 256;

/** Goes over the items of one list. */
export class KeyLines {
  #isOpen = false;

  /** True when the item goes with a key that one in front of it began. */
  takes(item: unknown): boolean {
    // An item without a value says nothing.
    if (item === null || item === undefined) return false;
    if (typeof item !== "string") return this.#close();
    if (!this.#isOpen) {
      this.#isOpen = item.includes(MARK) && BEGIN.test(item) && !END.test(item);
      return false;
    }
    if (item.length <= LONGEST_LINE && END.test(item)) {
      this.#isOpen = false;
      return true;
    }
    // Nor does an empty line.
    if (!/\S/.test(item)) return false;
    return LINE.test(item) || FIELD.test(item.slice(0, LONGEST_LINE + 1)) || this.#close();
  }

  #close(): false {
    this.#isOpen = false;
    return false;
  }
}
