/** Values behind the name of a secret, each as far as it goes. */
import { type FindingKind, REDACTED } from "../categories.ts";
import { classOf } from "../characters.ts";
import type { Spans } from "../spans.ts";
import { endOfBare, endOfNamed } from "./bare-values.ts";
import { findBlock, lengthOfProperty } from "./blocks.ts";
import { findInBrackets, findInQuotes } from "./enclosed-values.ts";
import { isFiltered, isOrdinary, type Said } from "./ordinary-words.ts";
import { isPlaceholder } from "./placeholders.ts";
import type { Reach } from "./reach.ts";

const MAX_NAME = 64;

export interface Assigned extends Said {
  readonly name: string;
  /** A field of a connection string, which ends at a semicolon and nowhere else. */
  readonly isField: boolean;
  /** A field of a query, which ends at an ampersand. */
  readonly isQuery: boolean;
}

/** Looks at a value in the form that it has. */
export function findValue(text: string, assigned: Assigned, reach: Reach, found: Spans): void {
  const { start, kind } = assigned;
  // Where a value ends with a name and a sign, the quote behind them is its own.
  if (reach.closings.has(start)) return;
  if (text.startsWith(REDACTED, start)) {
    findRest(text, start + REDACTED.length, kind, reach, found);
    return;
  }
  if (isFiltered(text, start) || isPlaceholder(text, assigned) || findBlock(text, start, kind, reach, found))
    return;
  const property = assigned.isPlain ? lengthOfProperty(text, start) : 0;
  if (property > 0) {
    // It may be the value itself.
    found.add(start, start + property, kind);
    findValue(text, { ...assigned, start: start + property, isPlain: false }, reach, found);
    return;
  }
  if (findInQuotes(text, assigned, reach, found) || findInBrackets(text, assigned, reach, found)) return;
  const end = endOfNamed(text, assigned, reach);
  // What is no secret by its name may be one by what it is itself.
  if (end <= start || isOrdinary(text, end, assigned)) return;
  found.add(start, kind === "passwords" ? endOfPhrase(text, start, end, assigned.isField) : end, kind);
}

const PLAIN_WORD = /^[A-Z]?[a-z]+$/;
const NEXT_WORD = /^ {1,2}[A-Za-z]{1,32}(?=$|[\s;&,"'`.!?)\]}])/;
const MAX_WORDS = 12;
const FIELD = /^[^\n\r;="'<>]{0,128}(?=;|$|["'])/;

/**
 * Behind a password of several words. Where the first is a plain word, all plain words behind it are taken: what is a
 * sentence's goes with them, as nobody can tell. A field of a connection string goes up to its semicolon.
 */
function endOfPhrase(text: string, start: number, wordEnd: number, isField: boolean): number {
  if (isField) {
    const field = FIELD.exec(text.slice(wordEnd, wordEnd + MAX_FIELD));
    if (field !== null) return wordEnd + field[0].trimEnd().length;
  }
  if (!PLAIN_WORD.test(text.slice(start, Math.min(wordEnd, start + MAX_NAME)))) return wordEnd;
  let end = wordEnd;
  for (let count = 1; count < MAX_WORDS; count++) {
    const next = NEXT_WORD.exec(text.slice(end, end + MAX_NEXT));
    if (next === null) break;
    end += next[0].length;
  }
  return end;
}

const MAX_FIELD = 130;
const MAX_NEXT = 40;

/** What follows the mark without a gap is a rest of the value. */
function findRest(text: string, behind: number, kind: FindingKind, reach: Reach, found: Spans): void {
  const end = reach.bareEnd(behind, (from) => endOfBare(text, from, false, false));
  if (end > behind && classOf(text.charCodeAt(behind)) !== 0) found.add(behind - REDACTED.length, end, kind);
}
