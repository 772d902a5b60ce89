/**
 * Names and values within a text: `password=...` in a query or form, `"token": "..."` in JSON that does not parse or
 * is quoted in a sentence, `Authorization: Bearer ...` and `Cookie: ...` in a dump of headers.
 */
import { classOf, LETTER } from "../characters.ts";
import { type KeyKind, VALUE } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { kindOfTag } from "./forms.ts";
import { endsName, isNamePart, isQuote, type NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";
import { findValue } from "./values.ts";

const MAX_NAME = 64;
const MAX_GAP = 3;
/** Between a name and its sign: quotes, spaces, an index. */
const MAX_NAME_GAP = 16;

const EQUALS = 61;
const COLON = 58;
const BACKSLASH = 92;
const SEMICOLON = 59;

/** Looks at the assignment whose `=` or `:` stands at `at`. */
export function findAssigned(text: string, at: number, names: NameRules, reach: Reach, found: Spans): void {
  const nameEnd = endOfName(text, at);
  if (!endsName(text, nameEnd, names.endings)) return;
  const nameStart = startOfName(text, nameEnd);
  const name = text.slice(nameStart, nameEnd);
  const isQuoted =
    nameEnd < at && (isQuote(text.charCodeAt(nameEnd)) || text.charCodeAt(nameEnd) === BACKSLASH);
  const kind = kindOf(text, nameStart, nameEnd === at && text.charCodeAt(at) === EQUALS, name, names);
  if (kind === undefined) return;
  const start = startOfValue(text, at);
  if (start < 0) return;
  const isPlain = text.charCodeAt(at) === COLON && !isQuoted;
  const isField = text.charCodeAt(nameStart - 1) === SEMICOLON && !isPlain;
  const isQuery = isOfQuery(text, nameStart);
  findValue(text, { start, kind, name, isPlain, isField, isQuery }, reach, found);
}

function kindOf(
  text: string,
  nameStart: number,
  isAssigned: boolean,
  name: string,
  names: NameRules,
): KeyKind | undefined {
  if (name.toLowerCase() === VALUE) return kindOfNeighbour(text, nameStart, names);
  const kind = isAssigned ? kindOfAssigned(text, nameStart, name, names) : names.kindOfName(name);
  if (kind !== undefined || !KEY.test(name)) return kind;
  // `API key: ...`, as it is written for people.
  const before = WORD_BEFORE.exec(text.slice(Math.max(0, nameStart - MAX_WORD_BEFORE), nameStart))?.[0];
  return before === undefined ? undefined : names.kindOfName(before + name);
}

const KEY = /^key$/i;
const WORD_BEFORE = /[a-z]{3,14} $/i;
const MAX_WORD_BEFORE = 15;

/** In front of a `=` more names stand for a secret, some of them in a query alone. */
function kindOfAssigned(
  text: string,
  nameStart: number,
  name: string,
  names: NameRules,
): KeyKind | undefined {
  switch (name.toLowerCase()) {
    case "pass":
      // `pass=3 fail=1` counts something.
      return /[?&#;]/.test(text.charAt(nameStart - 1)) ? names.kindOfAssigned(name) : undefined;
    case "signature":
      return isOfQuery(text, nameStart) && SIGNED.test(around(text, nameStart))
        ? names.kindOfAssigned(name)
        : undefined;
    default:
      return SIGNATURE.test(name) ? names.kindOfName(name) : names.kindOfAssigned(name);
  }
}

const SIGNATURE = /signature$/i;
/** What stands beside the signature of an address that somebody may use who has it. */
const SIGNED = /[?&](?:Key-Pair-Id|AWSAccessKeyId|GoogleAccessId|Expires|Policy)=/i;
const SEEN_OF_ADDRESS = 640;

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - SEEN_OF_ADDRESS), at + SEEN_OF_ADDRESS);
}

/** True when a name stands behind `?` or `&`. */
function isOfQuery(text: string, nameStart: number): boolean {
  const before = text.charCodeAt(nameStart - 1);
  return before === 63 || before === 38;
}

const NEIGHBOUR =
  /["'](?:name|key|header|field|param|parameter)\\{0,8}["']\s{0,4}:\s{0,4}\\{0,8}["']([\w.-]{1,64})\\{0,8}["']\s{0,4},\s{0,4}\\{0,8}["']$/i;
const NEIGHBOUR_LENGTH = 160;

/** What the name in front stands for: `"name": "password", "value": ...`. */
function kindOfNeighbour(text: string, nameStart: number, names: NameRules): KeyKind | undefined {
  const name = NEIGHBOUR.exec(text.slice(Math.max(0, nameStart - NEIGHBOUR_LENGTH), nameStart))?.[1];
  return name === undefined ? kindOfTag(text, nameStart, names) : names.kindOfName(name);
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

/** Where the value begins; -1 when this is no assignment: `::`, `==`, `://`. */
function startOfValue(text: string, at: number): number {
  let start = at + 1;
  const next = text.charCodeAt(start);
  if (next === EQUALS || next === COLON) return -1;
  if (next === 62 && text.charCodeAt(at) === EQUALS) start++;
  let limit = at + MAX_GAP;
  // PHP prints a value in a line of its own.
  if (next === 62 && text.charCodeAt(start) === 10) limit = ++start + MAX_GAP;
  while (start <= limit && isBlank(text.charCodeAt(start))) start++;
  if (text.startsWith("//", start) || start >= text.length) return -1;
  return start;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 43;
}
