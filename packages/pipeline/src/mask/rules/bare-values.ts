/** Values without quotes: each ends at white space or at what separates it from the next, by where it stands. */
import { classOf, isAlnum, SPACE } from "../characters.ts";
import type { KeyKind } from "../key-words.ts";
import { endOfCredentials } from "./header-credentials.ts";
import { isNamePart, isQuote } from "./names.ts";
import type { Reach } from "./reach.ts";

const MAX_NAME = 64;
const EQUALS = 61;
const COLON = 58;
const QUOTE = 34;
const BACKSLASH = 92;

/** A value ends at white space, a quote or what separates the fields of a query or of a log line. */
export function endOfBare(text: string, start: number, isQuery: boolean, isPassword: boolean): number {
  let end = start;
  while (
    end < text.length &&
    (!endsBare(text, end, start, isQuery) || (isPassword && goesOn(text, end, start)))
  )
    end++;
  while (end > start && isClosing(text.charCodeAt(end - 1)) && !isOpenedWithin(text, start, end)) end--;
  return end;
}

/** True when the bracket in front of `end` closes one of the value: `${NAME}`. */
function isOpenedWithin(text: string, start: number, end: number): boolean {
  const opening = { "}": "{", "]": "[", ")": "(" }[text.charAt(end - 1)];
  return opening !== undefined && text.slice(Math.max(start, end - MAX_NAME), end).includes(opening);
}

function endsBare(text: string, at: number, start: number, isQuery: boolean): boolean {
  const code = text.charCodeAt(at);
  // Behind a backslash it is a plain character to a shell.
  if (at > start && text.charCodeAt(at - 1) === BACKSLASH && isEscapable(code))
    return !(text.charCodeAt(at + 1) > 32);
  if (code <= 32) return true;
  // One within a word is the value's own: `hun"ter2`.
  if (isQuote(code))
    return at === start || !isAlnum(text.charCodeAt(at - 1)) || !isAlnum(text.charCodeAt(at + 1));
  switch (code) {
    case 38: // & separates the fields of a query, and may be any character of a password elsewhere
      return isQuery || endsAtAmpersand(text, at);
    case 59: // ;
    case 60: // <
    case 62: // >
      return true;
    case 44: // a comma ends it in front of the next name
      return !isAlnum(text.charCodeAt(at + 1)) || isNameAhead(text, at + 1);
    case 93: // ] in front of the next field in brackets
      return NEXT_IN_BRACKETS.test(text.slice(at, at + LONGEST_NEXT));
    case BACKSLASH:
      return (isQuoteBehind(text, at) && !isQuoteWithin(text, at)) || /^[nrt]/.test(text.charAt(at + 1));
    default:
      return false;
  }
}

/** `[name: JSESSIONID][value: x][path: /]` */
const NEXT_IN_BRACKETS = /^\]\[[a-z]\w{0,31}: /i;
const LONGEST_NEXT = 36;
const SEMICOLON = 59;
/** The next field of a connection string, whose name may have spaces. */
const FIELD_AHEAD = /^[a-z][\w .-]{0,40}[=:]/i;

/** True for a sign within a password: right behind it there is more of it, and no name of another field, nor a tag. */
function goesOn(text: string, at: number, start: number): boolean {
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  if (!(next > 32) || isQuote(next) || isClosing(next)) return false;
  switch (code) {
    case SEMICOLON:
      return next !== SEMICOLON && !FIELD_AHEAD.test(text.slice(at + 1, at + MAX_NAME));
    case LESS:
      return at > start && !TAG_AHEAD.test(text.slice(at, at + LONGEST_TAG));
    case GREATER:
      return at > start && next !== LESS && !ARROW.test(text.charAt(at - 1)) && !isInTag(text, start);
    default:
      return false;
  }
}

const LESS = 60;
const GREATER = 62;
/** `->` and `=>` stand between a value and what is made of it. */
const ARROW = /[-=]/;
const TAG_AHEAD = /^<(?:[/!?]|[a-z][\w:-]{0,32}(?:[ \t][^<>\n]{0,128})?\/?>)/i;
const LONGEST_TAG = 168;
const OPEN_TAG = /<[a-z!?/][^<>]*$/i;

/** True for an attribute's value: the tag that it stands in may close behind it. */
function isInTag(text: string, start: number): boolean {
  return OPEN_TAG.test(text.slice(Math.max(0, start - SEEN_OF_TAG), start));
}

const SEEN_OF_TAG = 256;

const ENTITY = /^&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,6});/i;

