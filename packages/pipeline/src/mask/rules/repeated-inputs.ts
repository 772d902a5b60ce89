/**
 * What errors repeat of a field that they name: pydantic's (`password`, and in the line under it `[type=..,
 * input_value='x', ..]`; `'loc': ('body', 'password'), 'msg': .., 'input': 'x'`), and those of MySQL for a key that is
 * there already.
 */
import { REDACTED } from "../categories.ts";
import { INPUT, type KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";

/** The name in front of what is repeated in pydantic's texts. */
const INPUT_VALUE = "input_value";

/** True for what an error repeats a field's content behind. */
export function isInput(name: string): boolean {
  return name === INPUT || name === INPUT_VALUE;
}

const FIELD = /(?:^|\n)([\w.-]{1,128}) ?\r?\n {2}[^\n]{1,300}\[type=[\w.]{1,64}, $/;
const LOCATION =
  /["']loc["']: ?[[(](?:[^()[\]\n]{0,200}[, ])?["']([\w.-]{1,64})["'](?:, ?\d{1,6}){0,3},?[\])],/y;
const NEXT_ERROR = /\}, ?\{/;
const SEEN = 512;
/** Of what is missing all that stands around it is repeated. */
const WHOLE = /^.\s{0,8}[[{]/;
const LONGEST_HEAD = 10;

/** What the field is that the error in front of the name is about; its sign is at `at`. */
export function kindOfInput(
  text: string,
  named: { readonly name: string; readonly start: number; readonly at: number },
  names: NameRules,
): KeyKind | undefined {
  const { name, start, at } = named;
  if (WHOLE.test(text.slice(at, at + LONGEST_HEAD))) return undefined;
  const before = text.slice(Math.max(0, start - SEEN), start);
  const field = name === INPUT_VALUE ? FIELD.exec(before)?.[1] : fieldAt(before);
  return field === undefined ? undefined : names.kindOfName(field);
}

function fieldAt(before: string): string | undefined {
  LOCATION.lastIndex = Math.max(0, before.lastIndexOf("loc") - 1);
  const field = LOCATION.exec(before)?.[1];
  return field === undefined || NEXT_ERROR.test(before.slice(LOCATION.lastIndex)) ? undefined : field;
}

const ENTRY = "entry ";
const DUPLICATE = /^'([^\n]{1,512}?)\\{0,4}' for key \\{0,4}'(?:[\w$-]{1,64}\.)?([\w$-]{1,64})\\{0,4}'/;
const LONGEST_DUPLICATE = 680;
/** What the name of an index has behind the columns'. */
const OF_INDEX = /_(?:unique|uniq|uk|idx|index|key)$/i;

/** True for the quote in `Duplicate entry 'x' for key 'users.token'`. */
export function followsEntry(text: string, quote: number): boolean {
  return text.startsWith(ENTRY, quote - ENTRY.length);
}

/** Looks at the entry whose quote stands at `quote`. */
export function findDuplicate(text: string, quote: number, names: NameRules, found: Spans): void {
  const match = DUPLICATE.exec(text.slice(quote, quote + LONGEST_DUPLICATE));
  const [, value = "", key = ""] = match ?? [];
  const kind = names.kindOfName(key) ?? names.kindOfName(key.replace(OF_INDEX, ""));
  if (kind !== undefined && value !== REDACTED) found.add(quote + 1, quote + 1 + value.length, kind);
}

const REJECTED = "rejected value [";
const CODES = "]; codes [";

/** Looks at what Spring says at `at` of a field: `'password': rejected value [x]; codes [..`. False when that is none of it. */
export function findRejected(text: string, at: number, kind: KeyKind, reach: Reach, found: Spans): boolean {
  if (!text.startsWith(REJECTED, at)) return false;
  const start = at + REJECTED.length;
  if (start < reach.repeated) return true;
  const line = reach.nextOf(text, "\n", start);
  const codes = reach.nextOf(text, CODES, start);
  const end = codes < line ? codes : text.charAt(line - 1) === "]" ? line - 1 : line;
  reach.repeated = end;
  const value = text.slice(start, Math.min(end, start + REDACTED.length + 1));
  if (end > start && value !== "null" && value !== REDACTED) found.add(start, end, kind);
  return true;
}
