import { quote } from "./json-text.ts";

const MAX_KEYS = 8192;
/** Longer keys are escaped each time, so that the memory stays small whatever is sent. */
const MAX_LENGTH = 256;
/** Entries of an event whose keys are remembered by their place. */
const PLACES = 64;

/**
 * One key of the data as it stands between two values. A string's quotes go with its neighbours, so that a
 * string value takes two concatenations: what is before it, and itself.
 */
export interface KeyText {
  readonly key: string;
  /** `,"key":` */
  readonly plain: string;
  /** `,"key":"` before a string */
  readonly open: string;
  /** `","key":` behind a string */
  readonly close: string;
  /** `","key":"` between strings */
  readonly both: string;
  /** Without the comma, for the first entry: `"key":` and `"key":"` */
  readonly first: string;
  readonly firstOpen: string;
  /** The value written last under this key that stands in a JSON string as it is: it often comes again. */
  lastPlain: string;
}

/** Escaped keys, remembered; clients choose them, so there is a bound. */
export class KeyTexts {
  readonly #texts = new Map<string, KeyText>();
  /** The text found last at each place: events of one type have the same keys in the same order. */
  readonly #found: KeyText[] = [];

  of(key: string): KeyText {
    let text = this.#texts.get(key);
    if (text === undefined) {
      text = makeText(key);
      if (key.length > MAX_LENGTH) return text;
      if (this.#texts.size >= MAX_KEYS) this.#texts.clear();
      this.#texts.set(key, text);
    }
    return text;
  }

  /** The text of the entry at that place of its event: the one found there last, if the key is the same. */
  at(place: number, key: string): KeyText {
    const found = this.#found[place];
    if (found !== undefined && found.key === key) return found;
    const text = this.of(key);
    if (place < PLACES && place <= this.#found.length && key.length <= MAX_LENGTH) this.#found[place] = text;
    return text;
  }
}

function makeText(key: string): KeyText {
  const first = `${quote(key)}:`;
  const plain = `,${first}`;
  const close = `"${plain}`;
  return {
    key,
    plain,
    open: `${plain}"`,
    close,
    both: `${close}"`,
    first,
    firstOpen: `${first}"`,
    lastPlain: "",
  };
}
