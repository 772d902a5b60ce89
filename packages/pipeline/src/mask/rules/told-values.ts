/** Values that programs tell in a sentence: a password behind whom it is for, and what Mongoose repeats of a path. */

import type { FindingKind } from "../categories.ts";
import { REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import { looksLikeToken } from "./credentials.ts";
import type { NameRules } from "./names.ts";

const TOLD = /(?:a|A)(?:ssword|SSWORD) |Path `|Validator failed|" at path "|\) at path "/;

/** True when the text may tell such a value. */
export function mayBeTold(text: string): boolean {
  return TOLD.test(text);
}

const VALUE = String.raw`["'\x60]?(?<value>[^\s"'\x60]{6,128})(?=["'\x60]|[ \t]{0,8}(?:\r?\n|$))`;
/** What is told of a password, the last word of its line: by mysqld, Airflow and Elasticsearch, its tools, and Jenkins. */
const PASSWORDS: readonly RegExp[] = [
  String.raw`(?:(?:is |was )?generated )?for [^\n:]{1,128}:[ \t]{0,4}(?:\r?\n[ \t]{0,8})?${VALUE}`,
  String.raw`[a-z][\w-]{0,31} = ${VALUE}`,
  String.raw`for [^\n]{1,80} successfully reset\.\s{1,8}New value: ${VALUE}`,
  String.raw`to proceed to installation:\s{1,8}${VALUE}`,
].map((form) => new RegExp(`assword ${form}`, "dyi"));
const PASSWORD_HEADS: readonly string[] = ["assword ", "ASSWORD "];

const PATH = String.raw`(?<path>[\w.$-]{1,128})`;
/** What is told of a path, each behind its head. */
const REPEATED: readonly (readonly [head: string, RegExp])[] = [
  ["Path `", `${PATH}\` (?:is invalid )?\\((\`?)(?<value>[^\\n]{1,512}?)\\2\\)(?=\\.| is |,|\\n|$)`],
  ["Validator failed for path `", `${PATH}\` with value \`(?<value>[^\\n]{1,512}?)\`(?!\\w)`],
  ['failed for value "', `(?<value>[^\\n]{1,512}?)" (?:\\(type \\w{1,32}\\) )?at path "${PATH}"`],
].map(([head = "", form = ""]) => [head, new RegExp(head + form, "dy")]);

/** Looks at what the text tells. */
export function findTold(text: string, names: NameRules, found: Spans): void {
  const password = names.kindOfName("password");
  const passwordOf = (value: string): FindingKind | undefined => (isPassword(value) ? password : undefined);
  if (password !== undefined) {
    for (const head of PASSWORD_HEADS) {
      forEachPlace(text, head, (at) => {
        for (const form of PASSWORDS) findAt(text, at, form, passwordOf, found);
      });
    }
  }
  for (const [head, form] of REPEATED) {
    forEachPlace(text, head, (at) => findAt(text, at, form, (_, path) => names.kindOfName(path), found));
  }
}

function forEachPlace(text: string, head: string, look: (at: number) => void): void {
  for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, at + head.length)) look(at);
}

function findAt(
  text: string,
  at: number,
  form: RegExp,
  kindOf: (value: string, path: string) => FindingKind | undefined,
  found: Spans,
): void {
  form.lastIndex = at;
  const match = form.exec(text);
  const { value = "", path = "" } = match?.groups ?? {};
  const place = match?.indices?.groups?.["value"];
  if (place === undefined || value === REDACTED) return;
  const kind = kindOf(value, path);
  if (kind !== undefined) found.add(place[0], place[1], kind);
}

/** An address, a path or a time. */
const OTHER = /^(?:[a-z][a-z0-9+.-]{1,24}:\/\/|\/|[\dTZ.:,/+-]+$)/i;

function isPassword(value: string): boolean {
  return looksLikeToken(value) && !OTHER.test(value);
}
