/**
 * JSON (RFC 8259), read without keeping anything: what is JSON to the letter, and where its parts end. `NaN`,
 * `Infinity`, `None` and the like and tabs in strings are taken for JSON, since programs write them.
 */

export const QUOTE = 34;
const BACKSLASH = 92;
const TAB = 9;
const COMMA = 44;
const COLON = 58;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

/** Maps and lists within each other. */
export const MAX_DEPTH = 256;

/** An object or a list that is JSON to the letter, and where it stands in a text. */
export interface JsonPiece {
  readonly start: number;
  readonly end: number;
}

/**
 * The objects and lists of a text, none of them within another, in their order. What only looks like one is none:
 * whoever reads it as JSON would miss what it says.
 */
export function findJson(text: string): readonly JsonPiece[] {
  const pieces: JsonPiece[] = [];
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    at = code === OPEN_MAP || code === OPEN_LIST ? readContainer(text, at, pieces) : at + 1;
  }
  return pieces;
}

/** True when there is nothing beside the objects and lists, as in JSON lines. */
export function isAllOf(text: string, pieces: readonly JsonPiece[]): boolean {
  let at = 0;
  for (const { start, end } of pieces) {
    if (skipWhite(text, at) !== start) return false;
    at = end;
  }
  return at > 0 && skipWhite(text, at) === text.length;
}

/** True for an object or a list, or several that follow one another, and nothing beside them. */
export function isJson(text: string): boolean {
  const code = text.charCodeAt(skipWhite(text, 0));
  return (code === OPEN_MAP || code === OPEN_LIST) && isAllOf(text, findJson(text));
}

interface Open {
  readonly isMap: boolean;
  readonly start: number;
  /** How many pieces there were in front of it. */
  readonly pieces: number;
}

/**
 * Adds the object or list that begins at `start`, or, where it breaks off, those that are whole within it; gives where
 * to look on. That is where it broke off: what is open there breaks off at the same place. A quote may have been
 * taken for the wrong one, so that the last string is looked into as well; none is looked into twice.
 */
function readContainer(text: string, start: number, pieces: JsonPiece[]): number {
  const open: Open[] = [];
  let lastString = -1;
  let at = start;
  const breakOff = (): number => {
    const last = Math.max(lastString + 1, pieces.at(-1)?.end ?? 0);
    return last > start ? last : Math.max(at, start + 1);
  };
  const readString = (): boolean => {
    if (text.charCodeAt(at) !== QUOTE) return false;
    lastString = at;
    const end = endOfStrictString(text, at);
    if (end >= 0) at = end;
    return end >= 0;
  };
  const readKey = (): boolean => {
    if (!readString()) return false;
    at = skipWhite(text, at);
    if (text.charCodeAt(at) !== COLON) return false;
    at = skipWhite(text, at + 1);
    return true;
  };
  do {
    const code = text.charCodeAt(at);
    const isMap = code === OPEN_MAP;
    if (isMap || code === OPEN_LIST) {
      if (open.length >= MAX_DEPTH) return breakOff();
      open.push({ isMap, start: at, pieces: pieces.length });
      at = skipWhite(text, at + 1);
      if (text.charCodeAt(at) !== (isMap ? CLOSE_MAP : CLOSE_LIST)) {
        if (isMap && !readKey()) return breakOff();
        continue;
      }
    } else if (code === QUOTE) {
      if (!readString()) return breakOff();
    } else {
      const end = endOfLiteral(text, at);
      if (end < 0) return breakOff();
      at = end;
    }
    for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
      at = skipWhite(text, at);
      const next = text.charCodeAt(at);
      if (next === COMMA) {
        at = skipWhite(text, at + 1);
        if (inner.isMap && !readKey()) return breakOff();
        break;
      }
      if (next !== (inner.isMap ? CLOSE_MAP : CLOSE_LIST)) return breakOff();
      open.pop();
      at++;
      pieces.length = inner.pieces;
      pieces.push({ start: inner.start, end: at });
    }
  } while (open.length > 0);
  return at;
}

/** Behind `u`. */
const HEX = /[\da-fA-F]{4}/y;
const ESCAPES = '"\\/bfnrt';

/** Behind the closing quote; -1 when there is none, or something that has to be escaped is not, other than a tab. */
function endOfStrictString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 32 && code !== TAB) return -1;
    if (code !== BACKSLASH) continue;
    at++;
    if (text.charAt(at) !== "u") {
      if (at >= text.length || !ESCAPES.includes(text.charAt(at))) return -1;
      continue;
    }
    HEX.lastIndex = at + 1;
    if (HEX.exec(text) === null) return -1;
    at += 4;
  }
  return -1;
}

const LITERAL =
  /(?:[tT]rue|[fF]alse|null|None|undefined|NaN|-?Infinity|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![-+.\w])/y;

/** Behind the number, `true`, `false` or `null`, or what Python and JavaScript write for them; -1 when it is none. */
function endOfLiteral(text: string, start: number): number {
  LITERAL.lastIndex = start;
  return LITERAL.exec(text) === null ? -1 : LITERAL.lastIndex;
}

export function skipWhite(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
  }
  return at;
}

/** Behind the closing quote; -1 when there is none. */
export function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

export function endOfScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && /[-+.\w]/.test(text.charAt(at))) at++;
  return at;
}

/** Behind the value, whatever it is; -1 when it does not end. */
export function endOfValue(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return endOfString(text, start);
  if (code !== OPEN_MAP && code !== OPEN_LIST) {
    const end = endOfScalar(text, start);
    return end === start ? -1 : end;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const inner = text.charCodeAt(at);
    if (inner === QUOTE) {
      at = endOfString(text, at) - 1;
      if (at < 0) return -1;
    } else if (inner === OPEN_MAP || inner === OPEN_LIST) {
      depth++;
    } else if ((inner === CLOSE_MAP || inner === CLOSE_LIST) && --depth === 0) {
      return at + 1;
    }
  }
  return -1;
}
