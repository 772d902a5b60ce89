/** A name and its value side by side, each in quotes: `setenv("DB_PASSWORD", "x")`, `("X-Api-Key", "x")`, `"AUTH" "x"`. */
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";
import type { Reach } from "./reach.ts";
import { findValue } from "./values.ts";

/** What gives something a value by its name. Others say something of it: `t("password", "Your password")`. */
const SETTER =
  /(?:\bset(?!error|custom)\w{0,24}|\bputenv|\bdefine|\bheaders?|\bappend|\bput|\badd(?:request)?_?(?:header|property)) ?\( ?["']([\w.-]{1,64})$/i;
/** A pair of a list: only what has a digit in it is a secret, for others are pairs of words. */
const PAIR = /(?:^|[^\w$.)\]])[({] ?[bu]?["']([\w.-]{1,64})$/;
const SEEN = 112;
/** The option of a command whose arguments are a list. */
const OPTION = /[[, ] ?[bu]?["'](--?[a-z][\w.-]{2,63})$/i;
const DIGIT = /\d/;
const BEHIND = /^["'], {0,2}(?=[bu]?["'`])/;
const LONGEST_VALUE = 256;
const VALUE = /^[bu]?["'`]([^"'`\n]{1,256})/;

/** Looks at the name that ends with the quote at `quote`. */
export function findArgument(
  text: string,
  quote: number,
  names: NameRules,
  reach: Reach,
  found: Spans,
): void {
  const behind = BEHIND.exec(text.slice(quote, quote + 6));
  if (behind === null) return;
  const before = text.slice(Math.max(0, quote - SEEN), quote);
  const set = SETTER.exec(before)?.[1] ?? OPTION.exec(before)?.[1];
  const name = set ?? PAIR.exec(before)?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (kind === undefined) return;
  const start = quote + behind[0].length;
  const value = VALUE.exec(text.slice(start, start + LONGEST_VALUE))?.[1] ?? "";
  if (
    NOTHING.has(value.toLowerCase()) ||
    (name?.startsWith("-") === true && value.startsWith("-")) ||
    (set === undefined && !DIGIT.test(value))
  )
    return;
  findValue(text, { start, kind, name: "", isPlain: false, isField: false, isQuery: false }, reach, found);
}
