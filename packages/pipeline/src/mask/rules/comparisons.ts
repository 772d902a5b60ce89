/**
 * Secrets that something is compared with, in statements and programs: `token IN ('x1', 'x2')`, `password <> 'x'`, and
 * as databases print them: `((users.token)::text = ANY ('{x1,x2}'::text[]))`.
 */

import { REDACTED } from "../categories.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { isFilteredWhole, ORDINARY } from "./ordinary-words.ts";
import {
  closesText,
  endOfQuoted,
  isDoubled,
  LITERAL_PREFIX,
  lengthOfLiteralPrefix,
  readShellText,
  startOfEscapes,
} from "./quoted-text.ts";
import type { Reach } from "./reach.ts";

const EQUALS = 61;
const GREATER = 62;
const OPENING = 40;
const CLOSING = 41;
const LIST = 91;

/** As Postgres says of what type something is. */
const TYPE = String.raw`::[a-z_]\w{0,31}(?: varying)?(?:\(\d{1,6}\))?(?:\[\])?`;
/** What is made of a secret before it is compared: what stands within their brackets is the secret. */
const FUNCTIONS =
  "lower upper trim ltrim rtrim binary md5 sha sha1 sha2 sha256 sha512 hex unhex crypt encode digest cast convert concat any all some array";
const FUNCTION = `(?:${FUNCTIONS.replaceAll(" ", "|")})`;
/** In front of the quote: brackets, MySQL's `BINARY`, what a literal begins with. */
const UP_TO_QUOTE = String.raw`(?:(?:${FUNCTION}\s?)?[([]\s{0,8}){0,3}(?:binary\s{1,4})?${LITERAL_PREFIX}?`;
/** A name in front of a `=` is an assignment's, unless brackets or a type stand between. */
const OPERATOR = [
  String.raw`\s{1,64}(?:not\s{1,8})?(?:in\s{0,64}\(\s{0,64}|[ir]?like\s{1,8}|eq |ne )`,
  String.raw`\s{0,4}(?:<>|&lt;&gt;|[!=]==?|!?~~\*?)\s{0,4}`,
  String.raw`(?<=\)|::[\w ]{1,32}|\])\s{0,4}=\s{0,4}`,
].join("|");
const COMPARED: RegExp = new RegExp(
  String.raw`(?<![\w.-])([\w.-]{1,64})(?:\\{0,8}["'\x60\])]|${TYPE}){0,6}(?:${OPERATOR})${UP_TO_QUOTE}$`,
  "i",
);
const LONGEST = 224;
const NEXT: RegExp = new RegExp(
  String.raw`\\{0,8}["']{1,2}(?:${TYPE})?\s{0,8},\s{0,64}${LITERAL_PREFIX}?(?=\\{0,8}["'])`,
  "iy",
);
const ALNUM = /[a-z0-9]/i;
const DIGIT = /\d/;

const MAX_BLANKS = 64;
const MAX_TYPE = 48;

