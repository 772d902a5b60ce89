/**
 * RFC 3986 in one pass without backtracking.
 *
 *   URI-reference = [ scheme ":" ] [ "//" authority ] path [ "?" query ] [ "#" fragment ]
 *   absolute-URI  =   scheme ":"   [ "//" authority ] path [ "?" query ]
 *   authority     = [ userinfo "@" ] host [ ":" port ]
 */

/** What a character may be part of; several classes may hold. */
const PCHAR = 1;
const USERINFO = 2;
const REG_NAME = 4;
const SCHEME = 8;
const HEX = 16;
const DIGIT = 32;

const CLASSES = new Uint8Array(128);
for (const [characters, classes] of [
  ["abcdefABCDEF", PCHAR | USERINFO | REG_NAME | SCHEME | HEX],
  ["ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ", PCHAR | USERINFO | REG_NAME | SCHEME],
  ["0123456789", PCHAR | USERINFO | REG_NAME | SCHEME | HEX | DIGIT],
  ["-.+", PCHAR | USERINFO | REG_NAME | SCHEME],
  ["_~!$&'()*,;=", PCHAR | USERINFO | REG_NAME],
  [":", PCHAR | USERINFO],
  ["@", PCHAR],
] as const) {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = classes;
}

const HASH = 0x23;
const PERCENT = 0x25;
const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;
const OPEN = 0x5b;

/**
 * `scheme://host/path` and `/path` without escapes, query and fragment: nearly all sources there are. Parts
 * that meet share no character, so that nothing is tried twice.
 */
const USUAL =
  /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[\w.~-]+)?(?:\/(?:[\w.~@:!$&'()*+,;=-]+(?:\/[\w.~@:!$&'()*+,;=-]*)*)?)?$/;

/** True for a URI-reference (RFC 3986, section 4.1) that is not empty. */
export function isUriReference(value: string): boolean {
  if (value === "") return false;
  if (USUAL.test(value)) return true;
  const start = afterScheme(value);
  return start >= 0 && isHierarchy(value, start, true);
}

/** True for an absolute URI (RFC 3986, section 4.3): with a scheme, without a fragment. */
export function isAbsoluteUri(value: string): boolean {
  const start = afterScheme(value);
  return start > 0 && isHierarchy(value, start, false);
}

/** Where the scheme's colon ends; 0 without a scheme, -1 when the first segment has a colon and is no scheme. */
function afterScheme(value: string): number {
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit === COLON) return i > 0 && startsWithLetter(value) ? i + 1 : -1;
    if (!isIn(unit, SCHEME)) {
      // Not a scheme: then no colon may stand in the first segment (path-noscheme).
      return unit === SLASH || unit === QUESTION || unit === HASH ? 0 : withoutScheme(value, i);
    }
  }
  return 0;
}

function withoutScheme(value: string, from: number): number {
  for (let i = from; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit === COLON) return -1;
    if (unit === SLASH || unit === QUESTION || unit === HASH) return 0;
  }
  return 0;
}

