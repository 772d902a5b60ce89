/**
 * Ways of writing a character that hide it from a search: full-width forms and digits of other scripts, characters
 * of no width, percent-encoding, JSON's escapes, HTML's references, rsyslog's numbers, a terminal's colours. A folded
 * text has the plain characters in their place, and knows for each where it came from.
 */
import { classOf, HEX, isDigit } from "./characters.ts";
import { readReference } from "./entities.ts";
import { endOfSequence } from "./terminal.ts";

/** A text as it is searched, and where its characters stand in the one that it was made of. */
export interface Folded {
  readonly text: string;
  /** Where the characters begin and end that each of {@link text} came from. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Where sequences of a terminal were left out of it, each by its begin and its end. */
  readonly sequences: readonly (readonly [start: number, end: number])[];
}

const UNCHANGED = -1;
/** The character has no width, or marks another: it is left out. */
const DROPPED = 0;
const UNKNOWN = -2;

/** What becomes of each character of the basic plane, as far as it was asked for. */
let known: Int8Array | undefined;
const MAX_KNOWN = 4096;
const beyond = new Map<number, number>();

/** The ASCII character that another stands for, {@link DROPPED} or {@link UNCHANGED}. */
function foldedCode(codePoint: number): number {
  if (codePoint < 0x80) return UNCHANGED;
  if (codePoint >= 0x10000) {
    let code = beyond.get(codePoint);
    if (code === undefined) {
      code = lookUp(codePoint);
      if (beyond.size >= MAX_KNOWN) beyond.clear();
      beyond.set(codePoint, code);
    }
    return code;
  }
  known ??= new Int8Array(0x10000).fill(UNKNOWN);
  const code = known[codePoint] ?? UNCHANGED;
  if (code !== UNKNOWN) return code;
  const found = lookUp(codePoint);
  known[codePoint] = found;
  return found;
}

/** Formats, marks and what is to be ignored by default have no width of their own. */
const WIDTHLESS = /^[\p{Cf}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]$/u;
const DECIMAL = /^\p{Nd}$/u;
const SPACE_SEPARATOR = /^\p{Zs}$/u;
const DASH_PUNCTUATION = /^\p{Pd}$/u;

function lookUp(codePoint: number): number {
  if (codePoint >= 0xd800 && codePoint < 0xe000) return UNCHANGED;
  const character = String.fromCodePoint(codePoint);
  if (WIDTHLESS.test(character)) return DROPPED;
  if (DECIMAL.test(character)) return 48 + digitValue(codePoint);
  if (SPACE_SEPARATOR.test(character)) return 32;
  // The minus sign is no dash to Unicode, but to whoever reads it.
  if (DASH_PUNCTUATION.test(character) || codePoint === 0x2212) return 45;
  const compatible = character.normalize("NFKC");
  const code = compatible.charCodeAt(0);
  return compatible.length === 1 && code < 0x80 ? code : UNCHANGED;
}

/** Decimal digits stand in rows of ten, from zero on (The Unicode Standard, section 4.6); rows may follow each other. */
function digitValue(codePoint: number): number {
  const longestRows = 60;
  let first = codePoint;
  while (first > codePoint - longestRows && DECIMAL.test(String.fromCodePoint(first - 1))) first--;
  return (codePoint - first) % 10;
}

/**
 * What folding does to a character that is not ASCII: nothing (0), it makes it a space or hyphen (1), or something
 * else, such as a digit (2).
 *
 * @param next the code behind it, which may be its second half
 */
export function foldKind(code: number, next: number): 0 | 1 | 2 {
  // Latin letters with marks; in front of them there are a space, the soft hyphen and raised digits.
  if (code >= 0xc0 && code < 0x250) return 0;
  const isPair = code >= 0xd800 && code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
  const folded = foldedCode(isPair ? ((code - 0xd800) << 10) + (next - 0xdc00) + 0x10000 : code);
  if (folded === UNCHANGED) return 0;
  return folded === 32 || folded === 45 ? 1 : 2;
}

/** True when the `%` at `at` encodes a byte. */
export function isEncodedByte(text: string, at: number): boolean {
  return (
    (classOf(text.charCodeAt(at + 1)) & HEX) !== 0 &&
    (classOf(text.charCodeAt(at + 2)) & HEX) !== 0 &&
    text.charCodeAt(at) === 37
  );
}

