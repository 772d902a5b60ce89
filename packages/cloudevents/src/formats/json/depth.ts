/** How deep JSON is nested, found in its text before it is parsed: one pass, no recursion. */
import { CloudEventError } from "../../errors.ts";

/** @throws CloudEventError `limit_exceeded` */
export function requireDepth(text: string, maxDepth: number): void {
  if (!mayBeDeeper(text, maxDepth)) return;
  let depth = 0;
  for (let i = nextMark(text, 0); i < text.length; i = nextMark(text, i + 1)) {
    depth += depthChange(text.charCodeAt(i));
    if (depth > maxDepth) throw tooDeep(maxDepth);
  }
}

/** The text of an array in which `null` stands for the elements that were nested too deep. */
export interface ShallowArray {
  readonly text: string;
  /** The places of those elements, counted from 0. */
  readonly cut: ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();

/**
 * Takes out of an array what is nested too deep, unread, so that it does not spoil the rest.
 *
 * @throws CloudEventError `limit_exceeded` when the text is not an array, or ends within such an element
 */
export function cutOutDeep(text: string, maxDepth: number): ShallowArray {
  if (!mayBeDeeper(text, maxDepth)) return { text, cut: NONE };
  const cut = new Set<number>();
  let kept = "";
  let keptTo = 0;
  let depth = 0;
  let index = 0;
  let start = 0;
  let isDeep = false;
  for (let i = nextMark(text, 0); i < text.length; i = nextMark(text, i + 1)) {
    const unit = text.charCodeAt(i);
    const endsElement = unit === COMMA ? depth === 1 : depth === 1 && isClosing(unit);
    if (endsElement) {
      if (isDeep) {
        cut.add(index);
        // As long as what it stands for, so that a fault further on is found at its place.
        kept += text.slice(keptTo, start) + "null".padEnd(i - start);
        keptTo = i;
        isDeep = false;
      }
      index++;
      start = i + 1;
    }
    depth += depthChange(unit);
    if (depth > maxDepth) isDeep = true;
    else if (depth === 1 && unit === OPEN_ARRAY) start = i + 1;
    else if (depth === 1 && unit === OPEN_OBJECT) return wholeOrNothing(text, maxDepth);
  }
  if (isDeep) throw tooDeep(maxDepth);
  return { text: kept + text.slice(keptTo), cut };
}

function wholeOrNothing(text: string, maxDepth: number): ShallowArray {
  requireDepth(text, maxDepth);
  return { text, cut: NONE };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;

/** `[` and `{` differ in one bit, as `]` and `}` do. */
function depthChange(unit: number): number {
  if ((unit | 0x20) === 0x7b) return 1;
  return isClosing(unit) ? -1 : 0;
}

function isClosing(unit: number): boolean {
  return (unit | 0x20) === 0x7d;
}

/** The place of the next bracket or comma outside strings; the text's length when there is none. */
function nextMark(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) i = closingQuote(text, i);
    else if (unit === COMMA || depthChange(unit) !== 0) return i;
  }
  return text.length;
}

function closingQuote(text: string, opening: number): number {
  let i = opening + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

/**
 * False when the text cannot be nested deeper than that: depth n takes 2n characters and n opening brackets, which
 * are counted, in strings too, since the engine searches faster than a loop does.
 */
function mayBeDeeper(text: string, maxDepth: number): boolean {
  if (text.length <= 2 * maxDepth) return false;
  let count = 0;
  for (const opening of ["{", "["]) {
    for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
      if (++count > maxDepth) return true;
    }
  }
  return false;
}

/** What is nested deeper than a limit. */
export function tooDeep(maxDepth: number): CloudEventError {
  return new CloudEventError("limit_exceeded", `JSON nested at most ${maxDepth} deep`);
}
