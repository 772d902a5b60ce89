/** Statements of SQL in which names and values stand apart: `INSERT INTO users (email, password) VALUES ('a', 'x')`. */
import { REDACTED } from "../categories.ts";
import { isAlnum } from "../characters.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { readInsertHead, startOfNextRow, startOfText } from "./insert-head.ts";
import type { NameRules } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";
import { readShellText, SHELL_QUOTE } from "./quoted-text.ts";

const ANY_QUOTE = `(?:${SHELL_QUOTE}|["'\`])`;
const SET_PASSWORD: RegExp = new RegExp(
  String.raw`set\s{1,4}password\s{1,4}for ${ANY_QUOTE}[^"'\x60=\r\n]{0,64}${ANY_QUOTE}(?:@${ANY_QUOTE}?[^"'\x60=\s]{0,64}${ANY_QUOTE}?)?\s{0,4}(?:=|to)\s{0,4}(?:password\s?\(\s?)?(?=["'])`,
  "iy",
);
const LONGEST_PASSWORD = 512;
/** From the verb up to the bracket of the columns. */
const LONGEST_HEAD = 1_024;
/** What a text has in it that holds a statement that is looked at here. */
export const STATEMENT: RegExp = /insert|replace|upsert|password for/i;

/** Looks at the statements of the text. */
export function findStatements(text: string, names: NameRules, found: Spans): void {
  let bracket = 0;
  for (let at = 0; at < text.length; at++) {
    const first = text.charCodeAt(at) | 32;
    const mayBegin = first === 105 || first === 114 || first === 115 || first === 117;
    if (!mayBegin || isAlnum(text.charCodeAt(at - 1))) continue;
    if (first === 115) {
      at = findSetPassword(text, at, names, found);
      continue;
    }
    if (bracket >= 0 && bracket < at) bracket = text.indexOf("(", at);
    if (bracket >= at && bracket - at <= LONGEST_HEAD) at = findInsert(text, at, names, found);
  }
}

/** Gives where the statement that begins at `at` ends; `at` when none does. */
function findSetPassword(text: string, at: number, names: NameRules, found: Spans): number {
  SET_PASSWORD.lastIndex = at;
  const kind = names.kindOfName("password");
  if (kind === undefined || SET_PASSWORD.exec(text) === null) return at;
  const quote = SET_PASSWORD.lastIndex;
  const shell = readShellText(text, quote);
  const end = shell?.end ?? quote + endOfText(text.slice(quote, quote + LONGEST_PASSWORD), 0);
  addCell(text, { start: shell?.from ?? quote + 1, end, isQuoted: true }, kind, found);
  return end;
}

/** The same for rows that are inserted. A statement within another's values is one of its texts. */
function findInsert(text: string, at: number, names: NameRules, found: Spans): number {
  const head = readInsertHead(text, at);
  const kinds = head?.columns.map((name) => names.kindOfName(name)) ?? [];
  if (head === undefined || !kinds.some((kind) => kind !== undefined)) return at;
  const isBound = BOUND.test(text.slice(Math.max(0, at - SEEN_OF_BOUND), at));
  return findInRows(text, { from: head.rows, isBound }, kinds, found);
}

/** Laravel puts values into a statement that it prints, without quotes. */
const BOUND = /\bSQL: $/;
const SEEN_OF_BOUND = 6;

interface Rows {
  /** Where the bracket of the first one stands. */
  readonly from: number;
  /** The values are no expressions, but what they stand for. */
  readonly isBound: boolean;
}

/** True when the text may hold a statement that is looked at here. */
export function mayHaveStatement(text: string): boolean {
  return STATEMENT.test(text);
}

