/** Classes of ASCII characters that more than one rule asks for. Codes above 127 belong to none of them. */

export const DIGIT = 1;
export const UPPER = 2;
export const LOWER = 4;
export const LETTER: number = UPPER | LOWER;
export const ALNUM: number = LETTER | DIGIT;
/** `-` and `_`, which base64url has beside letters and digits. */
export const DASH = 8;
/** `.`, `+`, `/`, `=`, `~`: what tokens have besides (RFC 6750, `b64token`). */
export const TOKEN_MARK = 16;
/**
 * What a local part of an e-mail address has besides letters, digits, `-`, `_` and `.` (RFC 5322, `atext`), without
 * `=`, `&`, `?` and `/`, which stand in front of an address in links, and without braces and `|`.
 */
export const ATEXT_MARK = 32;
export const HEX = 64;
export const SPACE = 128;

const CLASSES: Uint8Array = classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(128);
  const mark = (characters: string, bit: number): void => {
    for (const character of characters) {
      const code = character.charCodeAt(0);
      classes[code] = (classes[code] ?? 0) | bit;
    }
  };
  mark("0123456789", DIGIT | HEX);
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", UPPER);
  mark("abcdefghijklmnopqrstuvwxyz", LOWER);
  mark("abcdefABCDEF", HEX);
  mark("-_", DASH);
  mark(".+/=~", TOKEN_MARK);
  mark("!#$%'*+^`~", ATEXT_MARK);
  mark(" \t\n\r", SPACE);
  return classes;
}

/** The classes of a character code; 0 for what is beyond ASCII, and for NaN, the code behind the end of a text. */
export function classOf(code: number): number {
  return code < 128 ? (CLASSES[code] ?? 0) : 0;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isAlnum(code: number): boolean {
  return (classOf(code) & ALNUM) !== 0;
}

/** The first place from `from` on, `limit` at most, whose character is of none of the classes. */
export function skipClass(text: string, from: number, classes: number, limit: number): number {
  const end = Math.min(text.length, limit);
  let at = from;
  while (at < end && (classOf(text.charCodeAt(at)) & classes) !== 0) at++;
  return at;
}

/** The place behind the last character before `from`, `limit` at least, that is of none of the classes. */
export function skipClassBack(text: string, from: number, classes: number, limit: number): number {
  let at = from;
  while (at > limit && (classOf(text.charCodeAt(at - 1)) & classes) !== 0) at--;
  return at;
}
