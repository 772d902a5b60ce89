/**
 * Names and values within a text: `password=...` in a query or form, `"token": "..."` in JSON that does not parse or
 * is quoted in a sentence, `Authorization: Bearer ...` and `Cookie: ...` in a dump of headers.
 */
import { classOf, LETTER } from "../characters.ts";
import { type KeyKind, VALUE } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { kindOfTag } from "./forms.ts";
import { endsName, isNamePart, isQuote, type NameRules } from "./names.ts";
import { findValue } from "./values.ts";

const MAX_NAME = 64;
const MAX_GAP = 3;
/** Between a name and its sign: quotes, spaces, an index. */
const MAX_NAME_GAP = 16;

const EQUALS = 61;
const COLON = 58;
const BACKSLASH = 92;
const SEMICOLON = 59;

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
  const isQuoted =
    nameEnd < at && (isQuote(text.charCodeAt(nameEnd)) || text.charCodeAt(nameEnd) === BACKSLASH);
  const kind = kindOf(text, nameStart, nameEnd === at && text.charCodeAt(at) === EQUALS, name, names);
  if (kind === undefined) return at;
  const start = startOfValue(text, at);
  if (start < 0) return at;
  const isPlain = text.charCodeAt(at) === COLON && !isQuoted;
  const isField = text.charCodeAt(nameStart - 1) === SEMICOLON && !isPlain;
  return findValue(text, { start, kind, name, isPlain, isField }, found);
}

function kindOf(
  text: string,
  nameStart: number,
  isAssigned: boolean,
  name: string,
  names: NameRules,
): KeyKind | undefined {
  if (name.toLowerCase() === VALUE) return kindOfNeighbour(text, nameStart, names);
  if (!isAssigned) return names.kindOfName(name);
  // `pass=3 fail=1` counts something; a query's `pass` is a password.
  const isCount = name.toLowerCase() === "pass" && !/[?&#;]/.test(text.charAt(nameStart - 1));
  return isCount ? undefined : names.kindOfAssigned(name);
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
  while (start <= at + MAX_GAP && isBlank(text.charCodeAt(start))) start++;
  if (text.startsWith("//", start) || start >= text.length) return -1;
  return start;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 43;
}
