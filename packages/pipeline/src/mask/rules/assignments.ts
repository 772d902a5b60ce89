/**
 * Names and values within a text: `password=...` in a query or form, `"token": "..."` in JSON that does not parse or
 * is quoted in a sentence, `Authorization: Bearer ...` and `Cookie: ...` in a dump of headers.
 */
import { classOf, isDigit, LETTER } from "../characters.ts";
import type { Spans } from "../spans.ts";
import { endOfItem } from "./items.ts";
import { isLookalike } from "./lookalikes.ts";
import { behindLabel } from "./markup.ts";
import { isOfQuery, kindOfNamed } from "./name-kinds.ts";
import { endsName, isNamePart, isQuote, type NameRules } from "./names.ts";
import { findPostgresKey, isBetweenBrackets } from "./postgres-keys.ts";
import type { Reach } from "./reach.ts";
import { findRejected } from "./repeated-inputs.ts";
import { findValue } from "./values.ts";

const MAX_NAME = 64;
/** Between a sign and its value: values may stand in a column. */
const MAX_GAP = 64;
/** Behind a wider gap there may be the next column of a form. */
const NEAR = 4;
/** Between a name and its sign: quotes, spaces, an index. */
const MAX_NAME_GAP = 64;

const EQUALS = 61;
const COLON = 58;
const BACKSLASH = 92;
const SEMICOLON = 59;
const UNDERSCORE = 95;

/** Looks at the assignment whose `=` or `:` stands at `at`. */
export function findAssigned(text: string, at: number, names: NameRules, reach: Reach, found: Spans): void {
  if (isBetweenBrackets(text, at)) {
    findPostgresKey(text, at, names, found);
    return;
  }
  if (isCast(text, at)) return;
  const nameEnd = endOfName(text, at);
  if (!endsName(text, nameEnd, names.endings)) return;
  const nameStart = startOfName(text, nameEnd);
  const name = text.slice(nameStart, nameEnd);
  const behind = endOfIndex(text, nameEnd, at);
  const isQuoted = behind < at && (isQuote(text.charCodeAt(behind)) || text.charCodeAt(behind) === BACKSLASH);
  const isAssigned = nameEnd === at && text.charCodeAt(at) === EQUALS;
  const kind = kindOfNamed(text, { name, start: nameStart, at, isAssigned }, names);
  if (kind === undefined || isPartOfName(text, nameStart)) return;
  const member = text.charCodeAt(at) === COLON ? lengthOfVisibility(text, at) : 0;
  if (member > 0) {
    // Any other name there is of a class.
    if (!MEMBER.test(text.slice(Math.max(0, nameStart - 2), nameStart + 1))) return;
    const start = startOfValue(text, at + member, isQuoted);
    const value = { start, kind, name, isPlain: false, isField: false, isQuery: false };
    if (start >= 0) findValue(text, value, reach, found);
    return;
  }
  const first = startOfValue(text, at, isQuoted);
  const typed = first < 0 || isQuoted ? 0 : lengthOfType(text, at, first);
  const start = first + typed < 0 ? -1 : behindLabel(text, first + typed);
  if (start < 0 || isLookalike(text, { name, kind, nameStart, nameEnd, at, start })) return;
  if (isQuoted && findRejected(text, start, kind, reach, found)) return;
  const isPlain = text.charCodeAt(at) === COLON && !isQuoted && typed === 0;
  const isField = text.charCodeAt(nameStart - 1) === SEMICOLON && !isPlain;
  const isQuery = isOfQuery(text, nameStart);
  const { size } = found;
  findValue(text, { start, kind, name, isPlain, isField, isQuery }, reach, found);
  const end = isAssigned && found.size > size ? endOfItem(text, { name, nameStart, start }) : -1;
  if (end > start) found.add(start, end, kind);
}

/** `'password'::text`, the second colon. */
function isCast(text: string, at: number): boolean {
  const isColon = text.charCodeAt(at) === COLON && text.charCodeAt(at - 1) === COLON;
  return isColon && isQuote(text.charCodeAt(at - 2));
}

