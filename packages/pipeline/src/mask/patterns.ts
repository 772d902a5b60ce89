/**
 * Patterns of the user's, on RE2's engine: one search is linear in the text, whatever the pattern. All searches
 * of one text together need not be: each may look far ahead before it gives a short match. So their work is
 * bounded, and a text that exceeds the bound is an error, upon which it is masked whole.
 */
import { RE2JS } from "re2js";
import { MaskLimitError } from "./limit-error.ts";
import type { Spans } from "./spans.ts";

export interface NamedPattern {
  readonly name: string;
  /** In RE2's syntax: no backreference, no look-around. */
  readonly regex: string;
}

const MAX_PATTERNS = 100;
/** Characters of one pattern. */
const MAX_LENGTH = 1_000;
/** Instructions of one compiled pattern: the cost of a character, at worst. */
const MAX_PROGRAM = 2_000;

/** Characters that searches may look at, for each character of the text, and in any case. */
const WORK_PER_CHARACTER = 16;
const LEAST_WORK = 65_536;
/** A search sees so much of the text, so that a match is at most half as long. */
const WINDOW = 2_048;
/** Characters of one match. */
const LONGEST = 1_024;

export class Patterns {
  readonly #compiled: readonly RE2JS[];

  /** @throws TypeError that names the pattern and says what is wrong with it */
  constructor(patterns: readonly NamedPattern[]) {
    if (patterns.length > MAX_PATTERNS) throw new TypeError(`patterns must be at most ${MAX_PATTERNS}`);
    this.#compiled = patterns.map((pattern) => {
      const compiled = compile(pattern.regex);
      if (typeof compiled === "string")
        throw new TypeError(`pattern ${JSON.stringify(pattern.name)} ${compiled}`);
      return compiled;
    });
  }

  /** @throws MaskLimitError when the searches would take more than their bound */
  find(text: string, found: Spans): void {
    for (const pattern of this.#compiled) {
      // Most texts have no match, and to see that takes a fraction of a search.
      if (pattern.test(text)) findAll(pattern, text, found);
    }
  }
}

function findAll(pattern: RE2JS, text: string, found: Spans): void {
  let work = LEAST_WORK + WORK_PER_CHARACTER * text.length;
  let windowStart = 0;
  /** Behind what is known to hold no match that is longer than a window. */
  let checked = 0;
  for (;;) {
    const windowEnd = Math.min(text.length, windowStart + WINDOW);
    const half = windowEnd === text.length ? windowEnd : windowStart + WINDOW / 2;
    const matcher = pattern.matcher(text.slice(windowStart, windowEnd));
    let next = half;
    for (let from = windowStart; matcher.find(); ) {
      const start = windowStart + matcher.start();
      const end = windowStart + matcher.end();
      if (start >= half && half < text.length) break;
      work -= windowEnd - from;
      if (work < 0) throw new MaskLimitError("patterns find too much in one text");
      // It may go on where this search cannot see, so that a part of it would stay.
      if (end - start > LONGEST || (end === windowEnd && end < text.length))
        throw new MaskLimitError("a pattern matches too much");
      if (end > start) found.add(start, end, "pattern");
      checkBetween(pattern, text.slice(checked, start));
      checked = end;
      from = Math.max(end, from + 1);
      next = Math.max(next, end);
    }
    if (windowEnd === text.length) {
      checkBetween(pattern, text.slice(checked));
      return;
    }
    windowStart = next;
  }
}

/** Between matches there may be one that no window held whole. */
function checkBetween(pattern: RE2JS, between: string): void {
  if (between.length > LONGEST && pattern.test(between))
    throw new MaskLimitError("a pattern matches too much");
}

/**
 * Checks a pattern of the user's.
 *
 * @returns `undefined` when it can be used, else what is wrong with it, to be read behind its name
 */
export function checkPattern(regex: string): string | undefined {
  const compiled = compile(regex);
  return typeof compiled === "string" ? compiled : undefined;
}

function compile(regex: string): RE2JS | string {
  if (regex.length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters`;
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(regex);
  } catch (error) {
    // Only the engine's own words: the text that it quotes behind them may be a secret.
    const described = error instanceof Error && "error" in error ? String(error.error) : "cannot be compiled";
    return `must be a regular expression in RE2's syntax: ${described}`;
  }
  if (compiled.programSize() > MAX_PROGRAM) return "must be smaller: it compiles to too many instructions";
  return compiled.test("") ? "must not match the empty text" : compiled;
}
