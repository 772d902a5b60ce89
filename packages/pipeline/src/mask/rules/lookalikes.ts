/** What has the form of a name in front of its sign and names no secret: paths, hosts, images, tasks, columns. */
import type { KeyKind } from "../key-words.ts";
import { isOfArtifact } from "./artifacts.ts";
import { isJoinedWords, looksLikeToken } from "./credentials.ts";
import { isQuote } from "./names.ts";
import { isSaidByProgram } from "./programs.ts";

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
  if (isSaidByProgram(text, named)) return true;
  if (text.charCodeAt(at) !== COLON)
    return start > at + 1 && (isPairAhead(text, named) || isColumn(text, named));
  if (text.charCodeAt(nameStart - 1) === SLASH && isPath(text, named)) return true;
  if (start !== at + 1) return false;
  if (named.kind !== "passwords" && isOfArtifact(text, nameStart, at)) return true;
  return nameEnd === at && isPlace(text, named);
}

/** `unexpected token "="`: the sign is what is spoken of. */
function isSignInQuotes(text: string, nameEnd: number, at: number): boolean {
  const quote = text.charCodeAt(at - 1);
  return at === nameEnd + 2 && isQuote(quote) && text.charCodeAt(at + 1) === quote
    ? text.charCodeAt(nameEnd) === SPACE
    : false;
}

const NUMBERED = /^[ \t]{1,64}\d{1,2}$/;

/** `token 12:34:56`: a time behind a word. */
function isClock(text: string, nameEnd: number, at: number): boolean {
  return (
    at > nameEnd && NUMBERED.test(text.slice(nameEnd, at)) && /^:\d{2}(?!\d)/.test(text.slice(at, at + 4))
  );
}