const VISIBILITY = /:(?:"?[\w\\]{1,128}"?:)?(?:protected|private)\] ?(?==>)/y;
/** In front of a member's name, which may have the bracket as its first character. */
const MEMBER = /\["|\[$/;

/** The length of what PHP prints between a member and its `=>`: `["password":protected]=>`, `[password:App\User:private] =>`. */
function lengthOfVisibility(text: string, at: number): number {
  VISIBILITY.lastIndex = at;
  return VISIBILITY.exec(text)?.[0].length ?? 0;
}

const RESOURCE = /\bxmlns:$|\barn:aws[\w-]{0,8}:secretsmanager:[\w-]{0,24}:\d{0,12}:$/;
const LONGEST_RESOURCE = 80;

/**
 * True for the name in `arn:aws:secretsmanager:eu-west-1:123456789012:secret:db`: a secret's address is none, nor is the
 * name of a namespace (`xmlns:auth="..."`).
 */
function isPartOfName(text: string, nameStart: number): boolean {
  if (text.charCodeAt(nameStart - 1) !== COLON) return false;
  return RESOURCE.test(text.slice(Math.max(0, nameStart - LONGEST_RESOURCE), nameStart));
}

/** Behind the name's last letter: spaces, a quote, a closing bracket and an index may follow it, and the end of Erlang's binary. */
function endOfName(text: string, at: number): number {
  let end = at;
  const limit = Math.max(0, at - MAX_NAME_GAP);
  // `:=` and `=>`.
  if (end > limit && text.charCodeAt(end - 1) === COLON) end--;
  else if (end > limit && text.charCodeAt(at) === EQUALS) end -= lengthOfOperator(text, at);
  while (end > limit && (classOf(text.charCodeAt(end - 1)) & LETTER) === 0) {
    const code = text.charCodeAt(end - 1);
    const isIndex = isOfIndex(code) || (code === UNDERSCORE && NUMBER.test(text.slice(end, end + 2)));
    const isSpaced = code === 32 || code === 9 || code === BACKSLASH || isQuote(code) || isIndex;
    if (!isSpaced && !text.startsWith('">>', end - 3)) break;
    end -= isSpaced ? 1 : 2;
  }
  return end;
}

/** Behind an underscore, where the name of a parameter has one or two: `password_1`, `@__password_0`. */
const NUMBER = /^_?\d/;

/** `[0]`, `1` */
function isOfIndex(code: number): boolean {
  return isDigit(code) || code === 91 || code === 93;
}

/** Behind the number or index that begins at `nameEnd`. */
function endOfIndex(text: string, nameEnd: number, limit: number): number {
  let at = nameEnd;
  while (at < limit && (isOfIndex(text.charCodeAt(at)) || text.charCodeAt(at) === UNDERSCORE)) at++;
  return at;
}

const OPERATOR = /(?:\+|\|{1,2}|\?{1,2})$/;

/** `+=`, `??=`, `||=`, `?=` */
function lengthOfOperator(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  const isSign = before === 43 || before === 63 || before === 124;
  return isSign ? (OPERATOR.exec(text.slice(Math.max(0, at - 2), at))?.[0].length ?? 0) : 0;
}

const TYPE = /^[A-Za-z_][\w.:<>[\]|?]{0,48} = (?=["'`]|[A-Z]\w{0,32}\(|\[REDACTED\])/;
const LONGEST_TYPE = 96;

/** The length of a type and its sign in front of a value: `password: string = "x"`. */
function lengthOfType(text: string, at: number, start: number): number {
  if (text.charCodeAt(at) !== COLON) return 0;
  return TYPE.exec(text.slice(start, start + LONGEST_TYPE))?.[0].length ?? 0;
}

function startOfName(text: string, nameEnd: number): number {
  const limit = Math.max(0, nameEnd - MAX_NAME);
  let start = nameEnd;
  while (start > limit && isNamePart(text.charCodeAt(start - 1))) start--;
  return start;
}

/** Where the value begins; -1 when this is no assignment: `::`, `==`, `://`. */
function startOfValue(text: string, at: number, isQuoted: boolean): number {
  let start = at + 1;
  const next = text.charCodeAt(start);
  if (next === EQUALS || next === COLON) return -1;
  if (next === 62 && text.charCodeAt(at) === EQUALS) start++;
  let limit = at + MAX_GAP;
  // PHP prints a value in a line of its own, Xdebug behind a space.
  const newLine = text.charCodeAt(start) === 32 ? start + 1 : start;
  if (next === 62 && text.charCodeAt(newLine) === 10) {
    start = newLine + 1;
    limit = start + MAX_GAP;
  }
  while (start <= limit && isBlank(text.charCodeAt(start))) start++;
  if (isQuoted || text.charCodeAt(at) === EQUALS) start = startOfNextLine(text, start);
  else if (start > at + NEAR && isFieldAhead(text, start)) return -1;
  if (start >= text.length || (text.startsWith("//", start) && !isBehindSlashes(text, at, start))) return -1;
  return start;
}

/** No comment, and no host of an address. */
const SLASHED = /^\/\/(?!\/|[\w-]{1,63}(?:\.[\w-]{1,63})+(?:[/:?#]|$))[^\s"'<>]/;
/** Base64 may begin so. */
const SLASHED_TOKEN = /^\/\/(?=[A-Za-z+/]{0,64}\d)[A-Za-z0-9+/]{14,128}(?:[^\w./:?-]|$)/;
const LONGEST_SLASHED = 132;

/** True for two slashes that a value begins with, and no address. */
function isBehindSlashes(text: string, at: number, start: number): boolean {
  const form = start === at + 1 ? (text.charCodeAt(at) === EQUALS ? SLASHED : undefined) : SLASHED_TOKEN;
  return form?.test(text.slice(start, start + LONGEST_SLASHED)) === true;
}

const TEXT_IN_NEXT_LINE = /\r?\n[ \t]{1,64}(?=["'])/y;

/** Behind the line end at `start` where the next line is indented and begins with a text in quotes; else `start`. */
function startOfNextLine(text: string, start: number): number {
  TEXT_IN_NEXT_LINE.lastIndex = start;
  return TEXT_IN_NEXT_LINE.exec(text) === null ? start : TEXT_IN_NEXT_LINE.lastIndex;
}

const FIELD = /^[A-Za-z][\w-]{0,31}(?: [A-Za-z][\w-]{0,31}){0,2}:(?=\s|$)/;
const LONGEST_FIELD = 102;

/** `Token:        Expires: 5`: the next field, and no value. */
function isFieldAhead(text: string, start: number): boolean {
  return FIELD.test(text.slice(start, start + LONGEST_FIELD));
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 43;
}
