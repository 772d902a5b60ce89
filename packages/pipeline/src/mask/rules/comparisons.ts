/** Secrets that something is compared with, in statements and programs: `token IN ('x1', 'x2')`, `password <> 'x'`. */
import { REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { ORDINARY } from "./ordinary-words.ts";
import { closesText, endOfQuoted, readShellText, startOfEscapes } from "./quoted-text.ts";
import type { Reach } from "./reach.ts";

const SPACE = 32;
const EQUALS = 61;
const COMPARED =
  /(?<![\w.-])([\w.-]{1,64})["'`\])]{0,2}(?:\s{1,4}(?:not )?(?:in ?\( ?|[ir]?like |eq |ne )|\s{0,4}(?:<>|[!=]==?) ?)$/i;
const LONGEST = 96;
const NEXT = /\\{0,8}["'],\s{0,8}(?=\\{0,8}["'])/y;
const ALNUM = /[a-z0-9]/i;
const DIGIT = /\d/;

/** True for a quote behind what may compare, by its last characters: `<>`, `!=`, `==`, `IN (`, `LIKE`, `eq`. */
export function followsComparison(text: string, quote: number): boolean {
  const start = startOfEscapes(text, quote);
  const isSpaced = text.charCodeAt(start - 1) === SPACE;
  const last = isSpaced ? start - 2 : start - 1;
  const before = text.charCodeAt(last - 1);
  switch (text.charCodeAt(last)) {
    case EQUALS:
      return before === EQUALS || before === 33;
    case 62: // >
      return before === 60;
    case 40: // (
      return ((before === SPACE ? text.charCodeAt(last - 2) : before) | 32) === 110;
    case 69: // LIKE, ne
    case 101:
      return isSpaced && ((before | 32) === 107 || (before | 32) === 110);
    case 81: // eq
    case 113:
      return isSpaced && (before | 32) === 101;
    default:
      return false;
  }
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
  const start = startOfEscapes(text, quote);
  const name = COMPARED.exec(text.slice(Math.max(0, start - LONGEST), start))?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (kind === undefined) return;
  const shell = readShellText(text, quote);
  if (shell !== undefined) {
    const isMasked = text.slice(shell.from, shell.end) === REDACTED;
    if (shell.end > shell.from && !isMasked) found.add(shell.from, shell.end, kind);
    return;
  }
  if (closesText(text, quote)) return;
  for (let opening = quote; ; ) {
    const depth = opening - startOfEscapes(text, opening);
    const end = endOfQuoted(text, opening, depth);
    const value = text.slice(opening + 1, end);
    if (value.includes("\n")) return;
    const isWord = kind !== "passwords" || ORDINARY.has(value.toLowerCase()) || !ALNUM.test(value);
    if (value === REDACTED || !isWord || DIGIT.test(value)) {
      // Its end is no beginning of another text; where nothing was found it may be.
      reach.closings.add(end + depth);
      if (value !== REDACTED) found.add(opening + 1, end, kind);
    }
    NEXT.lastIndex = end;
    if (NEXT.exec(text) === null) return;
    opening = NEXT.lastIndex;
    while (text.charCodeAt(opening) === 92) opening++;
  }
}
