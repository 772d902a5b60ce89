/** Credentials that a scheme announces: `Bearer` (RFC 6750), `Basic` (RFC 7617), a URL's user part (RFC 3986). */
import { REDACTED } from "../categories.ts";
import { ALNUM, classOf, DASH, DIGIT, isAlnum, LOWER, TOKEN_MARK, UPPER } from "../characters.ts";
import type { Runs } from "../runs.ts";
import type { Spans } from "../spans.ts";

const TOKEN: number = ALNUM | DASH | TOKEN_MARK;
const MAX_GAP = 4;
const MIN_BEARER = 6;
const MIN_BASIC = 8;
/** How much of a long token is looked at. */
const MAX_LOOKED_AT = 512;

/** Looks at the scheme that would begin with the `b` at `start`. */
export function findScheme(text: string, start: number, runs: Runs, found: Spans): void {
  if (isAlnum(text.charCodeAt(start - 1))) return;
  const isBearer = isNamed(text, start, "bearer");
  if (!isBearer && !isNamed(text, start, "basic")) return;
  const schemeEnd = start + (isBearer ? 6 : 5);
  let from = schemeEnd;
  // One space by the grammar; a form has `+` in its place, and some write a colon.
  while (from < schemeEnd + MAX_GAP && isGap(text.charCodeAt(from))) from++;
  if (from === schemeEnd) return;
  const end = runs.endOf(from, TOKEN);
  if (end - from < (isBearer ? MIN_BEARER : MIN_BASIC)) return;
  const lookedAt = Math.min(end, from + MAX_LOOKED_AT);
  const fits = isBearer
    ? looksLikeToken(text.slice(from, lookedAt))
    : isUserAndPassword(text, from, lookedAt);
  if (fits) found.add(from, end, "api_keys");
}

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

/** The value of a digit of base64 or base64url (RFC 4648); -1 for any other character. */
function base64Value(code: number): number {
  const kind = classOf(code);
  if ((kind & UPPER) !== 0) return code - 65;
  if ((kind & LOWER) !== 0) return code - 71;
  if ((kind & DIGIT) !== 0) return code + 4;
  if (code === 43 || code === 45) return 62;
  return code === 47 || code === 95 ? 63 : -1;
}

/** True when the base64 text from `from` up to `end` decodes to printable text with a colon in it. */
function isUserAndPassword(text: string, from: number, end: number): boolean {
  let bits = 0;
  let held = 0;
  let hasColon = false;
  for (let at = from; at < end; at++) {
    const value = base64Value(text.charCodeAt(at));
    // Padding ends it; any other character is none of base64.
    if (value < 0) return hasColon && text.charCodeAt(at) === 61;
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
  const limit = Math.max(0, at - MAX_USER_PART);
  let colon = -1;
  for (let i = at - 1; i >= limit; i--) {
    const code = text.charCodeAt(i);
    if (code === 58) {
      if (text.charCodeAt(i + 1) === 47 && text.charCodeAt(i + 2) === 47) {
        return addUserPart(text, i + 3, colon, at, found);
      }
      colon = i;
    } else if (
      isOutside(code) ||
      (code === 47 && text.charCodeAt(i - 1) !== 47 && text.charCodeAt(i - 1) !== 58)
    ) {
      return false;
    }
  }
  return false;
}

function addUserPart(text: string, start: number, colon: number, at: number, found: Spans): boolean {
  const from = colon < 0 ? start : colon + 1;
  if (from >= at || text.slice(from, at) === REDACTED) return colon >= 0;
  if (colon < 0 && !looksLikeToken(text.slice(from, at))) return false;
  found.add(from, at, "passwords");
  return true;
}

/** White space, quotes, angle brackets, another `@`: no user part goes on there. */
function isOutside(code: number): boolean {
  return code <= 32 || code === 34 || code === 39 || code === 60 || code === 62 || code === 64 || code === 96;
}
