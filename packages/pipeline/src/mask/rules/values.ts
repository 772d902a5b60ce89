/** Values behind the name of a secret, each as far as it goes. */
import { type FindingKind, REDACTED } from "../categories.ts";
import { classOf, isAlnum } from "../characters.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { isNamePart, isQuote } from "./names.ts";
import { isOrdinary, type Said } from "./ordinary-words.ts";

const MAX_NAME = 64;
const EQUALS = 61;
const COLON = 58;
const QUOTE = 34;
const BACKSLASH = 92;

export interface Assigned extends Said {
  readonly name: string;
  /** A field of a connection string, which ends at a semicolon and nowhere else. */
  readonly isField: boolean;
}

/**
 * Looks at a value in the form that it has.
 *
 * @returns behind it
 */
export function findValue(text: string, assigned: Assigned, found: Spans): number {
  const { start, kind } = assigned;
  if (text.startsWith(REDACTED, start)) return skipRedacted(text, start, kind, found);
  const code = text.charCodeAt(start);
  if (isQuote(code) || (code === BACKSLASH && isQuoteBehind(text, start)))
    return findQuoted(text, start, kind, found);
  if (code === 123 || code === 91) {
    const end = endOfBrackets(text, start);
    found.add(start, end, kind);
    return end;
  }
  const end = endOfHeader(text, start, assigned.name);
  if (end <= start) return end;
  // It is no secret by its name, so that the walk looks at what it is itself.
  if (isOrdinary(text, end, assigned)) return start;
  const last = kind === "passwords" ? endOfPhrase(text, start, end, assigned.isField) : end;
  found.add(start, last, kind);
  return last;
}

const PLAIN_WORD = /^[A-Z]?[a-z]+$/;
const NEXT_WORD = /^ {1,2}[A-Za-z]{1,32}(?=$|[\s;&,"'`.!?)\]}])/;
const MAX_WORDS = 12;
const FIELD = /^[^\n\r;="'<>]{0,128}(?=;|$|["'])/;

/**
 * Behind a password of several words. Where the first is a plain word, all plain words behind it are taken: what is a
 * sentence's goes with them, as nobody can tell. A field of a connection string goes up to its semicolon.
 */
function endOfPhrase(text: string, start: number, wordEnd: number, isField: boolean): number {
  if (isField) {
    const field = FIELD.exec(text.slice(wordEnd, wordEnd + MAX_FIELD));
    if (field !== null) return wordEnd + field[0].trimEnd().length;
  }
  if (!PLAIN_WORD.test(text.slice(start, Math.min(wordEnd, start + MAX_NAME)))) return wordEnd;
  let end = wordEnd;
  for (let count = 1; count < MAX_WORDS; count++) {
    const next = NEXT_WORD.exec(text.slice(end, end + MAX_NEXT));
    if (next === null) break;
    end += next[0].length;
  }
  return end;
}

const MAX_FIELD = 130;
const MAX_NEXT = 40;

/** What follows the mark without a gap is a rest of the value. */
function skipRedacted(text: string, start: number, kind: FindingKind, found: Spans): number {
  const behind = start + REDACTED.length;
  const end = endOfBare(text, behind);
  if (end > behind && classOf(text.charCodeAt(behind)) !== 0) found.add(start, end, kind);
  return Math.max(end, behind);
}

function isQuoteBehind(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) === BACKSLASH && at < from + 16) at++;
  return isQuote(text.charCodeAt(at));
}

/** `"..."`, `'...'`, and `\"...\"` within a string that is quoted itself; unclosed, it goes to the end of the text. */
function findQuoted(text: string, start: number, kind: KeyKind, found: Spans): number {
  let opening = start;
  while (text.charCodeAt(opening) === BACKSLASH) opening++;
  const depth = opening - start;
  const quote = text.charCodeAt(opening);
  const from = opening + 1;
  let backslashes = 0;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote && (depth === 0 ? backslashes % 2 === 0 : backslashes <= depth)) break;
    backslashes = code === BACKSLASH ? backslashes + 1 : 0;
  }
  const end = at < text.length ? at - Math.min(depth, backslashes) : at;
  const isMasked = end - from === REDACTED.length && text.startsWith(REDACTED, from);
  if (end > from && !isMasked) found.add(from, end, kind);
  return Math.min(at + 1, text.length);
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

/** A value without quotes ends at white space, a quote or what separates the fields of a query or of a log line. */
function endOfBare(text: string, start: number): number {
  let end = start;
  while (end < text.length && !endsBare(text, end)) end++;
  while (end > start && isClosing(text.charCodeAt(end - 1)) && !isOpenedWithin(text, start, end)) end--;
  return end;
}

/** True when the bracket in front of `end` closes one of the value: `${NAME}`. */
function isOpenedWithin(text: string, start: number, end: number): boolean {
  const opening = { "}": "{", "]": "[", ")": "(" }[text.charAt(end - 1)];
  return opening !== undefined && text.slice(Math.max(start, end - MAX_NAME), end).includes(opening);
}

function endsBare(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code <= 32 || isQuote(code)) return true;
  switch (code) {
    case 38: // &
    case 59: // ;
    case 60: // <
    case 62: // >
      return true;
    case 44: // a comma ends it in front of the next name
      return !isAlnum(text.charCodeAt(at + 1)) || isNameAhead(text, at + 1);
    case BACKSLASH:
      return isQuoteBehind(text, at) || /^[nrt]/.test(text.charAt(at + 1));
    default:
      return false;
  }
}

function isNameAhead(text: string, from: number): boolean {
  let at = from;
  while (at < from + MAX_NAME && isNamePart(text.charCodeAt(at))) at++;
  const code = text.charCodeAt(at);
  return code === EQUALS || code === COLON;
}

/** `)`, `]`, `}`, `,`, `.`, `:`, `|`: at the end of a value they are the sentence's, or the log line's. */
function isClosing(code: number): boolean {
  return (
    code === 41 || code === 93 || code === 125 || code === 44 || code === 46 || code === COLON || code === 124
  );
}
/** Where the value of a name ends that is known to have more than one word. */
function endOfHeader(text: string, start: number, name: string): number {
  if (/cookie$/i.test(name)) return endOfCookies(text, start);
  return /authorization$/i.test(name) ? endOfCredentials(text, start) : endOfBare(text, start);
}

const SCHEME = /^([a-z][a-z0-9-]{1,24})[ +]+(?=[^ +])/i;
/** Schemes whose credentials are a list of parameters: `Digest username="...", ...`. */
const LISTING = /^(?:digest|hawk|oauth|signature|aws4-hmac-sha256|scram-sha-256)$/i;

/** `scheme credentials` (RFC 9110, section 11.4). */
function endOfCredentials(text: string, start: number): number {
  const match = SCHEME.exec(text.slice(start, start + MAX_NAME));
  if (match === null) return endOfBare(text, start);
  return LISTING.test(match[1] ?? "") ? endOfLine(text, start) : endOfBare(text, start + match[0].length);
}

/** `name=value; name=value` (RFC 6265). */
function endOfCookies(text: string, start: number): number {
  let end = endOfBare(text, start);
  for (;;) {
    const next = /^; ?[\w.-]{1,64}(?==|;|$)/.exec(text.slice(end, end + 68));
    if (next === null) return end;
    end = endOfBare(text, end + next[0].length);
  }
}

function endOfLine(text: string, start: number): number {
  let end = start;
  while (end < text.length && !/[\n\r]/.test(text.charAt(end))) end++;
  return end;
}
