/** Credentials that a scheme announces: `Bearer` (RFC 6750), `Basic` (RFC 7617), Negotiate (RFC 4559), a URL's user part (RFC 3986). */
import { REDACTED } from "../categories.ts";
import { ALNUM, classOf, DASH, DIGIT, isAlnum, LOWER, TOKEN_MARK, UPPER } from "../characters.ts";
import type { Runs } from "../runs.ts";
import type { Spans } from "../spans.ts";

const TOKEN: number = ALNUM | DASH | TOKEN_MARK;
const MAX_GAP = 4;
/** How much of a long token is looked at. */
const MAX_LOOKED_AT = 512;

type Scheme = "bearer" | "basic" | "negotiate" | "ntlm" | "ssws";

/** By their first letter, in small letters. */
const SCHEMES: ReadonlyMap<number, readonly Scheme[]> = new Map([
  [98, ["bearer", "basic"]],
  [110, ["negotiate", "ntlm"]],
  [115, ["ssws"]],
]);

/** Looks at the scheme that would begin with the letter at `start`. */
export function findScheme(text: string, start: number, runs: Runs, found: Spans): void {
  if (isAlnum(text.charCodeAt(start - 1))) return;
  const scheme = SCHEMES.get(text.charCodeAt(start) | 32)?.find((name) => isNamed(text, start, name));
  if (scheme === undefined) return;
  const schemeEnd = start + scheme.length;
  let from = schemeEnd;
  // One space by the grammar; a form has `+` in its place, some write a colon, and some quote what follows.
  while (from < schemeEnd + MAX_GAP && isGap(text.charCodeAt(from))) from++;
  if (from === schemeEnd) return;
  if (OPENING.includes(text.charAt(from))) from++;
  const token = from + lengthOfNumber(text, from);
  const end = runs.endOf(token, TOKEN);
  if (end - token < LEAST[scheme]) return;
  const lookedAt = Math.min(end, token + MAX_LOOKED_AT);
  const fits =
    scheme === "basic"
      ? isUserAndPassword(text, token, lookedAt)
      : looksLikeToken(text.slice(token, lookedAt)) &&
        !PARAMETER.test(text.slice(token, token + LONGEST_NAME));
  if (fits) found.add(from, end, "api_keys");
}

/** `expires_in=3600`, `error="..."`: another field, and no token, in which a `=` stands at the end alone. */
const PARAMETER = /^[a-z_]{1,32}=[^=]/i;
const LONGEST_NAME = 34;

/** What some put around it. */
const OPENING = "\"'`[<({";
const NUMBERED = /^\d{1,10}\|/;

/** `1|abc`: some number their tokens. */
function lengthOfNumber(text: string, from: number): number {
  return NUMBERED.exec(text.slice(from, from + 11))?.[0].length ?? 0;
}

const LEAST: Readonly<Record<Scheme, number>> = { bearer: 6, basic: 8, negotiate: 16, ntlm: 16, ssws: 16 };

function isNamed(text: string, start: number, name: string): boolean {
  return text.slice(start, start + name.length).toLowerCase() === name;
}

function isGap(code: number): boolean {
  return code === 32 || code === 9 || code === 43 || code === 58;
}

/** Longer than words are. */
const LONG = 24;

/** No word of a sentence: a digit, a capital behind a small letter, hyphens in a longer one, or very long. */
export function looksLikeToken(token: string): boolean {
  const word = token.replace(/[.=~/+]{1,8}$/, "");
  if (word.length >= LONG) return true;
  let seen = 0;
  for (let i = 0; i < word.length; i++) {
    const kind = classOf(word.charCodeAt(i));
    if (i > 0 && (kind & UPPER) !== 0 && (classOf(word.charCodeAt(i - 1)) & LOWER) !== 0) return true;
    seen |= kind;
  }
  return (seen & DIGIT) !== 0 || ((seen & DASH) !== 0 && word.length >= 12);
}

const JOINED = /^(?:[a-z]{1,24}(?:_[a-z]{1,24}){1,6}|[A-Z]{1,24}(?:_[A-Z]{1,24}){1,6})$/;

/** `invalid_grant`, `ACCESS_DENIED`: what services call an error or a state. */
export function isJoinedWords(word: string): boolean {
  return JOINED.test(word);
}

/** The value of a digit of base64 or base64url (RFC 4648); -1 for any other character. */
function base64Value(code: number): number {
  const kind = classOf(code);
  if ((kind & UPPER) !== 0) return code - 65;
  if ((kind & LOWER) !== 0) return code - 71;
  if ((kind & DIGIT) !== 0) return code + 4;
  if (code === 43 || code === 45) return 62;
  return code === 47 || code === 95 ? 63 : -1;
}

const BEHIND_BASE64 = /^(?:=|[.~]{1,8}$)/;

/** True when the base64 text from `from` up to `end` decodes to printable text with a colon in it. */
function isUserAndPassword(text: string, from: number, end: number): boolean {
  let bits = 0;
  let held = 0;
  let hasColon = false;
  for (let at = from; at < end; at++) {
    const value = base64Value(text.charCodeAt(at));
    // Padding ends it, or a sentence does; any other character is none of base64.
    if (value < 0) return hasColon && BEHIND_BASE64.test(text.slice(at, end));
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const byte = (bits >> held) & 0xff;
    if (byte < 32) return false;
    hasColon ||= byte === 58;
  }
  return hasColon;
}

const MAX_USER_PART = 512;

