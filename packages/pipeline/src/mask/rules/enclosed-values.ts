/** Values within quotes or brackets, as languages and formats write them. */
import { REDACTED } from "../categories.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { isQuoteBehind } from "./bare-values.ts";
import { findCase } from "./case-values.ts";
import { findComposed } from "./composed-values.ts";
import { startOfNext } from "./joined-texts.ts";
import { isQuote } from "./names.ts";
import { isFilteredWhole, isPunctuation, LONGEST_FILTERED } from "./ordinary-words.ts";
import { endOfQuoted, isDoubled, LITERAL_PREFIX, readShellText } from "./quoted-text.ts";
import type { Reach } from "./reach.ts";
import { findTyped } from "./typed-values.ts";

const QUOTE = 34;
const BACKSLASH = 92;

/** A value and what it is. */
interface Enclosed {
  readonly start: number;
  readonly kind: KeyKind;
  /** `name: value`, as sentences have it too. */
  readonly isPlain: boolean;
}

/** Looks at a value within quotes, with or without something in front of them; false when it is none. */
export function findInQuotes(text: string, value: Enclosed, reach: Reach, found: Spans): boolean {
  const { start } = value;
  const code = text.charCodeAt(start);
  if (isQuote(code) || (code === BACKSLASH && isQuoteBehind(text, start))) {
    findQuoted(text, value, reach, found);
    return true;
  }
  if (code > 127) return findBetween(text, value, found);
  const prefix = lengthOfPrefix(text, start);
  if (prefix > 0) {
    findQuoted(text, { ...value, start: start + prefix }, reach, found);
    return true;
  }
  return (
    findWrapped(text, value, reach, found) ||
    findTyped(text, start, value.kind, reach, found) ||
    findComposed(text, value, reach, found) ||
    (!value.isPlain && findCase(text, start, value.kind, reach, found))
  );
}

/** Looks at the text in quotes that begins at `start`, and those that go on with it. */
function findQuoted(text: string, value: Enclosed, reach: Reach, found: Spans): void {
  for (let { start } = value; ; ) {
    const end = findOneQuoted(text, { ...value, start }, reach, found);
    start = startOfNext(text, start, end);
    if (start < 0 || reach.joined.has(start)) return;
    reach.joined.add(start);
  }
}

/** `"..."`, `'...'`, and `\"...\"` within a string that is quoted itself; unclosed, it goes to the end of the text. Gives its end. */
function findOneQuoted(text: string, { start, kind, isPlain }: Enclosed, reach: Reach, found: Spans): number {
  let opening = start;
  while (text.charCodeAt(opening) === BACKSLASH) opening++;
  const shell = readShellText(text, opening);
  if (shell !== undefined) {
    for (let i = 0; i < shell.mark; i++) reach.closings.add(shell.end + i);
    if (shell.end > shell.from && text.slice(shell.from, shell.end) !== REDACTED)
      found.add(shell.from, shell.end, kind);
    return shell.end;
  }
  const from = isDoubled(text, opening) ? opening + 2 : opening + 1;
  const end = endOfQuoted(text, opening, opening - start);
  reach.closings.add(end);
  const isMasked = end - from === REDACTED.length && text.startsWith(REDACTED, from);
  const isNothing = end <= from || isMasked || isFilteredByOthers(text, start, from, end);
  if (isNothing || (isPlain && kind === "tokens" && isPunctuation(text, from, end))) return end;
  found.add(from, end, kind);
  return end;
}