function endsAtAmpersand(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  if (Number.isNaN(next) || (classOf(next) & SPACE) !== 0 || next === 38) return true;
  return isNameAhead(text, at + 1) || ENTITY.test(text.slice(at, at + 10));
}

function isNameAhead(text: string, from: number): boolean {
  let at = from;
  while (at < from + MAX_NAME && isNamePart(text.charCodeAt(at))) at++;
  const code = text.charCodeAt(at);
  return at > from && (code === EQUALS || code === COLON);
}

/** `)`, `]`, `}`, `,`, `.`, `:`, `|`: at the end of a value they are the sentence's, or the log line's. */
function isClosing(code: number): boolean {
  return (
    code === 41 || code === 93 || code === 125 || code === 44 || code === 46 || code === COLON || code === 124
  );
}

/** True when backslashes from `from` on stand in front of a quote. */
export function isQuoteBehind(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) === BACKSLASH && at < from + 16) at++;
  return isQuote(text.charCodeAt(at));
}

/** ` `, `&`, `;`, `<`, `>`, `|`, and a quote where the backslash is no end. */
function isEscapable(code: number): boolean {
  return " &;<>|\"'".includes(String.fromCharCode(code));
}

/** True for a quote with one backslash in a word, as a shell writes one of the value's own: `it\'s`. */
function isQuoteWithin(text: string, at: number): boolean {
  return (
    isQuote(text.charCodeAt(at + 1)) && isAlnum(text.charCodeAt(at - 1)) && isAlnum(text.charCodeAt(at + 2))
  );
}

/** A value without quotes and the name that it stands behind. */
export interface Bare {
  readonly start: number;
  readonly name: string;
  readonly kind: KeyKind;
  readonly isQuery: boolean;
}

/** Where the value ends; some names are known to have values of more than one word. */
export function endOfNamed(text: string, { start, name, kind, isQuery }: Bare, reach: Reach): number {
  const isPassword = kind === "passwords";
  const end = (from: number): number =>
    reach.bareEnd(from, (unknown) => endOfBare(text, unknown, isQuery, isPassword));
  if (/cookie$/i.test(name)) return endOfCookies(text, end(start), reach);
  if (/authorization$/i.test(name)) return endOfCredentials(text, start, end, reach);
  return /otp$/i.test(name) ? endOfCode(text, start, end(start)) : end(start);
}

const PAIR = /^; ?[\w.-]{1,64}(?==|;|$)/;

/** `name=value; name="value"` (RFC 6265), the first of which ends at `first`. */
function endOfCookies(text: string, first: number, reach: Reach): number {
  if (first <= reach.cookies) return reach.cookies;
  let end = endOfQuotedCookie(text, first);
  for (;;) {
    const next = PAIR.exec(text.slice(end, end + 68));
    if (next === null) break;
    end = endOfQuotedCookie(text, endOfBare(text, end + next[0].length, true, false));
  }
  reach.cookies = end;
  return end;
}

/** Behind the quoted value that begins at `at`, behind a `=`; `at` when there is none. */
function endOfQuotedCookie(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE || text.charCodeAt(at - 1) !== EQUALS) return at;
  let end = at + 1;
  while (isOfCookie(text.charCodeAt(end))) end++;
  return text.charCodeAt(end) === QUOTE ? end + 1 : at;
}

/** What a cookie has in its quotes (RFC 6265, section 4.1.1): no comma, semicolon, backslash, quote or space. */
function isOfCookie(code: number): boolean {
  return code > 32 && code < 127 && code !== QUOTE && code !== 44 && code !== 59 && code !== BACKSLASH;
}

const CODE = /^\d{2,4}$/;
const MORE = /^(?:[ -]\d{2,4}){1,3}(?![\w-])/;

/** `otp: 123 456` */
function endOfCode(text: string, start: number, end: number): number {
  if (!CODE.test(text.slice(start, Math.min(end, start + 5)))) return end;
  return end + (MORE.exec(text.slice(end, end + 24))?.[0].length ?? 0);
}
