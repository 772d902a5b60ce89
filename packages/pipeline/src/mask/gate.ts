/**
 * The gate in front of the search: it asks of a text whether any rule may begin anywhere in it, and most texts are
 * through at that. It reads bytes, which costs a fraction of what the characters of a string cost, and looks at a few
 * neighbours of a character at most, so that its walk is linear.
 *
 * What it lets through, the search looks at; what it calls clean no rule may find anything in.
 */

import type { EnabledCategories } from "./categories.ts";
import { classOf, HEX, isAlnum, isDigit, LETTER } from "./characters.ts";
import { FOLDABLE, kindOf, SEPARATOR, widthOf } from "./gate-characters.ts";
import type { NameEndings } from "./key-words.ts";
import { LETTERED_PREFIXES, PREFIX_ENDINGS } from "./rules/api-keys.ts";
import { MAX_NAME_GAP } from "./rules/assignments.ts";
import { isBehindHost } from "./rules/marked-keys.ts";

const NEVER = 0;
const ALWAYS = 1;
const DIGIT_RUN = 2;
const MARK = 3;
const SIGN = 4;
const PERCENT = 5;
const JWT_END = 6;
/** Where a prefix or a scheme may begin, if no letter stands in front of it. */
const WORD = 7;
/** The first byte of a character that is not ASCII. */
const BEYOND = 9;
/** Where an element's tag may end. */
const ELEMENT = 10;

/** Longer texts are searched at once: they are rare. */
const MAX_BYTES = 16_384;
/** Up to this length characters are copied one by one: a call of the encoder costs as much. */
const MAX_COPIED = 20;

const HYPHEN = 45;
const DOT = 46;
const FEWEST_CARD_DIGITS = 12;
/** Characters of the shortest IBAN behind its country. */
const FEWEST_IBAN = 13;

/** In front of the text in the buffer, so that neighbours can be looked at without asking for an index below 0. */
const PAD = 4;

/** The text being looked at. One for all: a walk ends before the next one begins. */
const BYTES: Uint8Array = new Uint8Array(MAX_BYTES + 2 * PAD);
const WORDS: Int32Array = new Int32Array(BYTES.buffer);
const BODY: Uint8Array = BYTES.subarray(PAD, PAD + MAX_BYTES);
const ENCODER: { encodeInto(text: string, into: Uint8Array): { readonly written: number } } =
  new TextEncoder();

export class Gate {
  readonly #endings: NameEndings;
  readonly #fewestDigits: number;
  readonly #stopsAtSigns: boolean;

  /**
   * @param endings how names end that stand for a secret in text
   * @param fewestDigits of what is looked for in numbers
   */
  constructor(enabled: EnabledCategories, endings: NameEndings, fewestDigits: number) {
    this.#endings = endings;
    this.#fewestDigits = fewestDigits;
    // Any colon may be an address's.
    this.#stopsAtSigns = enabled.ip;
  }