/** A token in base64 may end in a `=`, and in a quote or sign behind it: only words have any value. */
const PAIR =
  /^(?:[A-Za-z_][\w.-]{0,63}=(?=["']?[\w/+$%{[(-])|(?:[a-z]+(?:_[a-z]+)*|[A-Z]+(?:_[A-Z]+)*)=(?!=))/;
const LONGEST_PAIR = 67;
/** Cookies and credentials are pairs themselves: another one is only what has a short word or number. */
const OF_PAIRS = /(?:cookies?|authorization)$/i;
const PLAIN_PAIR = /^[a-z]+(?:_[a-z]+)*=(?:\d{1,4}|[a-z]{1,12})?(?=\s|["']?$)/;

/** `session= status=200`: there is no value, and another pair. */
function isPairAhead(text: string, { name, nameEnd, at, start }: Lookalike): boolean {
  if (nameEnd !== at || text.charCodeAt(start - 1) !== SPACE) return false;
  const pair = OF_PAIRS.test(name) ? PLAIN_PAIR : PAIR;
  return pair.test(text.slice(start, start + LONGEST_PAIR));
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
/** The word behind the sign; a line's end that is written out and a quote that closes something end it. */
const WORD = /^(?:[^\s"'`\\]|\\(?![nrt"'`])|(?<=\w)["'`](?=\w))+/;
const LONGEST_WORD = 512;
/** What became of a path has digits and capitals too: a status, a time, a size, an error, a host and its port. */
const OUTCOME = new RegExp(
  `^(?:${[
    String.raw`x509|http2|sha(?:1|256|512)|md5|TLSv1(?:\.\d)?|HTTP/\d(?:\.\d)?|AADSTS\d{4,7}`,
    String.raw`\(?\d{1,3}|0[0-7]{3}|\d{1,3}/\d{1,3}|\d{1,6}(?:\.\d{1,3})?(?:[nuµm]?s|[mh%]|[kKM]?B)`,
    String.raw`\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?`,
    String.raw`(?:[a-z]{1,24}\.){0,8}(?:[A-Z][a-z]{1,24}){1,6}(?:Error|Exception|Denied|Found)(?:\$[A-Z][A-Za-z]{1,24})?`,
    String.raw`(?:localhost|(?:[a-z0-9-]{1,63}\.){1,8}[a-z0-9-]{1,63}|\[[0-9a-f:]{2,39}\]):\d{2,5}`,
  ].join("|")})[.,:;)\\]}]{0,3}$`,
);
const CLOSING = /[.,:;)\]}]{1,3}$/;

/** `open /run/secrets/token: permission denied`: what stands behind a path is what became of it. */
function isPath(text: string, { kind, nameStart, start, at }: Lookalike): boolean {
  const limit = Math.max(0, nameStart - LONGEST_PATH);
  let from = nameStart - 1;
  while (from > limit && text.charCodeAt(from - 1) > SPACE && !isOutside(text.charCodeAt(from - 1))) from--;
  const path = text.slice(from, nameStart);
  if (!ROOTED.test(path)) return false;
  if (start === at + 1 || isEnclosed(text.charCodeAt(start))) return false;
  const word = WORD.exec(text.slice(start, start + LONGEST_WORD))?.[0] ?? "";
  const plain = word.replace(CLOSING, "");
  // A passphrase may be joined so.
  const isError = kind !== "passwords" && isJoinedWords(plain.replace(/^net::/, ""));
  return OUTCOME.test(word) || isError || !looksLikeToken(plain);
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
const COMMON = /(?:^|[.[-])(?:auth|sessions?|tokens?|secrets?|cookies?|credentials?|authorization)$/;
/** Services and keys of caches. */
const SERVICE = /(?:^|[.[-])(?:auth|sessions?)$/;
/** A version, a port or a line, what images are tagged with. */
const VERSION = /^v?\d{1,4}(?:\.\d{1,6}){1,4}/;
const SUFFIX =
  /^(?:[-+.](?:(?![a-f]{4,12}(?![a-z]))[a-z]{2,12}|(?:rc|alpha|beta|pre|dev|build|r|b|p|alpine|debian|jdk|jre|node|go)?\d{1,4})){1,3}/i;
const NUMBER = /^\d{1,5}/;
const PORT = /^\d{2,5}/;
const TAG = /^(?:latest|main|stable|sha-[0-9a-f]{7,40})/;
/** A task, a scope or an event: `compileJava`, `login_failed`. */
const WORDS =
  /^(?![a-f]{1,16}[_-][a-f]{1,16}(?![\w-]))(?:[a-z]{3,16}(?:[A-Z][a-z]{2,15}){1,3}|[a-z]{2,16}(?:[_-][a-z]{2,16}){1,2})/;
/** `jar:1.2.3:compile` */
const PACKAGING = /^[a-z]{2,12}:v?\d{1,4}(?:\.\d{1,6}){1,4}(?::[a-z]{4,8})?/;
/** Nothing is joined to what stands in front of it: that would be a secret's other part. */
const CLOSED = String.raw`["'\x60)\]}]{1,8}(?:$|[\s,;<>|?!\\]|=>|[.:](?!\w))`;
const END = new RegExp(
  String.raw`^(?:$|[\s<>;]|\\["'nrt]|${CLOSED}|[.:,|?!](?:$|[\s<\\]|${CLOSED})|@sha256:)`,
);
/** The path behind a host, where it has plain words alone. */
const PLAIN_PATH = /^(?:\/(?:v\d{1,2}|[a-z][a-z_.-]{0,23})?){1,8}/;
/** Behind the host of an address. */
const ADDRESS = /:(?:\/\/|\\\/\\\/)$/;
const ADDRESS_GOES_ON = /^(?:\\?\/|[?#])/;
const LONGEST_PLACE = 256;
const USER_PART = /^[^\s/?#"'<>@]{1,60}@/;

/** `auth:8080`, `acme/auth:1.2.3`, `:auth:compileJava`, `auth:login_failed`: there is no space behind the colon. */
function isPlace(text: string, { name, kind, nameStart, start }: Lookalike): boolean {
  const ahead = text.slice(start, start + LONGEST_PLACE);
  const before = text.charCodeAt(nameStart - 1);
  const isHost = ADDRESS.test(text.slice(Math.max(0, nameStart - 5), nameStart));
  // What is behind a user's name another rule looks at.
  if (isHost && USER_PART.test(ahead)) return true;
  if (kind === "passwords" || !COMMON.test(name) || isOfList(before)) return false;
  const isService = SERVICE.test(name);
  const rest = isHost || isService ? behindPort(ahead) : undefined;
  if (rest !== undefined && (END.test(rest) || (isHost && ADDRESS_GOES_ON.test(rest)))) return true;
  if (rest !== undefined && isService && endsBehind(rest, PLAIN_PATH)) return true;
  if (isNumber(ahead, before, isService)) return true;
  if (endsBehind(ahead, TAG) || isVersion(ahead, isService || before === SLASH || before === COLON))
    return true;
  if (before === COLON) return endsBehind(ahead, WORDS) || endsBehind(ahead, PACKAGING);
  return (name === "auth" || name === "session") && endsBehind(ahead, WORDS);
}

/** True when nothing is joined to what `form` matches. */
function endsBehind(ahead: string, form: RegExp): boolean {
  const match = form.exec(ahead);
  return match !== null && END.test(ahead.slice(match[0].length));
}

/** What follows a port of two digits and more; `undefined` where there is none. */
function behindPort(ahead: string): string | undefined {
  const port = PORT.exec(ahead)?.[0];
  return port === undefined ? undefined : ahead.slice(port.length);
}

const LINE = /^\d{1,4}(?::\d{1,4})?/;

/** `src/token:12`, `:auth:5`. Behind other names numbers may be codes. */
function isNumber(ahead: string, before: number, isService: boolean): boolean {
  if (before === SLASH && endsBehind(ahead, LINE)) return true;
  return isService && before === COLON && endsBehind(ahead, NUMBER);
}

/** `1.2.3`, and with a suffix of words and small numbers where it is an image's or a package's. */
function isVersion(ahead: string, mayHaveSuffix: boolean): boolean {
  const version = VERSION.exec(ahead)?.[0].length ?? 0;
  if (version === 0) return false;
  const rest = ahead.slice(version);
  return END.test(rest) || (mayHaveSuffix && endsBehind(rest, SUFFIX));
}
