/**
 * Names and values that a quote stands around, as one word of a shell or one item of a list: `'--password=my secret'`,
 * `-e "DB_PASSWORD=my secret"`, `'--env=DB_PASSWORD=my secret'`, `["DB_PASSWORD=my secret"]`. The quote says where the
 * value ends; in a list that is none of a text, the item does.
 */
import type { SecretNames } from "../pairs.ts";
import { isQuote } from "./names.ts";
import { endOfOpened, SHELL_QUOTE, startOfEscapes } from "./quoted-text.ts";

const BACKSLASH = 92;

/** A name with its sign, and where its value begins. */
interface Assignment {
  readonly name: string;
  readonly nameStart: number;
  readonly start: number;
}

const SHELL_MARK: RegExp = new RegExp(`${SHELL_QUOTE}$`);
const LONGEST_MARK = 72;
const LONGEST_BEFORE = 96;
/**
 * What takes an assignment: `export`, `-e`, `--env=`, a list in YAML, a text's length in one of Go's or PHP's. What follows
 * `-c` is a command, with more behind the value.
 */
const TAKES_ONE =
  /(?:^|[\s;&|([])(?:(?:\(len=\d{1,9}\)|string\(\d{1,9}\)) |(?:export|declare|local|readonly|typeset|env|setenv)(?:\s{1,8}-\w{1,16})*\s{1,8}|-(?!-?\w{0,24}(?:c|exec|command|msg|message)[\s=])-?[\w-]{0,48}[\s=]{1,8})$/;
/** An option is a word of its own, unless it is the text of a field. */
const IS_WORD = /(?:^|[^\s:=>]\s{1,64}|[[,({]\s{0,64})$/;
/** Go prints lists without commas too. */
const IN_LIST = /(?:[[{]|["'][,\s])\s{0,64}$/;
const LIST_GOES_ON = /^(?:\s{0,64}[,\]}]|\s{1,64}["'])/;
const LONGEST_GAP = 66;
/** The option of a command whose value is an assignment. */
const TAKEN_BY = /(?:^|[^\w-])(--[a-z][\w-]{0,31}=)$/i;
const LONGEST_OPTION = 36;
/** The next of several in one text. */
const NEXT = /[\s&;,][\w.-]{1,64}=/;

/** Where the value ends when the quote stands around all of it and its name; -1 when none does. */
export function endOfItem(text: string, { name, nameStart, start }: Assignment): number {
  const first = text.charCodeAt(start);
  if (isQuote(first) || first === BACKSLASH) return -1;
  const option = TAKEN_BY.exec(text.slice(Math.max(0, nameStart - LONGEST_OPTION), nameStart))?.[1] ?? "";
  const wordStart = nameStart - option.length;
  if (!isQuote(text.charCodeAt(wordStart - 1))) return -1;
  const mark = SHELL_MARK.exec(text.slice(Math.max(0, wordStart - LONGEST_MARK), wordStart))?.[0];
  const opening = wordStart - (mark?.length ?? 1);
  const from = startOfEscapes(text, opening);
  const before = text.slice(Math.max(0, from - LONGEST_BEFORE), from);
  const isOption = option !== "" || name.startsWith("-");
  const isWord = TAKES_ONE.test(before) || (isOption && IS_WORD.test(before));
  if (!isWord && !IN_LIST.test(before)) return -1;
  const end = endOfOpened(text, opening);
  if (end < start || NEXT.test(text.slice(start, end))) return -1;
  const behind = end + (mark?.length ?? opening - from + 1);
  return isWord || LIST_GOES_ON.test(text.slice(behind, behind + LONGEST_GAP)) ? end : -1;
}

const ITEM = /^(?:--[a-z][\w-]{0,31}=)?([\w.-]{1,64})=\[REDACTED\]/i;

/** The item of a list, masked: where it begins with a name and its value, all of it is the value, as in an environment. */
export function endWithValue(names: SecretNames, masked: string): string {
  const item = ITEM.exec(masked);
  if (item === null || !names.isSecretName(item[1] ?? "")) return masked;
  const [assigned] = item;
  return NEXT.test(masked.slice(assigned.length)) ? masked : assigned;
}