  /** True when no rule can find anything in the text; false says nothing. */
  isClean(text: string): boolean {
    const { length } = text;
    let end = PAD + length;
    if (length > MAX_COPIED) {
      // A character takes three bytes at most.
      if (length * 3 > MAX_BYTES) return false;
      end = PAD + ENCODER.encodeInto(text, BODY).written;
    } else {
      let hasStop = false;
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 128) return false;
        BYTES[PAD + i] = code;
        hasStop ||= STOPS[code] !== NEVER;
      }
      if (!hasStop) return true;
    }
    // What an earlier, longer text has left there is not behind this one.
    BYTES[end] = 0;
    return this.#areClean(end);
  }

  /** All in one piece: calls cost more here than what they would do. */
  #areClean(end: number): boolean {
    const fewestDigits = this.#fewestDigits;
    const names = this.#endings.letters;
    let hasDigits = false;
    let hasSeparators = false;
    let at = PAD;
    for (;;) {
      // A loop that calls nothing: the engine keeps it in registers.
      while (at < end) {
        if ((at & 3) === 0 && areLetters(WORDS[at >> 2] ?? 0)) at += 4;
        else if (STOPS[BYTES[at] ?? 0] === NEVER) at++;
        else break;
      }
      if (at >= end) break;
      const byte = BYTES[at] ?? 0;
      const stop = STOPS[byte] ?? ALWAYS;
      if (stop === DIGIT_RUN) {
        hasDigits = true;
        const start = at;
        do at++;
        while (KINDS[BYTES[at] ?? 0] === DIGIT_KIND);
        if (KINDS[BYTES[start - 1] ?? 0] === LETTER_KIND && (mayBeIban(start, end) || isBehindDapi(start)))
          return false;
        // `1//0`, Google's.
        if (BYTES[at] === 47 && BYTES[at + 1] === 47) return false;
        const isGrouped =
          KINDS[BYTES[at] ?? 0] === SEPARATOR_KIND && KINDS[BYTES[at + 1] ?? 0] === DIGIT_KIND;
        if (!isGrouped && at - start < fewestDigits) continue;
        // A prefix such as `ya29.` ends within the groups.
        if (isGrouped && PREFIXES[lettersAt(at)] !== 0 && endsPrefix(at, BYTES[at] ?? 0)) return false;
        at = this.#endOfDigits(start);
        if (at < 0) return false;
      } else if (stop === SIGN) {
        // `1234567890:AA`, a bot's token.
        if (BYTES[at + 1] === 65 && BYTES[at + 2] === 65 && KINDS[BYTES[at - 1] ?? 0] === DIGIT_KIND)
          return false;
        // `=3D`, a `=` of quoted-printable text.
        if (BYTES[at + 1] === 51 && ((BYTES[at + 2] ?? 0) | 32) === 100) return false;
        // Most names stand right in front of their sign, and most of them end otherwise than a secret's.
        const isBehindName = KINDS[BYTES[at - 1] ?? 0] === LETTER_KIND && !this.#stopsAtSigns;
        if (isBehindName && names[lettersAt(at)] === 0) at++;
        else if (this.#stopsAtSigns || this.#endsName(at)) return false;
        else at++;
      } else if (stop === ELEMENT) {
        const before = BYTES[at - 1] ?? 0;
        if (before === 34 || before === 39) return false;
        if (KINDS[before] === LETTER_KIND && names[lettersAt(at)] !== 0) return false;
        at++;
      } else if (stop === MARK) {
        if (byte === HYPHEN && (BYTES[at + 1] === HYPHEN || (BYTES[at + 1] === 117 && BYTES[at + 2] === 32)))
          return false;
        // `.ew` and `.ey`: a JSON object in base64 may begin there.
        if (byte === DOT && isBehindHost(BYTES[at - 2] ?? 0, BYTES[at - 1] ?? 0)) return false;
        if (BYTES[at + 1] === 101 && byte === DOT && (BYTES[at + 2] === 119 || BYTES[at + 2] === 121))
          return false;
        if (PREFIXES[lettersAt(at)] !== 0 && endsPrefix(at, byte)) return false;
        at++;
      } else if (stop === WORD) {
        const kind = KINDS[BYTES[at - 1] ?? 0];
        if (kind !== LETTER_KIND && kind !== DIGIT_KIND && beginsWord(at, byte)) return false;
        at++;
      } else if (stop === BEYOND) {
        const kind = kindOf(BYTES, at);
        if (kind === FOLDABLE) return false;
        hasSeparators ||= kind === SEPARATOR;
        at += widthOf(byte);
      } else {
        if (mayBegin(stop, at)) return false;
        at++;
      }
    }
    // Spaces and hyphens of other kinds matter between digits alone.
    return !(hasSeparators && hasDigits);
  }

  /** Behind a run of digits that single separators hold apart; -1 when they are enough for a rule. */
  #endOfDigits(start: number): number {
    let count = 0;
    let isWhole = true;
    let at = start;
    for (;;) {
      const kind = KINDS[BYTES[at] ?? 0];
      if (kind === DIGIT_KIND) count++;
      else if (kind !== SEPARATOR_KIND || KINDS[BYTES[at + 1] ?? 0] !== DIGIT_KIND) break;
      else isWhole = false;
      at++;
    }
    if (count < this.#fewestDigits) return at;
    if (!isWhole) return -1;
    // Whatever a number is, one or two letters at its side make it part of something else, as in digests.
    if (hasFewLetters(start - 1, -1) || hasFewLetters(at, 1)) return at;
    // What is shorter than a card number has to stand alone.
    const isJoined = isAlnum(BYTES[start - 1] ?? 0) || isAlnum(BYTES[at] ?? 0);
    return isJoined && count < FEWEST_CARD_DIGITS ? at : -1;
  }

  /** True when the name in front of a sign may stand for a secret. */
  #endsName(sign: number): boolean {
    let at = sign - 1;
    if (KINDS[BYTES[at] ?? 0] !== LETTER_KIND) {
      const limit = Math.max(PAD, sign - MAX_NAME_GAP);
      while (at > limit && KINDS[BYTES[at] ?? 0] !== LETTER_KIND) at--;
      if (at <= PAD) return false;
    }
    return this.#endings.has(BYTES[at - 3] ?? 0, BYTES[at - 2] ?? 0, BYTES[at - 1] ?? 0, BYTES[at] ?? 0);
  }
}

