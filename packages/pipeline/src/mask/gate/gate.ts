/**
 * The gate in front of the search: it asks of a text whether any rule may begin anywhere in it, and most texts are
 * through at that. What it lets through, the search looks at; what it calls clean no rule may find anything in.
 *
 * It looks each character up in the table of an automaton and decides nothing on the way, since what a processor
 * guesses wrong costs more than the look-up. How it goes over a text depends on the text's length and kind.
 */
import type { EnabledCategories } from "../categories.ts";
import type { WrittenEnding } from "../key-words.ts";
import { Automaton, SEPARATED, UNKNOWN, URGENT } from "./automaton.ts";
import { createBeginnings } from "./beginnings.ts";

/** Up to this length characters are read one by one: to encode the text costs as much. */
const MAX_READ = 28;
/** Longer texts are searched at once: they are rare. */
const MAX_BYTES = 65_536;
/** The last word ends behind the text. */
const ROOM_BEHIND = 4;

/**
 * The text being looked at, in UTF-8, and as words of four bytes. One for all: a walk ends before the next begins. All
 * of it is in this file, since the engine knows the constants of a file where they are used, and no others.
 */
const BYTES: Uint8Array = new Uint8Array(MAX_BYTES + ROOM_BEHIND);
const BODY: Uint8Array = BYTES.subarray(0, MAX_BYTES);
const WORDS: Int32Array = new Int32Array(BYTES.buffer);
/** Where the second of two walks was behind each word. */
const MARKS: Int32Array = new Int32Array(WORDS.length);
const ENCODER: { encodeInto(text: string, into: Uint8Array): { readonly written: number } } =
  new TextEncoder();

/** Where a word has each of its bytes depends on the machine. */
const IS_LITTLE_ENDIAN: boolean = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const FIRST: number = IS_LITTLE_ENDIAN ? 0 : 24;
const SECOND: number = IS_LITTLE_ENDIAN ? 8 : 16;
const THIRD: number = IS_LITTLE_ENDIAN ? 16 : 8;
const FOURTH: number = IS_LITTLE_ENDIAN ? 24 : 0;

/** What {@link areSkipped} may let pass. */
const SKIPPED = " !acdefghijklmnopqrstuvwxyz`{|}~\u007f";

/** Those made last: most maskers look for the same, and what one has learned of texts the others know. */
const AUTOMATA = new Map<string, Automaton>();
const MAX_AUTOMATA = 8;

function automatonFor(enabled: EnabledCategories, nameEndings: readonly WrittenEnding[]): Automaton {
  const name = JSON.stringify([enabled.ip, enabled.phone, nameEndings]);
  const known = AUTOMATA.get(name);
  if (known !== undefined) return known;
  const automaton = new Automaton(createBeginnings(enabled, nameEndings), SKIPPED);
  if (AUTOMATA.size >= MAX_AUTOMATA) AUTOMATA.clear();
  AUTOMATA.set(name, automaton);
  return automaton;
}

export class Gate {
  readonly #automaton: Automaton;
  /** Where a walk left off at what it does not know, and in which row. */
  #reached = 0;
  #row = 0;

  /** @param nameEndings how names end that stand for a secret in text */
  constructor(enabled: EnabledCategories, nameEndings: readonly WrittenEnding[]) {
    this.#automaton = automatonFor(enabled, nameEndings);
  }