function startsWithLetter(value: string): boolean {
  const lower = value.charCodeAt(0) | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Everything after the scheme. */
function isHierarchy(value: string, start: number, fragmentAllowed: boolean): boolean {
  let i = start;
  if (value.charCodeAt(i) === SLASH && value.charCodeAt(i + 1) === SLASH) {
    i = afterAuthority(value, i + 2);
    if (i < 0) return false;
  }
  let inFragment = false;
  for (; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (isIn(unit, PCHAR) || unit === SLASH || unit === QUESTION) continue;
    if (unit === PERCENT && isEscape(value, i)) {
      i += 2;
    } else if (unit === HASH && fragmentAllowed && !inFragment) {
      inFragment = true;
    } else {
      return false;
    }
  }
  return true;
}

function isIn(unit: number, classes: number): boolean {
  return unit < 128 && ((CLASSES[unit] ?? 0) & classes) !== 0;
}

function isEscape(value: string, at: number): boolean {
  return isIn(value.charCodeAt(at + 1), HEX) && isIn(value.charCodeAt(at + 2), HEX);
}

/** Where the authority that begins at `start` ends, or -1 when it is none. */
function afterAuthority(value: string, start: number): number {
  let end = start;
  let at = -1;
  for (; end < value.length; end++) {
    const unit = value.charCodeAt(end);
    if (unit === SLASH || unit === QUESTION || unit === HASH) break;
    if (unit === 0x40) at = end;
  }
  if (at >= 0 && !isEscapedRun(value, start, at, USERINFO)) return -1;
  const host = at < 0 ? start : at + 1;
  const port = value.charCodeAt(host) === OPEN ? afterLiteral(value, host, end) : afterName(value, host, end);
  if (port < 0 || port === end) return port;
  return value.charCodeAt(port) === COLON && isRun(value, port + 1, end, DIGIT) ? end : -1;
}

/** True when all characters in the range are of the class. */
function isRun(value: string, start: number, end: number, classes: number): boolean {
  for (let i = start; i < end; i++) {
    if (!isIn(value.charCodeAt(i), classes)) return false;
  }
  return true;
}

/** The same, where percent-encoded octets are allowed as well. */
function isEscapedRun(value: string, start: number, end: number, classes: number): boolean {
  for (let i = start; i < end; i++) {
    const unit = value.charCodeAt(i);
    if (isIn(unit, classes)) continue;
    if (unit !== PERCENT || i + 2 >= end || !isEscape(value, i)) return false;
    i += 2;
  }
  return true;
}

/** Where a `reg-name` (an IPv4 address is one too) ends: at the port's colon or the authority's end; or -1. */
function afterName(value: string, start: number, end: number): number {
  let i = start;
  while (i < end && value.charCodeAt(i) !== COLON) i++;
  return isEscapedRun(value, start, i, REG_NAME) ? i : -1;
}

/** Where an `IP-literal` ends, or -1. */
function afterLiteral(value: string, start: number, end: number): number {
  const close = value.indexOf("]", start);
  if (close < 0 || close >= end) return -1;
  const inside = value.slice(start + 1, close);
  const sound =
    (value.charCodeAt(start + 1) | 0x20) === 0x76 /* v */ ? isFutureAddress(inside) : isIpv6(inside);
  return sound ? close + 1 : -1;
}

/** `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )` */
function isFutureAddress(inside: string): boolean {
  const dot = inside.indexOf(".");
  if (dot < 2 || dot === inside.length - 1) return false;
  return isRun(inside, 1, dot, HEX) && isRun(inside, dot + 1, inside.length, USERINFO);
}

/** RFC 3986 `IPv6address`: eight 16-bit groups, one run of zero groups as `::`, an IPv4 address at the end. */
function isIpv6(inside: string): boolean {
  // The longest form is 45 characters; longer input is not worth splitting.
  if (inside.length > 45) return false;
  const halves = inside.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half, i) => countGroups(half, i === halves.length - 1));
  const count = groups.reduce((sum, group) => sum + group, 0);
  return halves.length === 2 ? count <= 7 : count === 8;
}

/** The number of 16-bit groups, or NaN; only the last group may be an IPv4 address, which counts for two. */
function countGroups(half: string, isLast: boolean): number {
  if (half === "") return 0;
  const groups = half.split(":");
  return groups.reduce((count, group, i) => {
    if (isLast && i === groups.length - 1 && isIpv4(group)) return count + 2;
    return group.length >= 1 && group.length <= 4 && isRun(group, 0, group.length, HEX)
      ? count + 1
      : Number.NaN;
  }, 0);
}

function isIpv4(group: string): boolean {
  const octets = group.split(".");
  return (
    octets.length === 4 &&
    octets.every((octet) => /^(?:0|[1-9][0-9]{0,2})$/.test(octet) && Number(octet) <= 255)
  );
}