/**
 * Looks at the user part that the `@` at `at` would end: `scheme://user:password@host`. The password is masked,
 * and a user part without a colon, which is a token where it is opaque.
 *
 * @returns whether there was one, so that its end is no e-mail address
 */
export function findUserPart(text: string, at: number, found: Spans): boolean {
  if (findOracle(text, at, found)) return true;
  if (text.startsWith("tcp(", at + 1) || text.startsWith("unix(", at + 1)) return findDsn(text, at, found);
  const limit = Math.max(0, at - MAX_USER_PART);
  let colon = -1;
  let hasSlash = false;
  for (let i = at - 1; i >= limit; i--) {
    const code = text.charCodeAt(i);
    if (code === 58) {
      if (text.charCodeAt(i + 1) === 47 && text.charCodeAt(i + 2) === 47) {
        // In a password of a database's address some write a slash; elsewhere a path begins with it.
        if (hasSlash && (isOfPages(text, i) || colon < 0 || PORT.test(text.slice(colon, colon + 7))))
          return false;
        return addUserPart(text, { scheme: i, colon, at }, found);
      }
      colon = i;
    } else if (isOutside(code) && !isWithin(text, i)) {
      return false;
    } else if (code === 47 && text.charCodeAt(i - 1) !== 47 && text.charCodeAt(i - 1) !== 58) {
      hasSlash = true;
    }
  }
  return false;
}

const PORT = /^:\d{1,5}(?:[/?]|$)/;
const PAGES = /(?:https?|wss?|ftp|git|ssh|file)$/i;

/** True for a scheme whose addresses have paths with `@` in them. */
function isOfPages(text: string, end: number): boolean {
  return PAGES.test(text.slice(Math.max(0, end - 8), end));
}

interface UserPart {
  /** Where the scheme ends. */
  readonly scheme: number;
  /** The first colon of the user part; -1 when there is none. */
  readonly colon: number;
  readonly at: number;
}

function addUserPart(text: string, { scheme, colon, at }: UserPart, found: Spans): boolean {
  const from = colon < 0 ? scheme + 3 : colon + 1;
  if (from >= at || text.slice(from, at) === REDACTED) return colon >= 0;
  if (colon < 0 && !looksLikeToken(text.slice(from, at))) return false;
  const end = colon < 0 ? at : lastAt(text, at, isOfPages(text, scheme));
  found.add(from, end, "passwords");
  return true;
}

const MAX_AHEAD = 128;

/** The last `@` in front of the host: a password may hold one that nobody encoded. */
function lastAt(text: string, first: number, isPage: boolean): number {
  let last = first;
  const limit = Math.min(text.length, first + MAX_AHEAD);
  for (let i = first + 1; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code === 64) last = i;
    else if (isEndOfHost(code, isPage) && !isWithin(text, i)) break;
  }
  return last;
}

/** White space, quotes and the like, or what a host ends with. */
function isEndOfHost(code: number, isPage: boolean): boolean {
  return isOutside(code) || code === 44 || code === 63 || code === 35 || (isPage && code === 47);
}

const DSN = /[\w.-]{1,64}:((?:[^\s"'`/@]|(?<=\w)'(?=\w)){1,128})$/;
const MAX_DSN = 200;

/** `user:password@tcp(host)/database`, as Go's driver for MySQL has it. */
function findDsn(text: string, at: number, found: Spans): boolean {
  const password = DSN.exec(text.slice(Math.max(0, at - MAX_DSN), at))?.[1];
  if (password === undefined) return false;
  if (password !== REDACTED) found.add(at - password.length, at, "passwords");
  return true;
}

const ORACLE =
  /(?:jdbc:oracle:\w{1,12}:|(?:sqlplus|sqlldr|expdp|impdp|rman)(?: {1,4}-\w{1,12}){0,4} {1,4}(?:userid=)?)["']?[\w$#.]{1,64}\/([^\s@"'/]{1,128})$/i;
const MAX_ORACLE = 256;

/** `user/password@host`, as Oracle's drivers and programs have it. */
function findOracle(text: string, at: number, found: Spans): boolean {
  const limit = Math.max(0, at - MAX_USER_PART);
  let slash = at - 1;
  while (slash > limit && text.charCodeAt(slash) !== 47 && !isOutside(text.charCodeAt(slash))) slash--;
  if (text.charCodeAt(slash) !== 47 || slash === at - 1) return false;
  const password = ORACLE.exec(text.slice(Math.max(0, at - MAX_ORACLE), at))?.[1];
  if (password === undefined) return false;
  if (password !== REDACTED) found.add(at - password.length, at, "passwords");
  return true;
}

/** White space, quotes, angle brackets, another `@`: no user part goes on there. */
function isOutside(code: number): boolean {
  return code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 64 || code === 96;
}

const APOSTROPHE = 39;
/** What user parts have beside letters and digits (RFC 3986, `unreserved`, some of `sub-delims`, and `%`). */
const OF_USER_PART = "-_.~!$*%";

/** True for an apostrophe that is a user part's (RFC 3986, `sub-delims`), and closes nothing: `it's-secret`. */
function isWithin(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== APOSTROPHE) return false;
  const before = text.charCodeAt(at - 1);
  const behind = text.charCodeAt(at + 1);
  const begins = before === 58 || isAlnum(before) || OF_USER_PART.includes(String.fromCharCode(before));
  return begins && (behind === 64 || isAlnum(behind) || OF_USER_PART.includes(String.fromCharCode(behind)));
}
