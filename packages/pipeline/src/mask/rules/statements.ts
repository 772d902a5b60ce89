/** Statements of SQL in which names and values stand apart: `INSERT INTO users (email, password) VALUES ('a', 'x')`. */
import { REDACTED } from "../categories.ts";
import { isAlnum } from "../characters.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";

const INSERT =
  /(?:insert|replace)(?:\s{1,4}(?:or\s{1,4}[a-z]{4,8}|ignore|low_priority|high_priority|delayed|overwrite))?(?:\s{1,4}(?:into|table))?\s{1,4}[\w.$`"[\]\\]{1,128}(?:\s{1,4}as)?(?:\s{1,4}\w{1,64})?\s{0,4}\(([^()]{1,1024})\)\s{0,8}(?:output\s[^()]{1,512}?\s|overriding\s{1,4}(?:system|user)\s{1,4}value\s{1,8})?values?\s{0,8}(?=\()/iy;
const SET_PASSWORD =
  /set\s{1,4}password\s{1,4}for ["'`][^"'`=\r\n]{0,64}["'`](?:@["'`]?[^"'`=\s]{0,64}["'`]?)?\s{0,4}(?:=|to)\s{0,4}(?:password\s?\(\s?)?(?=["'])/iy;
const LONGEST_PASSWORD = 512;
const STATEMENT = /insert|replace|password for/i;

/** Looks at the statements of the text. */
export function findStatements(text: string, names: NameRules, found: Spans): void {
  for (let at = 0; at < text.length; at++) {
    const first = text.charCodeAt(at) | 32;
    const mayBegin = first === 105 || first === 114 || first === 115;
    if (!mayBegin || isAlnum(text.charCodeAt(at - 1))) continue;
    if (first === 115) at = findSetPassword(text, at, names, found);
    else at = findInsert(text, at, names, found);
  }
}

/** Gives where the statement that begins at `at` ends; `at` when none does. */
function findSetPassword(text: string, at: number, names: NameRules, found: Spans): number {
  SET_PASSWORD.lastIndex = at;
  const kind = names.kindOfName("password");
  if (kind === undefined || SET_PASSWORD.exec(text) === null) return at;
  const quote = SET_PASSWORD.lastIndex;
  const end = quote + endOfText(text.slice(quote, quote + LONGEST_PASSWORD), 0);
  addCell(text, { start: quote + 1, end, isQuoted: true }, kind, found);
  return end;
}

/** The same for rows that are inserted. A statement within another's values is one of its texts. */
function findInsert(text: string, at: number, names: NameRules, found: Spans): number {
  INSERT.lastIndex = at;
  const columns = INSERT.exec(text)?.[1]?.split(",") ?? [];
  const kinds = columns.map((name) => names.kindOfName(name.replace(/["'`[\]\s\\]/g, "")));
  if (!kinds.some((kind) => kind !== undefined)) return at;
  return findInRows(text, INSERT.lastIndex, kinds, found);
}

/** True when the text may hold a statement that is looked at here. */
export function mayHaveStatement(text: string): boolean {
  return STATEMENT.test(text);
}

/** Behind the rows of values, the first of which begins with the bracket at `from`. */
function findInRows(
  text: string,
  from: number,
  kinds: readonly (KeyKind | undefined)[],
  found: Spans,
): number {
  let at = from;
  for (;;) {
    for (let column = 0; ; column++) {
      const cell = readCell(text, at + 1);
      const kind = kinds[column];
      if (kind !== undefined) addCell(text, cell, kind, found);
      at = cell.behind;
      if (text.charAt(at) !== ",") break;
    }
    const next = /^\)\s{0,8},\s{0,8}(?=\()/.exec(text.slice(at, at + 24));
    if (next === null) return at;
    at += next[0].length;
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

/** `N'...'`, `E'...'`, `_utf8'...'` */
const OPENING = /^\s{0,8}(?:[A-Za-z]|_\w{1,16})?(?=["'])/;

/** The value that begins at `from`, without its quotes. */
function readCell(text: string, from: number): Cell {
  const opening = OPENING.exec(text.slice(from, from + 32));
  if (opening === null) {
    const end = endOfExpression(text, from);
    return { start: from, end, isQuoted: false, behind: end };
  }
  const quote = from + opening[0].length;
  const end = endOfText(text, quote);
  return { start: quote + 1, end, isQuoted: true, behind: endOfExpression(text, end + 1) };
}

/** In front of the quote that closes the one at `opening`: two stand for one, as one behind a backslash does. */
function endOfText(text: string, opening: number): number {
  const quote = text.charCodeAt(opening);
  let at = opening + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === quote && text.charCodeAt(at + 1) === quote) at++;
    else if (code === quote) return at;
  }
  return Math.min(at, text.length);
}

/** In front of the comma or bracket that ends what begins at `from`. */
function endOfExpression(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "'" || character === '"') at = endOfText(text, at);
    else if (character === "(") depth++;
    else if (depth === 0 && (character === "," || character === ")")) return at;
    else if (character === ")") depth--;
  }
  return text.length;
}

/** A number, or a function of something. Other words are parameters and columns. */
const VALUE = /^(?:\d[\w.]*|[\w.]+\(.*["'].*)$/s;

function addCell(text: string, { start, end, isQuoted }: Value, kind: KeyKind, found: Spans): void {
  const value = text.slice(start, end);
  const word = value.trim();
  if (word === "" || word === REDACTED || NOTHING.has(word.toLowerCase())) return;
  if (!isQuoted && !VALUE.test(word)) return;
  const from = start + value.length - value.trimStart().length;
  found.add(from, from + word.length, kind);
}
