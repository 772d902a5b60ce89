/** JSON (RFC 8259), read without keeping anything: what is JSON to the letter, and where its parts end. */

export const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

/** Maps and lists within each other. */
export const MAX_DEPTH = 256;

/** True for text that begins as an object or a list does, other than `[info] started` and `{orderId}` do. */
export function mayBeJson(text: string): boolean {
  const start = skipWhite(text, 0);
  const code = text.charCodeAt(start);
  if (code !== OPEN_MAP && code !== OPEN_LIST) return false;
  const next = text.charAt(skipWhite(text, start + 1));
  return next !== "" && (code === OPEN_MAP ? '"}' : '"{[]-0123456789tfn').includes(next);
}

/**
 * True for an object or a list, or several that follow one another as in JSON lines, and nothing beside them. What only
 * looks like it is not: whoever reads it as JSON would miss what it says.
 */
export function isJson(text: string): boolean {
  let at = skipWhite(text, 0);
  if (at >= text.length) return false;
  while (at < text.length) {
    at = endOfContainer(text, at);
    if (at < 0) return false;
    at = skipWhite(text, at);
  }
  return true;
}

/** Behind the object or list that begins at `start`; -1 when none does, or it is nested too deep. */
function endOfContainer(text: string, start: number): number {
  /** Of each open container, whether it is a map. */
  const open: boolean[] = [];
  let at = start;
  do {
    const code = text.charCodeAt(at);
    const isMap = code === OPEN_MAP;
    if (isMap || code === OPEN_LIST) {
      if (open.length >= MAX_DEPTH) return -1;
      at = skipWhite(text, at + 1);
      if (text.charCodeAt(at) === (isMap ? CLOSE_MAP : CLOSE_LIST)) {
        at++;
      } else {
        open.push(isMap);
        at = isMap ? startOfValue(text, at) : at;
        if (at < 0) return -1;
        continue;
      }
    } else {
      // Nothing but an object or a list stands by itself.
      if (open.length === 0) return -1;
      at = code === QUOTE ? endOfStrictString(text, at) : endOfLiteral(text, at);
      if (at < 0) return -1;
    }
    at = startOfNext(text, at, open);
    if (at < 0) return -1;
  } while (open.length > 0);
  return at;
}

/** Closes what ends behind the value in front of `from`; gives where the next value begins, or behind the last bracket. */
function startOfNext(text: string, from: number, open: boolean[]): number {
  let at = from;
  for (;;) {
    const isMap = open.at(-1);
    if (isMap === undefined) return at;
    at = skipWhite(text, at);
    const code = text.charCodeAt(at);
    if (code === COMMA) {
      at = skipWhite(text, at + 1);
      return isMap ? startOfValue(text, at) : at;
    }
    if (code !== (isMap ? CLOSE_MAP : CLOSE_LIST)) return -1;
    open.pop();
    at++;
  }
}

/** Behind the key that begins at `start`, and its colon; -1 when there is none. */
function startOfValue(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) return -1;
  const end = endOfStrictString(text, start);
  if (end < 0) return -1;
  const colon = skipWhite(text, end);
  return text.charCodeAt(colon) === COLON ? skipWhite(text, colon + 1) : -1;
}

/** Behind `u`. */
const HEX = /[\da-fA-F]{4}/y;
const ESCAPES = '"\\/bfnrt';

/** Behind the closing quote; -1 when there is none, or something that has to be escaped is not. */
function endOfStrictString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 32) return -1;
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

const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![-+.\w])/y;

/** Behind the number, `true`, `false` or `null`; -1 when it is none. */
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
