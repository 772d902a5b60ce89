/** A name and its value side by side, each in quotes: `setenv("DB_PASSWORD", "x")`, `("X-Api-Key", "x")`, `"AUTH" "x"`. */
import { REDACTED } from "../categories.ts";
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { isOrdinary, NOTHING, ORDINARY } from "./ordinary-words.ts";
import { startOfEscapes } from "./quoted-text.ts";
import type { Reach } from "./reach.ts";
import { findValue } from "./values.ts";

/** What gives something a value by its name. Others say something of it: `t("password", "Your password")`. */
const SETTER =
  /(?:\bset(?!error|custom)\w{0,24}|\bputenv|\bdefine|\bheaders?|\bappend|\bput|\badd(?:request)?_?(?:header|property)) ?\( ?\\{0,8}["']([\w.-]{1,64})$/i;
/** A pair of a list: only what has a digit in it is a secret, for others are pairs of words. */
const PAIR = /(?:^|[^\w$.)\]])[({] ?[bu]?\\{0,8}["']([\w.-]{1,64})$/;
/** The same as Rails writes it: `[["token", "x1"], ["LIMIT", 1]]`, and Node: `[Map Entries] { [ 'token', 'x1' ] }`. */
const PAIR_OF_LIST = /[[,{]\s{0,34}\[ ?["']([\w.-]{1,64})$/;
/** One in a line of its own, as Envoy writes headers: `'x-api-key', 'x1'`. */
const PAIR_OF_LINE = /(?:^|\n)[ \t]{0,16}["']([\w.-]{1,64})$/;
const END_OF_LINE = /^["'][ \t]{0,4}(?:\r?\n|$)/;
const SEEN = 112;
/** The option of a command whose arguments are a list. */
const OPTION = /[[, ] ?[bu]?["'](--?[a-z][\w.-]{2,63})$/i;
const DIGIT = /\d/;
const BEHIND =
  /^\\{0,8}["'](?:(,)(?: {0,2}|\r?\n {0,32})| {1,4}|\r?\n[ \t]{1,64})(?=[bu]?\\{0,8}["'`]|<<[-~]?[A-Z])/;
const LONGEST_BEHIND = 88;
/** Without a comma, as Redis, Lisp and Go print lists: `"HSET" "user:1" "password" "x1"`. */
const SIDE = /(?:^|[[({\s])\\{0,8}["']([\w.-]{1,64})$/;
const OF_ONE_WORD = /^\S+$/;
/** A header in a list in which names and values take turns: `[ 'X-Api-Key', 'x' ]`. */
const HEADER = /[[,]\s{0,34}["']((?:[\w.]{1,32}-[\w.-]{1,48}|authorization|cookie))$/i;
/** Names of headers as a list has them without values: `X-B3-TraceId`. */
const HEADER_NAME = /^(?:[A-Z][A-Za-z0-9]*|[a-z][a-z0-9]*)(?:-[A-Za-z][A-Za-z0-9]*)+$/;
const LONGEST_VALUE = 256;
const LONGEST_END = 8;
const VALUE = /^[bu]?\\{0,8}["'`]((?:[^"'`\n\\]|\\(?![\\"'`])){1,256})/;

/** Looks at the name that ends with the quote at `quote`. */
export function findArgument(
  text: string,
  quote: number,
  names: NameRules,
  reach: Reach,
  found: Spans,
): void {
  const end = startOfEscapes(text, quote);
  const behind = BEHIND.exec(text.slice(end, end + LONGEST_BEHIND));
  if (behind === null) return;
  const before = text.slice(Math.max(0, end - SEEN), end);
  const isSide = behind[1] === undefined;
  const set = isSide ? undefined : (SETTER.exec(before) ?? OPTION.exec(before))?.[1];
  const pair = isSide ? SIDE.exec(before) : (PAIR.exec(before) ?? PAIR_OF_LIST.exec(before));
  const listed = set ?? pair?.[1] ?? (isSide ? undefined : HEADER.exec(before)?.[1]);
  const line = isSide || listed !== undefined ? undefined : PAIR_OF_LINE.exec(before)?.[1];
  const name = listed ?? line;
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (kind === undefined) return;
  const start = end + behind[0].length;
  const [whole = "", value = ""] = VALUE.exec(text.slice(start, start + LONGEST_VALUE)) ?? [];
  if (
    NOTHING.has(value.toLowerCase()) ||
    (name?.startsWith("-") === true && value.startsWith("-")) ||
    (set === undefined && (!DIGIT.test(value) || HEADER_NAME.test(value))) ||
    (isSide && !OF_ONE_WORD.test(value)) ||
    (line !== undefined &&
      !END_OF_LINE.test(text.slice(start + whole.length, start + whole.length + LONGEST_END)))
  )
    return;
  findValue(text, { start, kind, name: "", isPlain: false, isField: false, isQuery: false }, reach, found);
}

const ATOM = /[{,]\s{0,16}(?:'|<<")?([a-z][\w@]{1,63})(?:'|">>)?,(?:\s{0,64}<<)?$/;
/** Of Elixir's and Ruby's. */
const SYMBOL = /[{[]\s{0,16}:([a-z]\w{1,63}), $/;
const SEEN_OF_ATOM = 160;
const TEXT = /^"((?:[^"\\\n]|\\.){1,256})"(?:\/utf8)?(?:>>)?\s{0,4}[}\]]/;
const LONGEST_TEXT = 528;

/** True for a quote right behind a comma, in front of which an atom may stand, or in a binary of Erlang's. */
export function followsAtom(text: string, quote: number): boolean {
  const before = text.charCodeAt(quote - 1);
  const last = text.charCodeAt(quote - 2);
  return before === 44 || (before === 60 && last === 60) || (before === 32 && last === 44);
}

/** Looks at the text that begins with the quote at `quote`: `{password,"x"}`, `{password,<<"x">>}`, `{:password, "x"}`. */
export function findAtomValue(text: string, quote: number, names: NameRules, found: Spans): void {
  const before = text.slice(Math.max(0, quote - SEEN_OF_ATOM), quote);
  const symbol = SYMBOL.exec(before)?.[1];
  const name = symbol ?? ATOM.exec(before)?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  const value = kind === undefined ? undefined : TEXT.exec(text.slice(quote, quote + LONGEST_TEXT))?.[1];
  if (kind === undefined || value === undefined || value === REDACTED) return;
  // A list of errors is of pairs as well: `[:password, "can't be blank"]`.
  if (symbol !== undefined && isSaid(value, kind)) return;
  found.add(quote + 1, quote + 1 + value.length, kind);
}

const FIRST_WORD = /^[a-z]{1,24}(?= )/i;

function isSaid(value: string, kind: KeyKind): boolean {
  const first = FIRST_WORD.exec(value)?.[0].toLowerCase();
  return (
    (first !== undefined && ORDINARY.has(first)) ||
    isOrdinary(value, value.length, { start: 0, kind, isPlain: true })
  );
}

/** In front of the name of a protected or private member there is a zero character, however it is shown. */
const SERIALIZED = /(?:["\0*]|\\0|\^@)([\w.-]{1,64})";s:\d{1,5}$/;
const SEEN_OF_SERIALIZED = 80;

/** Looks at the text behind the colon at `colon`, as PHP writes it: `s:8:"password";s:2:"x1";`. */
export function findSerialized(text: string, colon: number, names: NameRules, found: Spans): void {
  const name = SERIALIZED.exec(text.slice(Math.max(0, colon - SEEN_OF_SERIALIZED), colon))?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (kind === undefined) return;
  const start = colon + 2;
  const length = text.slice(start, start + LONGEST_VALUE).indexOf('";');
  const end = length < 0 ? Math.min(text.length, start + LONGEST_VALUE) : start + length;
  if (end > start && text.slice(start, end) !== REDACTED) found.add(start, end, kind);
}