/** Under a name in quotes and a colon, as JSON has its members: there all values go, as they do once it is read as JSON. */
const MEMBER = /["'`]\s{0,64}:\s{0,64}$/;
const LONGEST_GAP = 130;

/** True when others have masked the text from `from` to `end`, whose quote or backslashes begin at `start`. */
function isFilteredByOthers(text: string, start: number, from: number, end: number): boolean {
  const isFiltered = isFilteredWhole(text.slice(from, Math.min(end, from + LONGEST_FILTERED + 1)));
  return isFiltered && !MEMBER.test(text.slice(Math.max(0, start - LONGEST_GAP), start));
}

/** `u'...'`, `b"..."`, `s"..."`, `L"..."`, `$'...'`, `@"..."`, `&"..."`, `~c"..."`, `<<"..."`, and literals of SQL, as `BINARY 'x'`, with whatever in them. */
const PREFIX: RegExp = new RegExp(
  String.raw`^(?:(?:[befrsu]{1,2}|[L@$&]|~c|<<|binary {1,2})(?=["'\x60][^\s,:;)\]}])|(?:binary {1,2})?${LITERAL_PREFIX}(?=\\{0,8}'))`,
  "i",
);
const LONGEST_PREFIX = 40;

function lengthOfPrefix(text: string, start: number): number {
  return PREFIX.exec(text.slice(start, start + LONGEST_PREFIX))?.[0].length ?? 0;
}

const WRAPPER = /^(?:&?string(?:\(\d{1,7}\))? |(?:Just|Some) )(?=["'`])/i;
const LONGEST_WRAPPER = 20;

/** `string(7) "..."`, `string '...'`, `Just "..."`: all of it goes, for who knows what is in front. */
function findWrapped(text: string, { start, kind }: Enclosed, reach: Reach, found: Spans): boolean {
  const wrapper = WRAPPER.exec(text.slice(start, start + LONGEST_WRAPPER));
  if (wrapper === null) return false;
  const closing = endOfQuoted(text, start + wrapper[0].length, 0);
  reach.closings.add(closing);
  found.add(start, Math.min(closing + 1, text.length), kind);
  return true;
}

const CLOSING: Readonly<Record<string, string>> = { "“": "”", "„": "“", "‘": "’", "«": "»", "”": "”" };
const LONGEST_TYPED = 512;

/** Between quotes as they are printed. */
function findBetween(text: string, { start, kind }: Enclosed, found: Spans): boolean {
  const closing = CLOSING[text.charAt(start)];
  if (closing === undefined) return false;
  const length = text.slice(start + 1, start + LONGEST_TYPED).indexOf(closing);
  if (length < 0 || text.slice(start + 1, start + 1 + length).includes("\n")) return false;
  if (length > 0 && !text.startsWith(REDACTED, start + 1)) found.add(start + 1, start + 1 + length, kind);
  return true;
}

/** `Optional[...]` */
const OPTIONAL = /^(?:Optional|Some|Just|Option)\[[^\]\n]{1,256}\]/;

/** Looks at a value within brackets; false when it is none. */
export function findInBrackets(text: string, value: Enclosed, reach: Reach, found: Spans): boolean {
  const { start, kind } = value;
  const optional =
    text.charCodeAt(start) === 79 || text.charCodeAt(start) === 83 || text.charCodeAt(start) === 74;
  if (optional) {
    const whole = OPTIONAL.exec(text.slice(start, start + 272))?.[0];
    if (whole !== undefined) found.add(start, start + whole.length, kind);
    return whole !== undefined;
  }
  if (text.charCodeAt(start) === LESS && !value.isPlain) return findInAngles(text, start, kind, found);
  const code = text.charCodeAt(start);
  if (code !== 123 && code !== 91) return false;
  if (start >= reach.brackets) {
    reach.brackets = Math.max(endOfFields(text, endOfBrackets(text, start)), endOfBraces(text, start));
    found.add(start, reach.brackets, kind);
  }
  return true;
}

const LESS = 60;
/** With a digit: words there stand for a value. */
const ANGLES = /^<(?=[^<>\s]{0,64}\d)([^<>\s/"'=]{4,128})>/;
const LONGEST_ANGLES = 130;

/** `password=<x1>` */
function findInAngles(text: string, start: number, kind: KeyKind, found: Spans): boolean {
  const value = ANGLES.exec(text.slice(start, start + LONGEST_ANGLES))?.[1];
  if (value === undefined) return false;
  found.add(start + 1, start + 1 + value.length, kind);
  return true;
}

const FIELDS_IN_BRACKETS = /(?:\[[a-z]\w{0,31}: [^[\]\n]{0,4096}\]){0,32}/iy;

/** Behind the fields in brackets that follow each other from `from` on: `[version: 0][name: sid][value: x]`. */
function endOfFields(text: string, from: number): number {
  FIELDS_IN_BRACKETS.lastIndex = from;
  const more = FIELDS_IN_BRACKETS.exec(text)?.[0].length ?? 0;
  return from + more;
}

/** Behind the bracket that closes the one at `start`; the end of the text when none does. */
function endOfBrackets(text: string, start: number): number {
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) {
      at++;
    } else if (isInString) {
      isInString = code !== QUOTE;
    } else if (code === QUOTE) {
      isInString = true;
    } else if (code === 123 || code === 91) {
      depth++;
    } else if ((code === 125 || code === 93) && --depth === 0) {
      return at + 1;
    }
  }
  return text.length;
}

const BRACED = /^\{(?:[^}\r\n]|\}\}){1,256}\}(?=;|$)/;

/** A value of ODBC's in braces, in which two closing ones stand for one: `{a}}b;c}`; 0 when it is none. */
function endOfBraces(text: string, start: number): number {
  const braced = BRACED.exec(text.slice(start, start + 520))?.[0];
  return braced?.includes("}}") === true ? start + braced.length : 0;
}
