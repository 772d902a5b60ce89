/**
 * What was opened in a YAML text and not closed, and commas that are missing between braces. The library tells the former
 * where it noticed, which may be at the end of the file, and the latter as something else. Found by its lexemes, of which
 * nothing is repeated.
 */
import type { Lexeme } from "./lex-yaml.ts";
import type { TextRange } from "./source.ts";

/** A fault of the text, and where it is to be mended. What the library says of places after it is of no use. */
export interface OpeningFault {
  readonly message: string;
  readonly range: TextRange;
}

interface Opening {
  readonly start: number;
  readonly closer: "}" | "]";
  /** A colon came since the last comma. */
  hasColon: boolean;
}

const CLOSERS: Readonly<Record<string, Opening["closer"]>> = { "{": "}", "[": "]" };
const NAMES = { "}": "brace", "]": "bracket" } as const;

/**
 * The first of them.
 * @param lexemes of a text that is no YAML
 * @param isPublic whether a key may be repeated
 */
export function findOpeningFault(
  text: string,
  lexemes: readonly Lexeme[],
  isPublic: (name: string) => boolean,
): OpeningFault | undefined {
  const open: Opening[] = [];
  let missing: OpeningFault | undefined;
  for (const [i, lexeme] of lexemes.entries()) {
    const last = open.at(-1);
    const quote = findQuoteFault(text, lexemes, i);
    if (quote !== undefined) return before(missing, quote);
    if (lexeme.kind === "cut" && last !== undefined) return before(missing, notClosed(last));
    if (lexeme.kind !== "mark") continue;
    const closer = CLOSERS[lexeme.text];
    if (closer !== undefined) open.push({ start: lexeme.start, closer, hasColon: false });
    if (last === undefined) continue;
    if (lexeme.text === "}" || lexeme.text === "]") {
      if (lexeme.text !== last.closer)
        return before(missing, wrongCloser(text, lexeme.text, lexeme.start, last));
      open.pop();
    } else if (lexeme.text === ",") {
      last.hasColon = false;
    } else if (lexeme.text === ":" && last.closer === "}") {
      if (last.hasColon) missing ??= missingComma(lexemes, i, isPublic);
      last.hasColon = true;
    }
  }
  const last = open.at(-1);
  return last === undefined ? missing : before(missing, notClosed(last));
}

/** A comma that is missing within what is not closed is more likely a consequence of that. */
function before(missing: OpeningFault | undefined, fault: OpeningFault): OpeningFault {
  return missing !== undefined && missing.range.start < fault.range.start ? missing : fault;
}

function findQuoteFault(text: string, lexemes: readonly Lexeme[], i: number): OpeningFault | undefined {
  const lexeme = lexemes[i];
  if (lexeme?.kind !== "other" || !/^["']/.test(lexeme.text)) return undefined;
  const { start } = lexeme;
  const end = start + lexeme.text.length;
  const range = { start, end: start + 1 };
  if (!isClosed(lexeme.text)) return { message: "this quote is not closed", range };
  // What follows a text in quotes at once is none of its own: the quote that ended it was to begin something.
  const next = lexemes[i + 1];
  const isCut = next?.kind === "scalar" || (next?.kind === "other" && !next.text.startsWith("#"));
  if (!isCut || !lexeme.text.includes("\n")) return undefined;
  const message = `this quote is not closed before the next one, in line ${lineOf(text, end)}`;
  return { message, range };
}

/** The lexer gives a text in quotes up to the quote that closes it, or to where there can be none. */
function isClosed(quoted: string): boolean {
  const quote = quoted.charAt(0);
  if (quoted.length === 1 || !quoted.endsWith(quote)) return false;
  if (quote === "'") return (quoted.split("'").length - 1) % 2 === 0;
  const escapes = /\\*$/.exec(quoted.slice(1, -1))?.[0].length ?? 0;
  return escapes % 2 === 0;
}

function notClosed({ start, closer }: Opening): OpeningFault {
  const message = `this ${NAMES[closer]} is not closed, or what is between ${NAMES[closer]}s is not indented`;
  return { message, range: { start, end: start + 1 } };
}

function wrongCloser(
  text: string,
  closer: "}" | "]",
  start: number,
  { start: opened, closer: wanted }: Opening,
): OpeningFault {
  const at = `${lineOf(text, opened)}:${opened - text.lastIndexOf("\n", opened - 1)}`;
  const message = `this ${NAMES[closer]} closes nothing; the ${NAMES[wanted]} of ${at} is still open`;
  return { message, range: { start, end: start + 1 } };
}

/** Before a colon that is the second one after a comma. */
function missingComma(
  lexemes: readonly Lexeme[],
  colon: number,
  isPublic: (name: string) => boolean,
): OpeningFault | undefined {
  const key = lexemes.slice(0, colon).findLast(({ kind }) => kind === "scalar" || kind === "other");
  if (key === undefined) return undefined;
  // What stands before the key without a comma is one plain text with it.
  const name = (key.kind === "scalar" && /[^ \t\r\n]*$/.exec(key.text)?.[0]) || key.text;
  const end = key.start + key.text.length;
  const what = isPublic(name) ? `"${name}"` : "this";
  const message = `a comma is missing before ${what}; a text with a colon and a space in it must be in quotes`;
  return { message, range: { start: end - name.length, end } };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
