/** Options of commands whose arguments stand one by one: in the lines of a list, or as the kernel's audit has them. */
import { REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import { isQuote } from "./names.ts";
import { NOTHING } from "./ordinary-words.ts";
import type { Reach } from "./reach.ts";
import { findValue } from "./values.ts";

const HYPHEN = 45;

/** `--password` at the end of its line, with the beginning of the next one, or in front of ` a4=`; the value is no option. */
const OPTION =
  /^--([a-z][\w.-]{0,63})["']?(?:[ \t]{0,4}\r?\n([ \t]{0,64}(?:- {1,3})?)| a\d{1,4}=)(?=["']?[^\s"'-])/i;
const LONGEST_OPTION = 160;
/** What stands in front of an argument in its line. */
const HEAD = /(?:^|\n)([ \t]{0,64}(?:- {1,3})?)["']?$/;
const ARGUMENT = /\ba\d{1,4}="$/;
const LONGEST_HEAD = 72;
/** `[mysql, --password, x1, -h, db]`, as Java prints a list; the same in YAML. */
const ITEM = /^--?([a-z][\w.-]{0,63}), (?=[^\s"'`,[\]{}-])/i;
const LONGEST_ITEM = 70;
const ITEM_VALUE = /^[^,\]\r\n]{1,256}(?=[,\]])/;
const LONGEST_ITEM_VALUE = 258;
const OPEN_LIST = /\[(?:[^[\]\r\n]{0,508}, )?$/;
const SEEN_OF_LIST = 512;
const LINE = /^[^\r\n]{1,256}/;
const LONGEST_LINE = 256;

/** Looks at the option that would begin with the two hyphens at `at`. What is not marked as an item of a list is one word. */
export function findListedOption(
  text: string,
  at: number,
  names: NameRules,
  reach: Reach,
  found: Spans,
): void {
  if (findItem(text, at, names, found) || text.charCodeAt(at + 1) !== HYPHEN) return;
  const option = OPTION.exec(text.slice(at, at + LONGEST_OPTION));
  const kind = option === null ? undefined : names.kindOfName(option[1] ?? "");
  if (option === null || kind === undefined) return;
  const before = text.slice(Math.max(0, at - LONGEST_HEAD), at);
  const start = at + option[0].length;
  const head = option[2];
  if (head === undefined ? !ARGUMENT.test(before) : head === "" || HEAD.exec(before)?.[1] !== head) return;
  const value = (LINE.exec(text.slice(start, start + LONGEST_LINE))?.[0] ?? "").trimEnd();
  if (NOTHING.has(value.replace(/["']/g, "").toLowerCase())) return;
  if (head === undefined || isQuote(text.charCodeAt(start))) {
    findValue(text, { start, kind, name: "", isPlain: false, isField: false, isQuery: false }, reach, found);
    return;
  }
  if (value === REDACTED || (!head.includes("-") && /\s/.test(value))) return;
  found.add(start, start + value.length, kind);
}

/** The same for an option whose value is the next item of a list in brackets, without quotes. */
function findItem(text: string, at: number, names: NameRules, found: Spans): boolean {
  const option = ITEM.exec(text.slice(at, at + LONGEST_ITEM));
  const kind = option === null ? undefined : names.kindOfName(option[1] ?? "");
  if (option === null || kind === undefined) return false;
  if (!OPEN_LIST.test(text.slice(Math.max(0, at - SEEN_OF_LIST), at))) return false;
  const start = at + option[0].length;
  const value = ITEM_VALUE.exec(text.slice(start, start + LONGEST_ITEM_VALUE))?.[0] ?? "";
  if (value !== "" && !NOTHING.has(value.toLowerCase())) found.add(start, start + value.length, kind);
  return true;
}