/** True for `=3D`, as quoted-printable text has a `=` (RFC 2045, section 6.7). */
export function isQuotedSign(text: string, at: number): boolean {
  return text.charCodeAt(at + 1) === 51 && (text.charCodeAt(at + 2) | 32) === 100;
}

const CONTROL = /^#(?:0[0-3][0-7]|177)/;

/** True when the `#` at `at` begins a control character in octal, as rsyslog writes it: `#011` for a tab. */
export function isControl(text: string, at: number): boolean {
  return isDigit(text.charCodeAt(at + 1)) && CONTROL.test(text.slice(at, at + 4));
}

/** Encoded text may be encoded again, once for each system it came through. */
const MAX_ROUNDS = 3;

/**
 * Folds a text until nothing is left to fold, three times at most.
 *
 * @param isApart whether a space takes the place of a terminal's sequences, or nothing does
 */
export function fold(text: string, isApart = false): Folded {
  let folded = foldOnce(text, isApart);
  for (let round = 1; round < MAX_ROUNDS && hasEscapes(folded.text); round++) {
    const again = foldOnce(folded.text, isApart);
    if (again.text === folded.text) break;
    folded = compose(again, folded);
  }
  return folded;
}

/** Only what was decoded can hold something to decode. */
function hasEscapes(text: string): boolean {
  const hasReferences = text.includes("&") && text.includes(";");
  return hasReferences || text.includes("%") || text.includes("\\") || text.includes("\u001b");
}

/** The outer text as one that came of what the inner one came of. */
export function compose(outer: Folded, inner: Folded): Folded {
  return {
    text: outer.text,
    starts: outer.starts.map((start) => inner.starts[start] ?? 0),
    ends: outer.ends.map((end) => inner.ends[end - 1] ?? 0),
    sequences: [
      ...inner.sequences,
      ...outer.sequences.map(([start, end]) => [inner.starts[start] ?? 0, inner.ends[end - 1] ?? 0] as const),
    ],
  };
}

/** Puts a folded text together. */
class Folding {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly sequences: (readonly [start: number, end: number])[] = [];
  readonly #codes: Uint16Array;
  length = 0;

  constructor(longest: number) {
    this.starts = new Int32Array(longest);
    this.ends = new Int32Array(longest);
    this.#codes = new Uint16Array(longest);
  }

  unit(code: number, start: number, end: number): void {
    this.#codes[this.length] = code;
    this.starts[this.length] = start;
    this.ends[this.length] = end;
    this.length++;
  }

  codePoint(codePoint: number, start: number, end: number): void {
    const code = foldedCode(codePoint);
    if (code === DROPPED) return;
    if (code !== UNCHANGED) {
      this.unit(code, start, end);
    } else if (codePoint < 0x10000) {
      this.unit(codePoint, start, end);
    } else {
      this.unit(0xd800 + ((codePoint - 0x10000) >> 10), start, end);
      this.unit(0xdc00 + ((codePoint - 0x10000) & 0x3ff), start, end);
    }
  }

  finish(): Folded {
    let text = "";
    const chunk = 8192;
    for (let at = 0; at < this.length; at += chunk) {
      text += String.fromCharCode(...this.#codes.subarray(at, Math.min(this.length, at + chunk)));
    }
    const { length, sequences } = this;
    return { text, starts: this.starts.subarray(0, length), ends: this.ends.subarray(0, length), sequences };
  }
}

function foldOnce(text: string, isApart: boolean): Folded {
  const folding = new Folding(text.length);
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 37 && isEncodedByte(text, at)) {
      at = foldBytes(text, at, folding);
    } else if (code === 92) {
      at = foldEscape(text, at, folding);
    } else if (code === 61 && isQuotedSign(text, at)) {
      folding.unit(61, at, at + 3);
      at += 3;
    } else if (code === 35 && isControl(text, at)) {
      folding.unit(Number.parseInt(text.slice(at + 1, at + 4), 8), at, at + 4);
      at += 4;
    } else if (code === 38) {
      const reference = readReference(text, at);
      if (reference === undefined) folding.unit(38, at, at + 1);
      else folding.codePoint(reference.codePoint, at, reference.end);
      at = reference?.end ?? at + 1;
    } else if (code === 27) {
      const end = endOfSequence(text, at);
      folding.sequences.push([at, end]);
      if (isApart) folding.unit(32, at, end);
      at = end;
    } else {
      const codePoint = text.codePointAt(at) ?? 0;
      const end = at + (codePoint > 0xffff ? 2 : 1);
      folding.codePoint(codePoint, at, end);
      at = end;
    }
  }
  return folding.finish();
}