/** Behind the rows of values. */
function findInRows(
  text: string,
  { from, isBound }: Rows,
  kinds: readonly (KeyKind | undefined)[],
  found: Spans,
): number {
  let at = from;
  for (;;) {
    for (let column = 0; ; column++) {
      const cell = (isBound ? readBound(text, at + 1) : undefined) ?? readCell(text, at + 1);
      const kind = kinds[column];
      if (kind !== undefined) addCell(text, cell, kind, found);
      at = cell.behind;
      if (text.charAt(at) !== ",") break;
    }
    const next = startOfNextRow(text, at);
    if (next < 0) return at;
    at = next;
  }
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

interface Cell extends Value {
  /** Where the sign behind it stands. */
  readonly behind: number;
}

/** A placeholder, a keyword, a function or a list is an expression all the same, and so is a text in quotes. */
const BOUND_VALUE =
  /(?!\s{0,4}(?:["':@?]|%[(s]|\$\d|default\b|[\w.]{0,64}[([{]))[^,()]*(?:\([^,()]{0,64}\)?[^,()]*){0,16}/iy;

/** The value that begins at `from`, when it stands there as it is. */
function readBound(text: string, from: number): Cell | undefined {
  BOUND_VALUE.lastIndex = from;
  if (BOUND_VALUE.exec(text) === null) return undefined;
  const end = BOUND_VALUE.lastIndex;
  return { start: from, end, isQuoted: true, behind: end };
}

/** The value that begins at `from`, without its quotes. */
function readCell(text: string, from: number): Cell {
  const quote = startOfText(text, from);
  if (quote < 0) {
    const end = endOfExpression(text, from);
    return { start: from, end, isQuoted: false, behind: end };
  }
  const first = endOfText(text, quote);
  const depth = first < text.length ? countBackslashes(text, quote) : 0;
  const behind = endOfExpression(text, first + 1);
  // `'a' || 'b'`: all of it is the value.
  const last = lastQuote(text.slice(first + 1, behind));
  return { start: quote + 1, end: last < 0 ? first - depth : first + 1 + last, isQuoted: true, behind };
}

/** Where the last quote stands; -1 when there is none. */
function lastQuote(text: string): number {
  return Math.max(text.lastIndexOf("'"), text.lastIndexOf('"'));
}

const MAX_BACKSLASHES = 3;

/** How many stand in front of `at`: a statement within a text in quotes has its own quotes so. */
function countBackslashes(text: string, at: number): number {
  let count = 0;
  while (count < MAX_BACKSLASHES && text.charCodeAt(at - 1 - count) === 92) count++;
  return count;
}

/**
 * Where the quote stands that closes the one at `opening`, with as many backslashes in front: two stand for one, as one
 * behind a backslash does.
 */
function endOfText(text: string, opening: number): number {
  const quote = text.charCodeAt(opening);
  const depth = countBackslashes(text, opening);
  if (depth > 0) {
    const mark = text.slice(opening - depth, opening + 1);
    const closing = text.indexOf(mark, opening + 1);
    return closing < 0 ? text.length : closing + depth;
  }
  let at = opening + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at += isStandard(text, at + 1, quote) ? 0 : 1;
    else if (code === quote && text.charCodeAt(at + 1) === quote) at++;
    else if (code === quote) return at;
  }
  return Math.min(at, text.length);
}

/** Of lists as well: `ARRAY['a', 'b']`. */
const OPENING = "([{";
const CLOSING = ")]}";

const DOLLAR_TEXT = /\$(\w{0,16})\$[^$]{0,512}\$\1\$/y;

/** The length of a text that would begin at `at` as Postgres has it, `$$it's$$`; 0 when none does. */
function lengthOfDollarText(text: string, at: number): number {
  DOLLAR_TEXT.lastIndex = at;
  return DOLLAR_TEXT.exec(text)?.[0].length ?? 0;
}

/** The end of a text, and the next one. */
const NEXT_TEXT = /["'],\s{0,8}[NEU]?["'](?!["'])/y;

/** True for a quote behind a backslash that is one of the text's, as in Postgres: `'C:\\', 'x'`. */
function isStandard(text: string, at: number, quote: number): boolean {
  if (text.charCodeAt(at) !== quote) return false;
  NEXT_TEXT.lastIndex = at;
  return NEXT_TEXT.exec(text) !== null;
}

/** In front of the comma or bracket that ends what begins at `from`. */
function endOfExpression(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "'" || character === '"') at = endOfText(text, at);
    else if (character === "$") at += Math.max(0, lengthOfDollarText(text, at) - 1);
    else if (OPENING.includes(character)) depth++;
    else if (depth === 0 && (character === "," || character === ")")) return at;
    else if (depth > 0 && CLOSING.includes(character)) depth--;
  }
  return text.length;
}

/** A number, a text of Postgres', or a list or function of something. Other words are parameters and columns. */
const VALUE = /^(?:\d[\w.]*|\$\w{0,16}\$.*\$|[\w.]*[([{].*["'].*)$/s;
/** What no parameter is called: digits within a long word. */
const OPAQUE =
  /^(?=[A-Z0-9]{0,64}\d[A-Z])(?![a-z]{1,16}\d{1,3}(?:[A-Z][a-z]{2,16}){1,4}\d{0,3}$)[A-Z0-9]{8,256}$/i;

function addCell(text: string, { start, end, isQuoted }: Value, kind: KeyKind, found: Spans): void {
  const value = text.slice(start, end);
  const word = value.trim();
  if (word === "" || word === REDACTED || NOTHING.has(word.toLowerCase())) return;
  if (!isQuoted && !VALUE.test(word) && !OPAQUE.test(word)) return;
  const from = start + value.length - value.trimStart().length;
  found.add(from, from + word.length, kind);
}
