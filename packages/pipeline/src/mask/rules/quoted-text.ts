/** Texts in quotes. */
import { isAlnum } from "../characters.ts";

const BACKSLASH = 92;
const QUOTE = 34;
const APOSTROPHE = 39;
const MAX_ESCAPES = 16;

/** In front of a literal of SQL: `N'...'`, `E'...'`, `U&'...'`, `_utf8mb4'...'`. */
export const LITERAL_PREFIX: string = String.raw`(?:[NEBXQ]|U&|_\w{1,16} ?)`;

const PREFIXED: RegExp = new RegExp(String.raw`(?<!\w)${LITERAL_PREFIX}$`, "i");
const LONGEST_PREFIX = 20;
const AMPERSAND = 38;

/** The length of what begins a literal in front of its quote at `start`, or the backslashes before it. */
export function lengthOfLiteralPrefix(text: string, start: number): number {
  const code = text.charCodeAt(start - 1);
  if (!isAlnum(code) && code !== AMPERSAND) return 0;
  return PREFIXED.exec(text.slice(Math.max(0, start - LONGEST_PREFIX), start))?.[0].length ?? 0;
}

/** In front of the closing quote, and of the backslashes that stand before it, as many as before the opening one. */
export function endOfQuoted(text: string, opening: number, depth: number): number {
  const quote = text.charCodeAt(opening);
  const isWithin = isDoubled(text, opening);
  let backslashes = 0;
  for (let at = isWithin ? opening + 2 : opening + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== quote) {
      backslashes = code === BACKSLASH ? backslashes + 1 : 0;
      continue;
    }
    const closes = depth === 0 ? backslashes % 2 === 0 : backslashes <= depth;
    const own = closes && depth === 0 ? lengthOfOwn(text, at, isWithin) : 0;
    if (closes && own === 0) return at - Math.min(depth, backslashes);
    // With a backslash in front it is a quote of the value's, and the one behind it may close it.
    if (closes) at += own - 1;
    backslashes = 0;
  }
  return text.length;
}

/** How many characters from `at` on stand for a quote of the value's; 0 when the quote there closes it. */
function lengthOfOwn(text: string, at: number, isWithin: boolean): number {
  const quote = text.charCodeAt(at);
  // Two stand for one in SQL and in tables where the value goes on, `'it''s'`, and four within another text.
  const pair = isWithin ? 4 : 2;
  let count = 1;
  while (count <= pair && text.charCodeAt(at + count) === quote) count++;
  if (count === pair && isAlnum(text.charCodeAt(at + pair))) return pair;
  return quote === APOSTROPHE && !isWithin ? lengthOfJoint(text, at, "'") : 0;
}

/**
 * The length of what a shell has for a quote of the value's, where `mark` stands around the value: it ends, has the
 * quote alone, and goes on, `'it'\''s'` and `'it'"'"'s'`. 0 when the mark at `at` is the value's end.
 */
function lengthOfJoint(text: string, at: number, mark: string): number {
  const behind = at + mark.length;
  const escaped = skipBackslashes(text, behind);
  if (escaped > behind && text.startsWith(mark + mark, escaped)) return escaped + 2 * mark.length - at;
  if (text.charCodeAt(escaped) !== QUOTE || !text.startsWith(mark, escaped + 1)) return 0;
  const second = skipBackslashes(text, escaped + 1 + mark.length);
  if (text.charCodeAt(second) !== QUOTE || !text.startsWith(mark, second + 1)) return 0;
  return second + 1 + mark.length - at;
}

function skipBackslashes(text: string, from: number): number {
  let at = from;
  while (at < from + MAX_ESCAPES && text.charCodeAt(at) === BACKSLASH) at++;
  return at;
}

const ESCAPED = String.raw`'\\{1,8}''`;
const QUOTED_AGAIN = ESCAPED.replaceAll("'", ESCAPED);
/** Two of the quotes in `'"'"'`. */
const TURN = String.raw`(?:\\{0,8}"'\\{0,8}"')`;
/**
 * `'\\''` and `'"'"'`, with more backslashes within further texts in quotes. Where the text that they stand in is quoted
 * again, as a command for another machine is, each of their single quotes becomes such a one itself.
 */
