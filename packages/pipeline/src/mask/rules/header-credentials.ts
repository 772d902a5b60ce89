/** What stands behind `Authorization`: a scheme and its credentials (RFC 9110, section 11.4). */
import { isAlnum } from "../characters.ts";
import { ORDINARY } from "./ordinary-words.ts";
import type { Reach } from "./reach.ts";

const SCHEME = /^([a-z][a-z0-9-]{1,24})(?:[ +]+|[ \t]{0,4}\r?\n[ \t]{1,16})(?=[^ +\s])/i;
const LONGEST_SCHEME = 64;
/** Schemes with a token of their own, which may end in `=` and is no list. */
const ONE_TOKEN = /^(?:bearer|basic|negotiate|ntlm)$/i;
/** The first of a list of parameters: `username="..."`, `Credential=...`; a token has a `=` at its end alone. */
const PARAMETER = /^[a-z_][\w.-]{0,63}(?: ?= ?\\{0,8}["']|=[^\s=,;&"'\\])/i;
const LONGEST_PARAMETER = 80;

/** Behind the credentials, or the only word, that begin at `start`. */
export function endOfCredentials(
  text: string,
  start: number,
  endOf: (from: number) => number,
  reach: Reach,
): number {
  const match = SCHEME.exec(text.slice(start, start + LONGEST_SCHEME));
  // Other words say that there are none.
  if (match === null || ORDINARY.has((match[1] ?? "").toLowerCase())) return endOf(start);
  const from = start + match[0].length;
  const isList =
    !ONE_TOKEN.test(match[1] ?? "") && PARAMETER.test(text.slice(from, from + LONGEST_PARAMETER));
  if (!isList) return match[0].includes("\n") ? endOf(start) : endOf(from);
  if (start >= reach.line) reach.line = endOfFolded(text, from, quoteAround(text, start, from));
  return reach.line;
}

const OPENING = /(['`])[\w-]{0,24} ?[:=] ?$/;
/** The header in quotes, which nothing escapes. */
const IN_QUOTES = /(?<!\\)"[\w-]{0,24}: ?$/;
const SEEN_OF_NAME = 32;
const QUOTE = '"';

/** The quote that the header stands in as a whole; `"` may be a parameter's. */
function quoteAround(text: string, start: number, from: number): string | undefined {
  const before = text.slice(Math.max(0, start - SEEN_OF_NAME), start);
  const quote = OPENING.exec(before)?.[1] ?? (IN_QUOTES.test(before) ? QUOTE : undefined);
  if (quote === undefined) return undefined;
  const end = endOfLine(text, from, quote);
  const isOfParameter =
    /[=,] ?$/.test(text.slice(end - 2, end)) && (quote === QUOTE || isAlnum(text.charCodeAt(end + 1)));
  return isOfParameter || (quote === QUOTE && text.charAt(end) !== QUOTE) ? undefined : quote;
}

/** A line that goes on with the one in front of it (RFC 9112, section 5.2): the next parameter, or the rest of one. */
const FOLDED = /^\r?\n[ \t]{1,32}[\w.-]{1,64} ?=/;
const FOLDED_REST = /^\r?\n[ \t]{1,32}(?=[^\s:]{1,128}(?:\s|$))/;
const LONGEST_FOLD = 168;

/** The end of the line, and of those folded behind it; within a quote, where that closes. */
function endOfFolded(text: string, from: number, quote: string | undefined): number {
  let end = endOfLine(text, from, quote);
  for (;;) {
    if (quote !== undefined && text.charAt(end) === quote) return end;
    const ahead = text.slice(end, end + LONGEST_FOLD);
    const isOpen = ",;&".includes(text.charAt(end - 1) || " ");
    if (!FOLDED.test(ahead) && !(isOpen && FOLDED_REST.test(ahead))) return end;
    end = endOfLine(text, text.indexOf("\n", end) + 1, quote);
  }
}

function endOfLine(text: string, start: number, quote: string | undefined): number {
  let end = start;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    // Within double quotes a backslash escapes a parameter's.
    if (code === 92 && quote === QUOTE && text.charAt(end + 1) === QUOTE) end++;
    else if (code === 10 || code === 13 || (quote !== undefined && text.charAt(end) === quote)) break;
  }
  return end;
}
