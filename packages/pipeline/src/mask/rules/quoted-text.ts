/** Texts in quotes. */
import { isAlnum } from "../characters.ts";

const BACKSLASH = 92;

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
    // Two stand for one in SQL and in tables where the value goes on: `'it''s'`.
    const isPair = depth === 0 && text.charCodeAt(at + 1) === quote && isAlnum(text.charCodeAt(at + 2));
    if (closes && (isWithin || !isPair)) return at - Math.min(depth, backslashes);
    // With a backslash in front it is a quote of the value's, and the one behind it may close it.
    if (closes) at++;
    backslashes = 0;
  }
  return text.length;
}

/** `'\\''` and `'"'"'`, with more backslashes within further texts in quotes. */
export const SHELL_QUOTE: string = String.raw`'(?:\\{1,8}'|\\{0,8}"'\\{0,8}")'`;
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
  const length = ahead.indexOf(mark);
  if (length >= 0 && !ahead.slice(0, length).includes("\n"))
    return { from, end: from + length, mark: mark.length };
  // The rest may have been cut off, unless the quote was all there is.
  const cut = CUT_OFF.exec(ahead)?.[0];
  return cut === undefined ? undefined : { from, end: from + cut.length, mark: 0 };
}

/** Where the backslashes begin that stand right in front of the quote at `quote`. */
export function startOfEscapes(text: string, quote: number): number {
  let at = quote;
  while (at > quote - MAX_ESCAPES && text.charCodeAt(at - 1) === BACKSLASH) at--;
  return at;
}

const MAX_ESCAPES = 16;

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