export const SHELL_QUOTE: string = `(?:${QUOTED_AGAIN.replaceAll("'", ESCAPED)}|${QUOTED_AGAIN}|${ESCAPED}|'(?:${TURN}{13}|${TURN}{4}|${TURN}))`;
const SHELL_MARK: RegExp = new RegExp(SHELL_QUOTE, "y");
const LONGEST_SHELL_TEXT = 512;
const CUT_OFF = /^[^\s"',:;)\]}|&][^\s"']*/;

/** A text and the quotes around it. */
export interface ShellText {
  readonly from: number;
  readonly end: number;
  /** How long the quote behind it is. */
  readonly mark: number;
}

/** The text that would begin at `at` with a quote as a shell has it within single quotes; it ends in its line. */
export function readShellText(text: string, at: number): ShellText | undefined {
  SHELL_MARK.lastIndex = at;
  const mark = SHELL_MARK.exec(text)?.[0];
  if (mark === undefined) return undefined;
  const from = at + mark.length;
  const ahead = text.slice(from, from + LONGEST_SHELL_TEXT);
  const length = lengthUpTo(ahead, mark);
  if (length >= 0 && !ahead.slice(0, length).includes("\n"))
    return { from, end: from + length, mark: mark.length };
  // The rest may have been cut off, unless the quote was all there is.
  const cut = CUT_OFF.exec(ahead)?.[0];
  return cut === undefined ? undefined : { from, end: from + cut.length, mark: 0 };
}

/** How much stands in front of the mark that ends the text; -1 when there is none. */
function lengthUpTo(ahead: string, mark: string): number {
  let at = ahead.indexOf(mark);
  while (at >= 0) {
    const joint = lengthOfJoint(ahead, at, mark);
    if (joint === 0) break;
    at = ahead.indexOf(mark, at + joint);
  }
  return at;
}

/** A quote that closes something: the next one behind a text that was cut off in its line opens another. */
const CLOSING = /^\\{0,16}["'`](?:$|[\s,;)\]}|&])/;
const LONGEST_CLOSING = 20;

/** Where the text ends that opens with the quote at `opening`, a shell's or any other; -1 when nothing closes it. */
export function endOfOpened(text: string, opening: number): number {
  const shell = readShellText(text, opening);
  if (shell !== undefined) return shell.mark > 0 ? shell.end : -1;
  const from = startOfEscapes(text, opening);
  const ahead = text.slice(from, opening + LONGEST_SHELL_TEXT);
  const end = endOfQuoted(ahead, opening - from, opening - from);
  const isCut = ahead.slice(0, end).includes("\n") && !CLOSING.test(ahead.slice(end, end + LONGEST_CLOSING));
  return end >= ahead.length || isCut ? -1 : from + end;
}

/** Where the backslashes begin that stand right in front of the quote at `quote`. */
export function startOfEscapes(text: string, quote: number): number {
  let at = quote;
  while (at > quote - MAX_ESCAPES && text.charCodeAt(at - 1) === BACKSLASH) at--;
  return at;
}

/** True for `""x""`, as a table has it that holds texts with quotes of their own. */
export function isDoubled(text: string, opening: number): boolean {
  return text.charCodeAt(opening + 1) === text.charCodeAt(opening) && isAlnum(text.charCodeAt(opening + 2));
}

/** So far in front of a quote its line is looked at. */
const LINE = 512;
const ALNUM = /[a-z0-9]/i;

/** Whether a quote is the end of a text (`"... token != " + t`): the second, or another even one, of its line. */
export function closesText(text: string, quote: number): boolean {
  const start = startOfEscapes(text, quote);
  const sign = text.charAt(quote);
  const near = text.slice(Math.max(0, start - LINE), start);
  const line = near.slice(near.lastIndexOf("\n") + 1);
  let isOpen = false;
  for (let at = line.indexOf(sign); at >= 0; at = line.indexOf(sign, at + 1)) {
    const isApostrophe = sign === "'" && ALNUM.test(line.charAt(at - 1)) && ALNUM.test(line.charAt(at + 1));
    if (!isApostrophe && at - startOfEscapes(line, at) === quote - start) isOpen = !isOpen;
  }
  return isOpen;
}
