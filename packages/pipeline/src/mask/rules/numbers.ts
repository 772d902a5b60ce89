/**
 * Digits as they stand in a text, in groups that separators hold apart: what cards, social security numbers
 * and phones are looked for in.
 */
import { classOf, DIGIT, isDigit, LETTER } from "../characters.ts";

/** Space, `-`, `.`, `_`, `/`, tab and `+`. */
function isSeparator(code: number): boolean {
  return (
    code === SPACE ||
    code === HYPHEN ||
    code === 46 ||
    code === 95 ||
    code === 47 ||
    code === 9 ||
    code === 43
  );
}

const LONGER = 0x10000;
const SPACE = 32;
const PLUS = 43;
const HYPHEN = 45;

/** How many characters hold a letter or digit at `at` apart from the next: one, two spaces, or ` - `; 0 when none do. */
export function gapAt(text: string, at: number, isOne: (code: number) => boolean): number {
  const code = text.charCodeAt(at);
  if (!isOne(code)) return 0;
  if (!isSpace(code)) return 1;
  const next = text.charCodeAt(at + 1);
  if (isSpace(next)) return 2;
  return next === HYPHEN && isSpace(text.charCodeAt(at + 2)) ? 3 : 1;
}

/** A form has `+` in the place of a space. */
function isSpace(code: number): boolean {
  return code === SPACE || code === PLUS;
}

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

  /** Reads the run that begins with the digit at `start`. Other separators, and more of them in a row, end it. */
  read(text: string, start: number): void {
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
      const gap = gapAt(text, at, isSeparator);
      if (gap === 0 || !isDigit(text.charCodeAt(at + gap))) break;
      separator = gap === 1 ? text.charCodeAt(at) : LONGER + gap;
      at += gap;
    }
    this.end = at;
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
