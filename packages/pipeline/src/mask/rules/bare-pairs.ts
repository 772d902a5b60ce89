/**
 * Pairs without quotes, as Scala prints them: `(spark.ssl.keyPassword,x)`, `List((user,ada), (password,x1))`; Kotlin,
 * `(password, x1)`; and .NET, `[user, ada], [password, x1]`.
 */
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";

/** No call, no list of a statement's columns: the pair stands alone in its line, or in a list. */
const NAME = /(?:^|[[(,:"'] ?|\n[ \t]{0,16})\(([\w.-]{1,64})$/;
/** No index either. */
const NAME_IN_BRACKETS = /(?:^|[\s[(,:"'])\[([\w.-][\w.:-]{0,63})$/;
const SEEN = 96;
const VALUE = /^, ?([^\s,()[\]{}"'`]{1,256})\)(?=$|[\r\n,)\]"'])/;
const LONGEST_VALUE = 260;
/** In brackets it may have blanks, as cookies do, and among pairs other signs. */
const LONGEST_IN_BRACKETS = 4_096;
const BEHIND_BRACKET = "\r\n,)]}\"'. ";
const OF_LISTS = /[,[\]]/;
const NEW_LINE = 10;
const CLOSING = 93;
const DIGIT = /\d/;
/** Words are counted so. */
const COUNT = /^\d{1,9}$/;
/** Words, one of them with a number: a list of two may have such. */
const WORDS = /^(?:[a-z]{1,32}[-_.]?){1,8}\d{0,4}$|\s/i;
/** Another pair beside it. */
const PAIR_BEFORE = /(?:[\])], ?|[[(][\w.:-]{1,64}, [^\n]{0,64}[\])]\r?\n[ \t]{0,16})[[(]$/;
const PAIR_BEHIND = /^(?:, ?|\r?\n[ \t]{0,16})[[(][\w.:-]{1,64},/;
const LONGEST_PAIR = 88;

/** Looks at the pair whose comma stands at `comma`. Behind the name of a property any value is one, else what has a digit in it. */
export function findBarePair(
  text: string,
  comma: number,
  names: NameRules,
  reach: Reach,
  found: Spans,
): void {
  const before = text.slice(Math.max(0, comma - SEEN), comma);
  const inBrackets = NAME_IN_BRACKETS.exec(before)?.[1];
  const name = inBrackets ?? NAME.exec(before)?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (name === undefined || kind === undefined) return;
  const value = inBrackets === undefined ? valueAt(text, comma) : valueInBracketsAt(text, comma, reach);
  if (value === "" || COUNT.test(value)) return;
  const isSpaced = text.charAt(comma + 1) === " ";
  if (!DIGIT.test(value) && (isSpaced || !name.includes("."))) return;
  const start = comma + (isSpaced ? 2 : 1);
  const end = start + value.length;
  const isAmongPairs = (): boolean =>
    PAIR_BEFORE.test(before.slice(0, -name.length)) ||
    PAIR_BEHIND.test(text.slice(end + 1, end + LONGEST_PAIR));
  // A list of names is none of values.
  const isOther = WORDS.test(value) || OF_LISTS.test(value) || names.kindOfName(value) !== undefined;
  if (isSpaced && isOther && !isAmongPairs()) return;
  found.add(start, end, kind);
}

function valueAt(text: string, comma: number): string {
  return VALUE.exec(text.slice(comma, comma + LONGEST_VALUE))?.[1] ?? "";
}

function valueInBracketsAt(text: string, comma: number, reach: Reach): string {
  const start = comma + 2;
  if (text.charAt(comma + 1) !== " ") return "";
  if (start >= reach.pair) reach.pair = endOfBrackets(text, start);
  return text.charAt(reach.pair) === "]" ? text.slice(start, reach.pair) : "";
}

/** The bracket that ends a pair, or where none was found. */
function endOfBrackets(text: string, start: number): number {
  const limit = Math.min(text.length, start + LONGEST_IN_BRACKETS);
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === NEW_LINE) return at;
    if (code === CLOSING && (at + 1 === text.length || BEHIND_BRACKET.includes(text.charAt(at + 1))))
      return at;
  }
  return limit;
}
