/**
 * Digits as they stand in a text, in groups that separators hold apart: what cards, social security numbers
 * and phones are looked for in.
 */
import { classOf, DIGIT, isDigit, LETTER } from "../characters.ts";

const SPACE = 32;
const HYPHEN = 45;
const PLUS = 43;
const TAB = 9;

/** Space, `-`, `.`, `_`, `/` and `+`, which stands for a space in a form. */
function isSeparator(code: number): boolean {
  return code === SPACE || code === HYPHEN || code === 46 || code === 95 || code === 47 || code === PLUS;
}

/** How many characters at `at` hold apart what is wide apart: a tab, two spaces, or ` - `; 0 when none do. */
export function wideGapAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === TAB) return 1;
  if (code !== SPACE && code !== PLUS) return 0;
  const next = text.charCodeAt(at + 1);
  if (next === code) return 2;
  return next === HYPHEN && text.charCodeAt(at + 2) === code ? 3 : 0;
}

/** Of a wide gap; above the codes of characters. */
const WIDE = 0x10000;

/**
 * A run of groups of digits. The separator of a group is the character in front of it, and what is longer has a code
 * above those of characters.
 */
export class DigitGroups {
  /** Only the first {@link count} of each list belong to the run that was read last. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly separators: number[] = [];
  count = 0;
  digits = 0;
  /** Behind the last digit of the run. */
  end = 0;

  /** Reads the run that begins with the digit at `start`. Two separators in a row end it. */
  read(text: string, start: number): void {
    this.#read(text, start, false);
  }

  /** The same, with wide gaps between groups as well. */
  readWide(text: string, start: number): void {
    this.#read(text, start, true);
  }

  #read(text: string, start: number, isWide: boolean): void {
    let at = start;
    let separator = 0;
    this.count = 0;
    this.digits = 0;
    for (;;) {
      const from = at;
      while (isDigit(text.charCodeAt(at))) at++;
      this.starts[this.count] = from;
      this.ends[this.count] = at;
      this.separators[this.count] = separator;
      this.count++;
      this.digits += at - from;
      const wide = isWide ? wideGapAt(text, at) : 0;
      const gap = wide > 0 ? wide : isSeparator(text.charCodeAt(at)) ? 1 : 0;
      if (gap === 0 || !isDigit(text.charCodeAt(at + gap))) break;
      separator = wide > 0 ? WIDE + wide : text.charCodeAt(at);
      at += gap;
    }
    this.end = at;
  }

  /** True when a wide gap is in front of a group. */
  isWideApart(group: number): boolean {
    return (this.separators[group] ?? 0) > WIDE;
  }

  length(group: number): number {
    return (this.ends[group] ?? 0) - (this.starts[group] ?? 0);
  }
}

/** The letters in front of a number that name it, at most: `card4111...`. */
const MAX_WORD = 24;
/** Letters that no hexadecimal number has. */
const BEYOND_HEX = /[g-z]/i;

/**
 * True when no letters join the number to something else, as they do in digests, ULIDs and base64. A word of
 * letters alone may stand beside it.
 */
export function standsAlone(text: string, start: number, end: number): boolean {
  return isFreeBefore(text, start) && isFreeBehind(text, end);
}

function isFreeBefore(text: string, start: number): boolean {
  if ((classOf(text.charCodeAt(start - 1)) & LETTER) === 0) return !isDigit(text.charCodeAt(start - 1));
  // The first track of a magnetic stripe begins so (ISO/IEC 7813).
  if (text.startsWith("%B", start - 2)) return true;
  let at = start - 1;
  while (at > start - MAX_WORD && (classOf(text.charCodeAt(at - 1)) & LETTER) !== 0) at--;
  const before = classOf(text.charCodeAt(at - 1));
  return (before & (LETTER | DIGIT)) === 0 && isWord(text.slice(at, start));
}

function isFreeBehind(text: string, end: number): boolean {
  if ((classOf(text.charCodeAt(end)) & LETTER) === 0) return !isDigit(text.charCodeAt(end));
  let at = end + 1;
  while (at < end + MAX_WORD && (classOf(text.charCodeAt(at)) & LETTER) !== 0) at++;
  // A number may stand behind the word: `4111...Exp12/27`.
  return isWord(text.slice(end, at));
}

function isWord(letters: string): boolean {
  return letters.length >= 3 && BEYOND_HEX.test(letters);
}
