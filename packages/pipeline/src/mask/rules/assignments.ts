/**
 * Names and values within a text: `password=...` in a query or form, `"token": "..."` in JSON that does not parse or
 * is quoted in a sentence, `Authorization: Bearer ...` and `Cookie: ...` in a dump of headers.
 */
import { type FindingKind, REDACTED } from "../categories.ts";
import { ALNUM, classOf, DASH, isAlnum, LETTER } from "../characters.ts";
import type { KeyKind, NameEndings } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { looksLikeToken } from "./credentials.ts";

const MAX_NAME = 64;
const MAX_GAP = 3;
/** Between a name and its sign: quotes, spaces, an index. */
export const MAX_NAME_GAP = 16;

const EQUALS = 61;
const COLON = 58;
const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;

/** What the rule asks of the keys: the kind of secret that a name stands for. */
export interface NameRules {
  /** How names end that may stand for one. */
  readonly endings: NameEndings;
  kindOfName(name: string): KeyKind | undefined;
}

/**
 * Looks at the assignment whose `=` or `:` stands at `at`.
 *
 * @returns behind the value when it was one to be masked, whether it is masked already or not; else `at`
 */
export function findAssigned(text: string, at: number, names: NameRules, found: Spans): number {
  const nameEnd = endOfName(text, at);
  if (!endsName(text, nameEnd, names.endings)) return at;
  const nameStart = startOfName(text, nameEnd);
  const name = text.slice(nameStart, nameEnd);
  const kind = names.kindOfName(name);
  if (kind === undefined) return at;
  const start = startOfValue(text, at);
  if (start < 0) return at;
  const isQuoted = nameEnd < at && isQuote(text.charCodeAt(nameEnd));
  return findValue(text, { start, kind, name, isPlain: text.charCodeAt(at) === COLON && !isQuoted }, found);
}

/** True when a name that stands for a secret may end there. */
export function endsName(text: string, end: number, endings: NameEndings): boolean {
  return endings.has(
    text.charCodeAt(end - 4),
    text.charCodeAt(end - 3),
    text.charCodeAt(end - 2),
    text.charCodeAt(end - 1),
  );
}

interface Assigned {
  readonly start: number;
  readonly kind: KeyKind;
  readonly name: string;
  /** `name: value` as sentences have it too: what is an ordinary word there stays. */
  readonly isPlain: boolean;
}

/** Behind the name's last letter: spaces, a quote, a closing bracket and an index may follow it. */
function endOfName(text: string, at: number): number {
  let end = at;
  const limit = Math.max(0, at - MAX_NAME_GAP);
  // `:=` and `=>`.
  if (end > limit && text.charCodeAt(end - 1) === COLON) end--;
  while (end > limit && (classOf(text.charCodeAt(end - 1)) & LETTER) === 0) {
    const code = text.charCodeAt(end - 1);
    const isIndex = (code >= 48 && code <= 57) || code === 91 || code === 93;
    if (code !== 32 && code !== BACKSLASH && !isQuote(code) && !isIndex) break;
    end--;
  }
  return end;
}

function startOfName(text: string, nameEnd: number): number {
  const limit = Math.max(0, nameEnd - MAX_NAME);
  let start = nameEnd;
  while (start > limit && isNamePart(text.charCodeAt(start - 1))) start--;
  return start;
}

/** What a key is split at belongs to it: `.`, `-`, `_`, `[`. */
function isNamePart(code: number): boolean {
  return (classOf(code) & (ALNUM | DASH)) !== 0 || code === 46 || code === 91;
}

/** Where the value begins; -1 when this is no assignment: `::`, `==`, `://`. */
function startOfValue(text: string, at: number): number {
  let start = at + 1;
  const next = text.charCodeAt(start);
  if (next === EQUALS || next === COLON) return -1;
  if (next === 62 && text.charCodeAt(at) === EQUALS) start++;
  while (start <= at + MAX_GAP && isBlank(text.charCodeAt(start))) start++;
  if (text.startsWith("//", start) || start >= text.length) return -1;
  return start;
}

function findValue(text: string, assigned: Assigned, found: Spans): number {
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
  if (end > start && !isOrdinary(text.slice(start, Math.min(end, start + MAX_NAME)), assigned)) {
    found.add(start, end, kind);
  }
  return end;
}

/** What follows the mark without a gap is a rest of the value. */
function skipRedacted(text: string, start: number, kind: FindingKind, found: Spans): number {
  const behind = start + REDACTED.length;
  const end = endOfBare(text, behind);
  if (end > behind && classOf(text.charCodeAt(behind)) !== 0) found.add(start, end, kind);
  return Math.max(end, behind);
}

function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE || code === 96;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 43;
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
  while (end > start && isClosing(text.charCodeAt(end - 1))) end--;
  return end;
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

/** What is said about a secret without being one. */
const ORDINARY: ReadonlySet<string> = new Set(
  (
    "true false null none nil undefined yes no ok required optional missing invalid valid incorrect correct wrong " +
    "expired changed unchanged reset set unset empty must is was has not failed failure succeeded success enabled " +
    "disabled rejected accepted denied allowed unknown the a an and or for from in of to with string str"
  ).split(" "),
);

function isOrdinary(value: string, { kind, isPlain }: Assigned): boolean {
  const word = value.toLowerCase();
  if (ORDINARY.has(word)) return true;
  if (!isPlain || kind === "passwords") return false;
  return !looksLikeToken(value) && !/^[a-z]+[ =]/i.test(value);
}