  /** True when no rule can find anything in the text; false says nothing. */
  isClean(text: string): boolean {
    const { classes, table, start, found } = this.#automaton;
    const { length } = text;
    if (length > MAX_READ) return this.#isLongClean(text);
    let row = start;
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) return this.#isLongClean(text);
      row = table[row + (classes[code] ?? 0)] ?? UNKNOWN;
    }
    // What stands at the end is found with a zero behind it.
    row = table[row + (classes[0] ?? 0)] ?? UNKNOWN;
    return (row === UNKNOWN ? this.#readSlowly(text) : row) > found;
  }

  #isLongClean(text: string): boolean {
    // A character takes three bytes at most.
    if (text.length * 3 > MAX_BYTES) return false;
    const end = ENCODER.encodeInto(text, BODY).written;
    // What an earlier, longer text has left there is not behind this one.
    BYTES[end] = 0;
    BYTES[end + 1] = 0;
    BYTES[end + 2] = 0;
    BYTES[end + 3] = 0;
    const count = (end >> 2) + 1;
    const row = isProse(count) ? this.#walkProse(count) : this.#walkTwice(count);
    const { found, marks } = this.#automaton;
    // Spaces and hyphens of other kinds matter beside digits alone.
    return row > found && (((marks[row] ?? 0) & SEPARATED) === 0 || !hasDigits(count));
  }

  #readSlowly(text: string): number {
    const automaton = this.#automaton;
    let row = automaton.start;
    for (let at = 0; at <= text.length; at++) {
      const code = at < text.length ? text.charCodeAt(at) : 0;
      row = automaton.next(row, automaton.classes[code] ?? 0);
    }
    return row;
  }

  /**
   * The row behind so many words. Each step waits for the one before it, so two walks take turns, one from the middle
   * on; then the first goes on until it is where the second was: from there on they are the same.
   */
  #walkTwice(count: number): number {
    const { classes, table, start, inside } = this.#automaton;
    const middle = count >> 1;
    let first = start;
    let second = inside;
    for (let i = 0; i < middle; i++) {
      first = stepOver(table, classes, first, WORDS[i] ?? 0);
      second = stepOver(table, classes, second, WORDS[middle + i] ?? 0);
      MARKS[middle + i] = second;
    }
    // One is left over when their number is odd.
    if (2 * middle < count) {
      second = stepOver(table, classes, second, WORDS[count - 1] ?? 0);
      MARKS[count - 1] = second;
    }
    for (let i = middle; i < count; i++) {
      first = stepOver(table, classes, first, WORDS[i] ?? 0);
      if (first !== MARKS[i]) continue;
      first = second;
      break;
    }
    if (first !== UNKNOWN) return first;
    this.#walkSlowly(inside, middle, count);
    return this.#walkSlowly(start, 0, count);
  }

  /** The same for a sentence, of which plain words are left out. */
  #walkProse(count: number): number {
    this.#reached = 0;
    this.#row = this.#automaton.start;
    for (;;) {
      const row = this.#walkOn(count);
      if (row !== UNKNOWN) return row;
      this.#row = this.#walkSlowly(this.#row, this.#reached, this.#reached + 1);
      // What was found is not skipped.
      if (this.#row === this.#automaton.found) return this.#row;
      this.#reached++;
    }
  }

  #walkOn(count: number): number {
    const { classes, table, marks, behindSkipped, behindSeparated, found } = this.#automaton;
    let row = this.#row;
    let skippedFrom = -1;
    for (let at = this.#reached; at < count; at++) {
      const word = WORDS[at] ?? 0;
      if (areSkipped(word) && (skippedFrom >= 0 || ((marks[row] ?? 0) & URGENT) === 0)) {
        if (skippedFrom < 0) skippedFrom = at;
        continue;
      }
      let from = row;
      let start = at;
      if (skippedFrom >= 0) {
        // What was skipped matters by its last characters alone.
        start--;
        if (skippedFrom < start)
          from = ((marks[row] ?? 0) & SEPARATED) === 0 ? behindSkipped : behindSeparated;
        skippedFrom = -1;
        row = stepOver(table, classes, from, WORDS[start] ?? 0);
      }
      row = stepOver(table, classes, row, word);
      if (row > found) continue;
      this.#row = from;
      this.#reached = start;
      break;
    }
    return row;
  }

  /** The row behind the words from `start` to `end`, whether the table knows it or not. */
  #walkSlowly(from: number, start: number, end: number): number {
    const automaton = this.#automaton;
    let row = from;
    for (let at = 4 * start; at < 4 * end; at++) {
      row = automaton.next(row, automaton.classes[BYTES[at] ?? 0] ?? 0);
    }
    return row;
  }
}

/** The row behind the four bytes of a word. Small enough for the engine to put into the loops. */
function stepOver(table: Int32Array, classes: Uint8Array, from: number, word: number): number {
  let row = table[from + (classes[(word >>> FIRST) & 255] ?? 0)] ?? UNKNOWN;
  row = table[row + (classes[(word >>> SECOND) & 255] ?? 0)] ?? UNKNOWN;
  row = table[row + (classes[(word >>> THIRD) & 255] ?? 0)] ?? UNKNOWN;
  return table[row + (classes[(word >>> FOURTH) & 255] ?? 0)] ?? UNKNOWN;
}

/**
 * True when each byte of the word is a space or one from 0x60 on, below 0x80 and not `b`: small letters mostly. Whether
 * a byte is zero is seen by what subtracting one does to its highest bit (Warren, Hacker's Delight, 6-1); behind a zero
 * it may take a one for another: then `!` passes for a space, and `c` for a `b`.
 */
function areSkipped(word: number): boolean {
  const spaces = word ^ 0x20202020;
  const isSpace = ((spaces - 0x01010101) & ~spaces & 0x80808080) >>> 1;
  const isB = word ^ 0x62626262;
  return (
    (((word | isSpace) & 0xe0e0e0e0) ^ 0x60606060) === 0 && ((isB - 0x01010101) & ~isB & 0x80808080) === 0
  );
}

/** True when most of a few words near the beginning are {@link areSkipped}: the text is a sentence, so it seems. */
function isProse(count: number): boolean {
  let skipped = 0;
  for (let i = 1; i <= 4 && i < count; i++) if (areSkipped(WORDS[i] ?? 0)) skipped++;
  return skipped >= 3;
}

/** True when one of the words has a digit in it: a byte that is below ten without the bits of `0`, found as there. */
function hasDigits(count: number): boolean {
  for (let at = 0; at < count; at++) {
    const digits = (WORDS[at] ?? 0) ^ 0x30303030;
    if (((digits - 0x0a0a0a0a) & ~digits & 0x80808080) !== 0) return true;
  }
  return false;
}