/** True for a quote behind what may compare, by what stands in front of it: `<>`, `!=`, `==`, `IN (`, `LIKE`, `eq`. */
export function followsComparison(text: string, quote: number): boolean {
  const start = startOfEscapes(text, quote);
  const end = skipBlanks(text, start - lengthOfLiteralPrefix(text, start));
  const before = text.charCodeAt(end - 2);
  switch (text.charCodeAt(end - 1)) {
    case EQUALS:
      return before === EQUALS || before === 33 || mayBeConverted(text, end - 1);
    case GREATER:
      return before === 60;
    case 59: // `&lt;&gt;`
      return text.startsWith("&lt;&gt", end - 8);
    case 126: // ~
      return before === 126;
    case 42: // *
      return before === 126;
    case 40: // (
    case 91: // [
      return isCalled(text, end - 1);
    case 69: // LIKE, ne
    case 101:
      return end < start && ((before | 32) === 107 || (before | 32) === 110);
    case 81: // eq
    case 113:
      return end < start && (before | 32) === 101;
    case 89: // BINARY
    case 121:
      return end < start && (before | 32) === 114;
    default:
      return false;
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at > from - MAX_BLANKS && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13;
}

/** True when brackets or a type may stand between a name and the `=` at `at`. */
function mayBeConverted(text: string, at: number): boolean {
  const end = skipBlanks(text, at);
  return text.charCodeAt(end - 1) === CLOSING || text.slice(Math.max(0, end - MAX_TYPE), end).includes("::");
}

const CALLED: ReadonlySet<string> = new Set(`in ${FUNCTIONS}`.split(" "));
const LONGEST_CALLED = 8;
/** `IN (` and those of functions. */
const MOST_BRACKETS = 4;
/** `=`, `<>`, `~`, `~*`, `&lt;&gt;` */
const ENDS_OF_OPERATORS = "=>~*;";

/** True for a bracket behind `IN` or a function, and for one behind others that may stand behind an operator. */
function isCalled(text: string, bracket: number): boolean {
  let end = bracket + 1;
  let brackets = 0;
  for (; brackets < MOST_BRACKETS && isOpening(text.charCodeAt(end - 1)); brackets++)
    end = skipBlanks(text, end - 1);
  if (brackets > 1 && ENDS_OF_OPERATORS.includes(text.charAt(end - 1))) return true;
  let start = end;
  while (start >= end - LONGEST_CALLED && /\w/.test(text.charAt(start - 1))) start--;
  return CALLED.has(text.slice(start, end).toLowerCase());
}

function isOpening(code: number): boolean {
  return code === OPENING || code === LIST;
}

/** Looks at the texts the first of which begins with the quote at `quote`. Only what has a digit in it is a secret, and no word that says something of a password. */
export function findCompared(
  text: string,
  quote: number,
  names: NameRules,
  reach: Reach,
  found: Spans,
): void {
  if (reach.closings.has(quote)) return;
  const kind = kindOfCompared(text, startOfEscapes(text, quote), names);
  if (kind === undefined) return;
  const shell = readShellText(text, quote);
  if (shell !== undefined) {
    const isMasked = text.slice(shell.from, shell.end) === REDACTED;
    if (shell.end > shell.from && !isMasked) found.add(shell.from, shell.end, kind);
    return;
  }
  if (!isDoubled(text, quote) && closesText(text, quote)) return;
  for (let opening = quote; ; ) {
    const depth = opening - startOfEscapes(text, opening);
    const from = isDoubled(text, opening) ? opening + 2 : opening + 1;
    const end = endOfQuoted(text, opening, depth);
    const value = text.slice(from, end);
    if (value.includes("\n")) return;
    const isSecret = isSecretText(value, kind);
    if (value === REDACTED || isSecret) {
      // Its end is no beginning of another text; where nothing was found it may be.
      reach.closings.add(end + depth);
      if (isSecret) found.add(from, end, kind);
    }
    NEXT.lastIndex = end;
    if (NEXT.exec(text) === null) return;
    opening = NEXT.lastIndex;
    while (text.charCodeAt(opening) === 92) opening++;
  }
}

/** What the name stands for that is compared with what begins at `start`. */
function kindOfCompared(text: string, start: number, names: NameRules): KeyKind | undefined {
  const name = COMPARED.exec(text.slice(Math.max(0, start - LONGEST), start))?.[1];
  return name === undefined ? undefined : names.kindOfName(name);
}

function isSecretText(value: string, kind: KeyKind): boolean {
  if (value === REDACTED || isFilteredWhole(value)) return false;
  const isWord = kind !== "passwords" || ORDINARY.has(value.toLowerCase()) || !ALNUM.test(value);
  return !isWord || DIGIT.test(value);
}

/** A quote as an attribute of XML or HTML has it. */
const ENTITY = /&(?:quot|apos|#0{0,3}3[49]|#x0{0,2}2[27]);/iy;
const LONGEST_VALUE = 512;

/** Looks at the text that would begin with the reference at `at`: `message="token == &quot;x1&quot;"`. */
export function findComparedInAttribute(text: string, at: number, names: NameRules, found: Spans): void {
  ENTITY.lastIndex = at;
  const mark = ENTITY.exec(text)?.[0];
  if (mark === undefined || !followsComparison(text, at)) return;
  const kind = kindOfCompared(text, at, names);
  if (kind === undefined) return;
  const from = at + mark.length;
  const length = text.slice(from, from + LONGEST_VALUE).indexOf(mark);
  const value = text.slice(from, from + length);
  if (length > 0 && !/["'<\n]/.test(value) && isSecretText(value, kind)) found.add(from, from + length, kind);
}