/** One character of percent-encoded UTF-8; a byte that is no part of one stands for itself. */
function foldBytes(text: string, start: number, folding: Folding): number {
  const first = byteAt(text, start);
  const more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  let codePoint = more === 0 ? first : first & (0x3f >> more);
  let end = start + 3;
  for (let i = 0; i < more; i++) {
    const byte = isEncodedByte(text, end) ? byteAt(text, end) : 0;
    if ((byte & 0xc0) !== 0x80 || first < 0xc2 || first > 0xf4) {
      folding.unit(0xfffd, start, start + 3);
      return start + 3;
    }
    codePoint = (codePoint << 6) | (byte & 0x3f);
    end += 3;
  }
  folding.codePoint(Math.min(codePoint, 0x10ffff), start, end);
  return end;
}

function byteAt(text: string, at: number): number {
  return Number.parseInt(text.slice(at + 1, at + 3), 16);
}

const WHITE: ReadonlySet<string> = new Set(["n", "r", "t", "f", "b"]);
const ESCAPED_UNIT = /^\\u[0-9a-f]{4}$/i;

/** As JavaScript and Rust write it. */
const BRACED = /^\\u\{([0-9a-f]{1,6})\}/i;
const LONGEST_BRACED = 10;

const BYTE = /^\\x[0-9a-f]{2}$/i;
/** The escape character as shells and C write it, in front of a control sequence. */
const ESCAPE = /^\\(?:e|033)(?=\[)/;
/** A tab or the end of a line in octal. */
const OCTAL = /^\\0(11|12|15)/;

/** One of JSON's escapes (RFC 8259, section 7), `\x22` or `\u{22}`; any other backslash stands for itself. */
function foldEscape(text: string, start: number, folding: Folding): number {
  const next = text.charAt(start + 1);
  const braced = next === "u" ? BRACED.exec(text.slice(start, start + LONGEST_BRACED)) : null;
  if (braced !== null) {
    const end = start + braced[0].length;
    folding.codePoint(Math.min(Number.parseInt(braced[1] ?? "", 16), 0x10ffff), start, end);
    return end;
  }
  if (next === "u") {
    const high = unitAt(text, start);
    if (high < 0) {
      folding.unit(92, start, start + 1);
      return start + 1;
    }
    const low = high >= 0xd800 && high < 0xdc00 ? unitAt(text, start + 6) : -1;
    const isPair = low >= 0xdc00 && low < 0xe000;
    const codePoint = isPair ? ((high - 0xd800) << 10) + (low - 0xdc00) + 0x10000 : high;
    const end = start + (isPair ? 12 : 6);
    folding.codePoint(codePoint, start, end);
    return end;
  }
  if (next === "x" && BYTE.test(text.slice(start, start + 4))) {
    folding.codePoint(Number.parseInt(text.slice(start + 2, start + 4), 16), start, start + 4);
    return start + 4;
  }
  const octal = next === "0" ? OCTAL.exec(text.slice(start, start + 4)) : null;
  if (octal !== null) {
    folding.unit(Number.parseInt(octal[1] ?? "", 8), start, start + 4);
    return start + 4;
  }
  const written = next === "e" || next === "0" ? ESCAPE.exec(text.slice(start, start + 5)) : null;
  if (written !== null) {
    folding.unit(27, start, start + written[0].length);
    return start + written[0].length;
  }
  if (next === '"' || next === "\\" || next === "/") folding.unit(next.charCodeAt(0), start, start + 2);
  else if (WHITE.has(next)) folding.unit(next === "t" ? 9 : 10, start, start + 2);
  else {
    folding.unit(92, start, start + 1);
    return start + 1;
  }
  return start + 2;
}

/** The code unit of the `\uXXXX` at `at`; -1 when there is none. */
function unitAt(text: string, at: number): number {
  const digits = text.slice(at, at + 6);
  return ESCAPED_UNIT.test(digits) ? Number.parseInt(digits.slice(2), 16) : -1;
}