/** True when a prefix ends in the mark at `at`; asked only where its last letters are right. */
function endsPrefix(at: number, mark: number): boolean {
  const found = PREFIXES[lettersAt(at)] ?? 0;
  if ((found & markBit(mark)) !== 0) return true;
  // Nothing but a boundary may stand in front of a prefix of two letters.
  return (found & (markBit(mark) << 3)) !== 0 && !isAlnum(BYTES[at - 3] ?? 0);
}

/**
 * True when each byte of the word is a space or one from 0x60 on, below 0x80 and not `b`: small letters mostly, and no
 * stops. Whether a byte is zero is seen by what subtracting one does to its highest bit (Warren, Hacker's Delight, 6-1);
 * behind a zero it may take a one for another: then `!` passes for a space, which is no stop either, and `c` for a `b`.
 */
function areLetters(word: number): boolean {
  const spaces = word ^ 0x20202020;
  const isSpace = ((spaces - 0x01010101) & ~spaces & 0x80808080) >>> 1;
  const isB = word ^ 0x62626262;
  return (
    (((word | isSpace) & 0xe0e0e0e0) ^ 0x60606060) === 0 && ((isB - 0x01010101) & ~isB & 0x80808080) === 0
  );
}

function mayBegin(stop: number, at: number): boolean {
  if (stop === PERCENT) return (classOf(BYTES[at + 1] ?? 0) & HEX) !== 0;
  return stop !== JWT_END || BYTES[at - 1] === 121;
}

/** True when a prefix may begin there, or the name of a scheme: `Bearer`, `Basic`. */
function beginsWord(at: number, byte: number): boolean {
  const next = BYTES[at + 1] ?? 0;
  if ((byte | 32) === 98) return (next | 32) === 101 || (next | 32) === 97;
  // `SK`, `SSWS`, `Negotiate`, `NTLM`.
  if (byte === 83) return (next | 32) === 107 || (next | 32) === 115;
  if (byte === 78) return (next | 32) === 101 || (next | 32) === 116;
  return BEGINNINGS.has(byte * 128 + next);
}

/** The three characters in front of a place as one number, in which a letter's case does not count. */
function lettersAt(at: number): number {
  return (
    (((BYTES[at - 3] ?? 0) & 31) << 10) | (((BYTES[at - 2] ?? 0) & 31) << 5) | ((BYTES[at - 1] ?? 0) & 31)
  );
}

