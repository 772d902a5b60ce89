import { checkAttribute } from "@coresdk/cloudevents";

const MAX_KNOWN = 1024;
/** Longer values are checked each time, so that the memo stays small whatever is sent. */
const MAX_LENGTH = 256;

/** Checks values of one attribute that come again and again; only what passed is remembered. */
export class CheckMemo {
  readonly #attribute: string;
  readonly #known = new Set<string>();

  constructor(attribute: string) {
    this.#attribute = attribute;
  }

  /** What was expected, or `undefined` when the value is right. */
  check(value: string): string | undefined {
    if (this.#known.has(value)) return undefined;
    const expected = checkAttribute(this.#attribute, value);
    if (expected === undefined && value.length <= MAX_LENGTH) {
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.add(value);
    }
    return expected;
  }
}
