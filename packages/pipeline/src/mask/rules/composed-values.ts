/**
 * Values that languages print with what they are made of: `('ada', 'x')`, `Token(id=5, value='x')`,
 * `Some(Token { value: "x" })`.
 */
import { isAlnum } from "../characters.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { isQuote } from "./names.ts";
import { endOfQuoted } from "./quoted-text.ts";
import { Reach } from "./reach.ts";
import { GO_LENGTH, GO_POINTER, GO_TYPE } from "./typed-values.ts";

const BACKSLASH = 92;
const COMMA = 44;
const LESS = 60;
const SPACE = 32;
const LIST = 91;

/** A type in front of the value, as Go has it: `(*string)("x")`, `(string) (len=9) "x"`, `(*string)(0xc0)((len=9) "x")`. */
const CAST: RegExp = new RegExp(
  String.raw`[&*]{0,2}(?:\(${GO_TYPE}\) ?${GO_POINTER}(?:\(?${GO_LENGTH}|\((?=["\x60]))?(?=["'\x60(\w{&]))?`,
  "y",
);
/** A type or a function: `sql.NullString`, `std::option::Option<&str>`. */
const NAME = String.raw`[A-Za-z_][\w.:]{0,63}(?:<[\w.:<>, &']{1,64}>)?`;
/** A type of Java's in front of its fields, with what is printed of its identity: `com.acme.App$Token@16c0663d[`, `Token [`. */
const JAVA_TYPE = String.raw`[A-Za-z_][\w.:$]{0,127}(?:@[0-9a-f]{1,16}\[| ?\[(?=\s{0,40}[A-Za-z_]\w{0,63}=))`;
/** `id=`, `id: ` */
const FIRST_FIELD = String.raw`\s{0,40}[A-Za-z_@]\w{0,63} ?[:=]`;
/** A message of Protobuf's as Go printed it once: `<id:5 value:"x" >`. */
const MESSAGE = String.raw`<(?=\s{0,40}(?:\w{1,64}: ?\w{1,64}\s{1,40})?\w{1,64}: ?["<\d])`;
/** What holds the parts: of a type, a call, a tuple, a message, bytes of Go's as `[]byte("x")`, or an object of Ruby's or Elixir's. */
const BRACKET: RegExp = new RegExp(
  String.raw`(?:${JAVA_TYPE}|${NAME}(?: ?\{|[([])|\(|(?:\[\d{0,9}\]){1,4}\w{1,32}\(|#<(?=[A-Z]|(?:struct|data) )|#[A-Z][\w.]{0,127}<|${MESSAGE})`,
  "y",
);
/** What SQL looks for a value in: `= ANY ('{x}'::text[])`; no query, nor a parameter. */
const LISTED = /(?:any|all|some) ?\((?=[\s(]{0,64}(?:array ?\[|\\{0,8}'))/iy;
/** Up to the quote of the first part, where that is a text: further brackets, and the names of fields. */
const FIELD_NAME = String.raw`(?:[A-Za-z_@]\w{0,31} ?[:=] ?)?`;
const UP_TO_TEXT: RegExp = new RegExp(
  String.raw`(?:\s{0,40}${FIELD_NAME}(?:${NAME} ?)?[({[]){0,3}\s{0,40}${FIELD_NAME}[bfru&]{0,2}\\{0,3}["'\x60]`,
  "y",
);
const FIELDS: RegExp = new RegExp(FIRST_FIELD, "y");
/** Parts that are no texts, which sentences in brackets do not begin with: `(5, "x")`, `(None, date(2024, 1, 1), 'x')`. */
const SCALARS =
  /(?:\s{0,40}(?:[+-]?\d[\w.]{0,39}|None|null|nil|[Tt]rue|[Ff]alse|[A-Za-z_][\w.]{0,63}\([\w\s,.=+-]{0,64}\))\s{0,40},){1,16}/y;
/** What is in front of a quote is looked at so far, at most: backslashes. */
const LOOKBEHIND = 20;
/** One that begins with neither a text, a type with a capital nor a field is looked at so far. */
const LONGEST = 512;
/** Any other ends within so much, or with the lines that are indented below its own. */
const LONGEST_OPEN = 2_048;
/** In sentences, only what has a capital is taken for a type with fields. */
const TYPE = /(?:^|[.:&*])[A-Z]/;
/** More of a value in which the brackets are its own. */
const REST = /[^\s"'`,;&)\]}>|]{0,64}/y;

interface Composed {
  readonly start: number;
  readonly kind: KeyKind;
  /** `name: value`, as sentences have it too. */
  readonly isPlain: boolean;
}

/** Looks at the value that begins at `start`: all of it goes, for nobody knows which part is the secret. False when it is none. */
export function findComposed(text: string, value: Composed, reach: Reach, found: Spans): boolean {
  const { start, kind } = value;
  if (start < reach.composed) return true;
  const at = endOfMatch(CAST, text, start);
  const isCast = at > start && isQuote(text.charCodeAt(at));
  const form = !value.isPlain && endOfMatch(LISTED, text, at) >= 0 ? LISTED : BRACKET;
  const from = isCast ? at : endOfMatch(form, text, at);
  if (from < 0) return false;
  const end = isCast ? endOfCast(text, at, reach) : endOfParts(text, value, from, reach);
  if (end < 0) return false;
  reach.composed = end;
  found.add(start, end, kind);
  return true;
}

function endOfMatch(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.exec(text) === null ? -1 : form.lastIndex;
}

/** Behind the text whose quote stands at `opening`, and the bracket around it. */
function endOfCast(text: string, opening: number, reach: Reach): number {
  const end = endOfText(text, opening, reach);
  const isEnclosed = IN_BRACKET.test(text.slice(Math.max(0, opening - LONGEST_LENGTH), opening));
  return isEnclosed && text.charAt(end) === ")" ? end + 1 : end;
}

const IN_BRACKET: RegExp = new RegExp(String.raw`\(${GO_LENGTH}?$`);
const LONGEST_LENGTH = 40;

/** Behind the bracket that closes the one in front of `from`; -1 when this is no value but a part of a sentence or an expression. */
function endOfParts(text: string, value: Composed, from: number, reach: Reach): number {
  const { start, isPlain } = value;
  if (isSaid(text, value, from)) return -1;
  const behindScalars = Math.max(from, endOfMatch(SCALARS, text, from));
  if (endOfMatch(UP_TO_TEXT, text, from) >= 0 || endOfMatch(UP_TO_TEXT, text, behindScalars) >= 0) {
    const parts = readPartsWithin(text, from, from + LONGEST_OPEN, reach);
    return parts.isClosed ? parts.end : endOfBlock(text, start);
  }
  const isTuple = from === start + 1 && text.charCodeAt(start) !== LESS;
  if (isTuple && isPlain) return -1;
  const isCapital = TYPE.test(text.slice(start, from));
  const hasFields = !isTuple && endOfMatch(FIELDS, text, from) >= 0;
  const longest = isCapital || hasFields ? LONGEST_OPEN : LONGEST;
  const parts = readPartsWithin(text, from, from + longest, reach);
  const isType = parts.hasField && isCapital;
  if (!parts.isClosed) {
    const isCut = isPlain ? isCapital && hasFields : hasFields || (parts.hasText && isType);
    return isCut ? endOfBlock(text, start) : -1;
  }
  if (parts.hasText) return parts.end;
  const areSeveral = parts.hasComma || (isType && (parts.hasLine || (!isPlain && isSpaced(text, from))));
  if (!areSeveral || (isPlain && !isType)) return -1;
  return isPlain ? parts.end : endOfMatch(REST, text, parts.end);
}

/** A word that sentences do not begin with, or one for a secret. */
const NAMES_TYPE =
  /[a-z\d][A-Z]|[.:$]|^(?:Auth|Cookie|Credentials?|Jwt|Key|Password|Secret|Session|Tokens?)$/;

/** `Failed [code=5, user=bob]`: a word that is said of the secret, and no type. */
function isSaid(text: string, { start, isPlain }: Composed, from: number): boolean {
  if (!isSpaced(text, from)) return false;
  const name = text.slice(start, from - 2);
  return !TYPE.test(name) || (isPlain && !NAMES_TYPE.test(name));
}

function isSpaced(text: string, from: number): boolean {
  return text.charCodeAt(from - 2) === SPACE && text.charCodeAt(from - 1) === LIST;
}

const INDENT = /[ \t]*/y;

/** In front of the first line behind `start` that is indented no more than its own: what has no end is no longer than that. */
function endOfBlock(text: string, start: number): number {
  const indent = (from: number): number => endOfMatch(INDENT, text, from) - from;
  const own = indent(text.lastIndexOf("\n", start) + 1);
  let end = text.indexOf("\n", start);
  while (end >= 0 && indent(end + 1) > own) end = text.indexOf("\n", end + 1);
  return end < 0 ? text.length : end;
}

interface Parts {
  /** Behind the closing bracket, or the limit where there is none. */
  readonly end: number;
  readonly isClosed: boolean;
  readonly hasText: boolean;
  readonly hasComma: boolean;
  /** There are several lines. */
  readonly hasLine: boolean;
  readonly hasField: boolean;
}

/** Nothing behind the limit is looked at: a quote that nothing closes would be followed to the end of the text. */
function readPartsWithin(text: string, from: number, limit: number, reach: Reach): Parts {
  const base = Math.max(0, from - LOOKBEHIND);
  const near = text.slice(base, limit);
  const inner = new Reach();
  const parts = readParts(near, from - base, near.length, inner);
  for (const closing of inner.closings) if (closing < parts.end) reach.closings.add(base + closing);
  return { ...parts, end: base + parts.end };
}

function readParts(text: string, from: number, limit: number, reach: Reach): Parts {
  const closesAngle = text.charCodeAt(from - 1) === LESS;
  let depth = 1;
  let hasText = false;
  let hasComma = false;
  let hasLine = false;
  let hasField = false;
  for (let at = from; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (isQuote(code) && isOpening(text, at)) {
      hasText = true;
      at = endOfText(text, at, reach) - 1;
    } else if (isOpeningBracket(code) || (closesAngle && code === LESS)) {
      depth++;
    } else if (isClosingBracket(code) || (closesAngle && code === 62 && !isArrow(text, at))) {
      if (--depth === 0) return { end: at + 1, isClosed: true, hasText, hasComma, hasLine, hasField };
    } else if (code === COMMA) {
      hasComma = true;
    } else if (code === 10) {
      hasLine = true;
    } else if (code === 58 || code === 61) {
      hasField = true;
    }
  }
  return { end: limit, isClosed: false, hasText, hasComma, hasLine, hasField };
}

/** True for a quote that is no apostrophe within a word; `b'...'` and the like begin texts. */
function isOpening(text: string, at: number): boolean {
  return (
    !isAlnum(text.charCodeAt(at - 1)) ||
    /(?:^|[^A-Za-z0-9])[bfruL]{1,2}$/.test(text.slice(Math.max(0, at - 3), at))
  );
}

/** Behind the text whose quote stands at `opening`. */
function endOfText(text: string, opening: number, reach: Reach): number {
  let depth = 0;
  while (depth < 16 && text.charCodeAt(opening - 1 - depth) === BACKSLASH) depth++;
  const end = endOfQuoted(text, opening, depth);
  reach.closings.add(end);
  return Math.min(text.length, end + depth + 1);
}

function isOpeningBracket(code: number): boolean {
  return code === 40 || code === 91 || code === 123;
}

function isClosingBracket(code: number): boolean {
  return code === 41 || code === 93 || code === 125;
}

/** `->`, `=>` */
function isArrow(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  return before === 45 || before === 61;
}