const OTHER_KIND = 0;
const DIGIT_KIND = 1;
const LETTER_KIND = 2;
const SEPARATOR_KIND = 3;

/** What each byte is to a run of digits. */
const KINDS: Uint8Array = new Uint8Array(256).map((_, byte) => {
  if (isDigit(byte)) return DIGIT_KIND;
  if ((classOf(byte) & LETTER) !== 0) return LETTER_KIND;
  return " -._/+".includes(String.fromCharCode(byte)) ? SEPARATOR_KIND : OTHER_KIND;
});

/** True when there are one or two letters from a place on, and no more. */
function hasFewLetters(at: number, step: number): boolean {
  if (KINDS[BYTES[at] ?? 0] !== LETTER_KIND) return false;
  return KINDS[BYTES[at + step] ?? 0] !== LETTER_KIND || KINDS[BYTES[at + 2 * step] ?? 0] !== LETTER_KIND;
}

/** True when `dapi` and at most ten letters stand in front of a place. */
function isBehindDapi(start: number): boolean {
  let at = start - 1;
  while (at > start - 11 && (classOf(BYTES[at] ?? 0) & HEX) !== 0) at--;
  return BYTES[at] === 105 && BYTES[at - 1] === 112 && BYTES[at - 2] === 97 && BYTES[at - 3] === 100;
}

/** Two letters that stand alone and two digits, with enough behind them. */
function mayBeIban(at: number, end: number): boolean {
  if (end - at < FEWEST_IBAN || KINDS[BYTES[at + 1] ?? 0] !== DIGIT_KIND) return false;
  return KINDS[BYTES[at - 2] ?? 0] === LETTER_KIND && !isAlnum(BYTES[at - 3] ?? 0);
}

/** What the walk stops at. Tables are constants: the engine reads those of an object more slowly. */
const STOPS: Uint8Array = tabulateStops();

function tabulateStops(): Uint8Array {
  const stops = new Uint8Array(256).fill(BEYOND, 128);
  const stopAt = (characters: string, stop: number): void => {
    for (const character of characters) stops[character.charCodeAt(0)] = stop;
  };
  stopAt("0123456789", DIGIT_RUN);
  stopAt("@\\\u001b", ALWAYS);
  stopAt("-_.", MARK);
  stopAt(":=", SIGN);
  stopAt("%", PERCENT);
  stopAt(">", ELEMENT);
  stopAt("J", JWT_END);
  stopAt("AEbBNS", WORD);
  return stops;
}

function markBit(mark: number): number {
  return mark === HYPHEN ? 1 : mark === 95 ? 2 : 4;
}

/**
 * For the last three characters in front of a mark: a bit for each mark that ends a prefix behind them, and three
 * bits higher for prefixes that have two characters in front of it.
 */
const PREFIXES: Uint8Array = tabulatePrefixes();

function tabulatePrefixes(): Uint8Array {
  const endings = new Uint8Array(32 ** 3);
  for (const [before, mark] of PREFIX_ENDINGS) {
    const [third, second, last] = [3, 2, 1].map((place) => before.charCodeAt(before.length - place) & 31);
    const bit = markBit(mark.charCodeAt(0));
    for (let any = 0; any < 32; any++) {
      if (before.length >= 3 && any !== third) continue;
      const place = (any << 10) | ((second ?? 0) << 5) | (last ?? 0);
      endings[place] = (endings[place] ?? 0) | (before.length < 3 ? bit << 3 : bit);
    }
  }
  return endings;
}

/** The first two characters of prefixes that end in a letter or digit. */
const BEGINNINGS: ReadonlySet<number> = new Set(
  LETTERED_PREFIXES.map((prefix) => prefix.charCodeAt(0) * 128 + prefix.charCodeAt(1)),
);
