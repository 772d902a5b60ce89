/** What SQL chooses a secret from: `SET token = CASE WHEN id = 1 THEN 'x1' WHEN id = 2 THEN 'x2' END`. */
import { isAlnum } from "../characters.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import { isQuote } from "./names.ts";
import { endOfQuoted, LITERAL_PREFIX, startOfEscapes } from "./quoted-text.ts";
import type { Reach } from "./reach.ts";

const CASE = /case\s{1,8}(?:\S{1,128}\s{1,8}){0,4}when\b/iy;
/** The beginning or end of one, or what is chosen: a text or a number, and no column. */
const STEP: RegExp = new RegExp(
  String.raw`(case|end)\b|(?:then|else)\s{1,8}(?:(?:binary )?${LITERAL_PREFIX}(?=\\{0,8}'))?(?=\\{0,8}'|\\{0,8}"(?!\w{1,64}\\{0,8}"\.)|\d)`,
  "iy",
);

interface Choice {
  readonly end: number;
  readonly hasValue: boolean;
}

/** Looks at the expression that begins at `start`: all of it goes where it chooses from values. False when it is none. */
export function findCase(text: string, start: number, kind: KeyKind, reach: Reach, found: Spans): boolean {
  CASE.lastIndex = start;
  if (CASE.exec(text) === null || start < reach.choice) return false;
  if (start < reach.composed) return true;
  const { end, hasValue } = readChoice(text, start, reach);
  if (hasValue) {
    reach.composed = end;
    found.add(start, end, kind);
  } else reach.choice = end;
  return hasValue;
}

/** Reads up to the `END` of the expression; to the end of the text when there is none. */
function readChoice(text: string, start: number, reach: Reach): Choice {
  let depth = 0;
  let hasValue = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isQuote(code)) {
      at = endOfText(text, at, reach);
    } else if (mayStep(code) && !isAlnum(text.charCodeAt(at - 1))) {
      STEP.lastIndex = at;
      const step = STEP.exec(text);
      if (step === null) continue;
      at = STEP.lastIndex - 1;
      if (step[1] === undefined) hasValue = true;
      else depth += step[1].length === END.length ? -1 : 1;
      if (depth === 0) return { end: at + 1, hasValue };
    }
  }
  return { end: text.length, hasValue };
}

const END = "end";

/** `c`, `e`, `t` */
function mayStep(code: number): boolean {
  const letter = code | 32;
  return letter === 99 || letter === 101 || letter === 116;
}

/** Where the quote stands that closes the text whose quote stands at `opening`. */
function endOfText(text: string, opening: number, reach: Reach): number {
  const depth = opening - startOfEscapes(text, opening);
  const end = endOfQuoted(text, opening, depth);
  reach.closings.add(end);
  return end + depth;
}
