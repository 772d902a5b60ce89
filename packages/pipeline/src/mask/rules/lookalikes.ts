/** What has the form of a name in front of its sign and names no secret: paths, hosts, images, tasks, columns. */
import type { KeyKind } from "../key-words.ts";
import { isQuote } from "./names.ts";

const COLON = 58;
const SLASH = 47;
const SPACE = 32;

/** A name, its sign and what stands behind them. */
export interface Lookalike {
  readonly name: string;
  readonly kind: KeyKind;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Where the sign is. */
  readonly at: number;
  /** Where the value would begin. */
  readonly start: number;
}

export function isLookalike(text: string, named: Lookalike): boolean {
  const { nameStart, nameEnd, at, start } = named;
  if (isSignInQuotes(text, nameEnd, at) || isClock(text, nameEnd, at)) return true;
  if (text.charCodeAt(at) !== COLON)
    return start > at + 1 && (isPairAhead(text, named) || isColumn(text, named));
  if (text.charCodeAt(nameStart - 1) === SLASH && isPath(text, named)) return true;
  return start === at + 1 && nameEnd === at && isPlace(text, named);
}

/** `unexpected token "="`: the sign is what is spoken of. */
function isSignInQuotes(text: string, nameEnd: number, at: number): boolean {
  const quote = text.charCodeAt(at - 1);
  return at === nameEnd + 2 && isQuote(quote) && text.charCodeAt(at + 1) === quote
    ? text.charCodeAt(nameEnd) === SPACE
    : false;
}

const NUMBERED = /^ \d{1,2}$/;

/** `token 12:34:56`: a time behind a word. */
function isClock(text: string, nameEnd: number, at: number): boolean {
  return (
    at > nameEnd && NUMBERED.test(text.slice(nameEnd, at)) && /^:\d{2}(?!\d)/.test(text.slice(at, at + 4))
  );
}

const PAIR = /^(?:[A-Za-z_][\w.-]{0,63}=(?=[^\s=])|[a-z]+(?:_[a-z]+)*=(?=\s|$)|[A-Z]+(?:_[A-Z]+)*=(?=\s|$))/;
const LONGEST_PAIR = 66;

/** `session= status=200`: there is no value, and another pair. */
function isPairAhead(text: string, { nameEnd, at, start }: Lookalike): boolean {
  const isApart = nameEnd === at && text.charCodeAt(start - 1) === SPACE;
  return isApart && PAIR.test(text.slice(start, start + LONGEST_PAIR));
}

const COLUMN = /^[a-z_]\w{0,31}\.([a-z_]\w{0,63})(?![\w.(])/i;
const LONGEST_COLUMN = 98;

/** `s.token = t.token`: two columns of the same name. */
function isColumn(text: string, { name, start }: Lookalike): boolean {
  const dot = name.lastIndexOf(".");
  const column = dot > 0 ? COLUMN.exec(text.slice(start, start + LONGEST_COLUMN))?.[1] : undefined;
  return column !== undefined && column === name.slice(dot + 1);
}

const LONGEST_PATH = 512;
/** The beginning of a path or an address, in front of the slash behind which the name stands. */
const ROOTED = /^(?:\/|\.{1,2}\/|~|[a-z]:|[a-z][a-z0-9+.-]{1,24}:\/\/)/i;
/** A word alone that has letters and digits: the value in a tree of settings. */
const LONE = /^(?=[^\s]{0,64}[a-z])(?=[^\s]{0,64}\d)[^\s"'<>:]{4,128}\s{0,2}(?:$|[\r\n"'])/i;
const LONGEST_LONE = 132;

/** `open /run/secrets/token: permission denied`: what stands behind a path is what became of it. */
function isPath(text: string, { nameStart, start, at }: Lookalike): boolean {
  const limit = Math.max(0, nameStart - LONGEST_PATH);
  let from = nameStart - 1;
  while (from > limit && text.charCodeAt(from - 1) > SPACE && !isOutside(text.charCodeAt(from - 1))) from--;
  const path = text.slice(from, nameStart);
  if (!ROOTED.test(path)) return false;
  if (start === at + 1 || isEnclosed(text.charCodeAt(start))) return false;
  return path.includes("://") || !LONE.test(text.slice(start, start + LONGEST_LONE));
}

function isOutside(code: number): boolean {
  return isQuote(code) || code === 60 || code === 62 || code === 40 || code === 91 || code === 61;
}

/** A value that a format has put into quotes or brackets. */
function isEnclosed(code: number): boolean {
  return isQuote(code) || code === 123 || code === 91 || code === 92;
}

/** `{`, `,`, `&` and `?` stand in front of a field. */
function isOfList(before: number): boolean {
  return before === 123 || before === 44 || before === 38 || before === 63;
}

/** Names that services, packages, tasks, scopes and events have as well. */
const COMMON = /(?:^|[.-])(?:auth|sessions?|tokens?|secrets?|cookies?|credentials?|authorization)$/;
/** A port, a line, a version, what images are tagged with. */
const PORT_OR_VERSION =
  /^(?:\d{1,5}|v?\d{1,4}(?:\.\d{1,6}){1,4}(?:[-+][\w.-]{0,32})?|latest|main|stable|sha-[0-9a-f]{7,40})(?![\w-]|\.\w)/;
/** A task, a scope or an event: `compileJava`, `login_failed`. */
const WORDS = /^(?:[a-z]{3,16}(?:[A-Z][a-z]{2,15}){1,3}|[a-z]{2,16}(?:[_-][a-z]{2,16}){1,2})(?![\w-]|[.:]\w)/;
/** `jar:1.2.3` */
const PACKAGING = /^[a-z]{2,12}:v?\d{1,4}(?:\.\d{1,6}){1,4}/;
const LONGEST_PLACE = 64;
const USER_PART = /^[^\s/?#"'<>@]{1,60}@/;

const NUMBER = /^\d{1,5}(?!\d|\.\d)/;
/** Services and keys of caches. Other numbers may be codes. */
const SERVICE = /(?:^|[.-])(?:auth|sessions?)$/;

function isPort(name: string, ahead: string): boolean {
  return SERVICE.test(name) && /^\d\d/.test(ahead);
}

/** `auth:8080`, `acme/auth:1.2.3`, `:auth:compileJava`, `auth:login_failed`: there is no space behind the colon. */
function isPlace(text: string, { name, kind, nameStart, start }: Lookalike): boolean {
  const ahead = text.slice(start, start + LONGEST_PLACE);
  const before = text.charCodeAt(nameStart - 1);
  // What is behind a user's name another rule looks at.
  if (before === SLASH && text.charCodeAt(nameStart - 2) === SLASH && USER_PART.test(ahead)) return true;
  const isJoined = before === SLASH || before === COLON;
  if (kind === "passwords" || !COMMON.test(name) || isOfList(before)) return false;
  if (PORT_OR_VERSION.test(ahead)) return isJoined || !NUMBER.test(ahead) || isPort(name, ahead);
  if (before === COLON) return WORDS.test(ahead) || PACKAGING.test(ahead);
  return (name === "auth" || name === "session") && WORDS.test(ahead);
}
