/** Values that programs tell in a sentence: a password behind whom it is for, and what Mongoose repeats of a path. */
import { type FindingKind, REDACTED } from "../categories.ts";
import type { Spans } from "../spans.ts";
import { looksLikeToken } from "./credentials.ts";
import type { NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";

/** What a text has in it that tells such a value. */
export const TOLD: RegExp = /assword |ASSWORD |Path `|Validator failed|[")] at path "/;

/** True when the text may tell such a value. */
export function mayBeTold(text: string): boolean {
  return TOLD.test(text);
}

const VALUE = String.raw`["'\x60]?(?<value>[^\s"'\x60]{6,128})(?=["'\x60]|[ \t]{0,8}(?:\r?\n|$))`;
/** What is told of a password, the last word of its line: by mysqld, Airflow and Elasticsearch, its tools, and Jenkins. */
const PASSWORDS: readonly RegExp[] = [
  String.raw`assword (?<generated>(?:is |was )?generated )?for [^\n:]{1,128}:[ \t]{0,4}(?:\r?\n[ \t]{0,8})?${VALUE}`,
  String.raw`assword for [^\n]{1,80} successfully reset\.\s{1,8}New value: ${VALUE}`,
  String.raw`assword to proceed to installation:\s{1,8}${VALUE}`,
].map((form) => new RegExp(form, "dyi"));
const IN_CAPITALS: RegExp = new RegExp(String.raw`ASSWORD [a-z][\w-]{0,31} = ${VALUE}`, "dy");

/** The quote of a value and what may stand behind it. */
const QUOTE_ENDS: readonly string[] = Array.from(" ,;.<|\"'\\\r\n", (sign) => `\`${sign}`);

/** What Mongoose tells of a path: what stands in front of the value, and what behind it. */
const REPEATED: readonly {
  readonly head: string;
  readonly form: RegExp;
  readonly ends: readonly string[];
}[] = [
  { head: "Path `", form: /Path `([\w.$-]{1,128})` \(`/y, ends: ["`) is ", "`, length "] },
  { head: "Path `", form: /Path `([\w.$-]{1,128})` is invalid \(/y, ends: [")."] },
  {
    head: "Validator failed",
    form: /Validator failed for path `([\w.$-]{1,128})` with value `/y,
    ends: QUOTE_ENDS,
  },
];
const CAST = 'failed for value "';
const CAST_ENDS: readonly string[] = ['" (type ', '" at path "'];
const CAST_PATH = /"(?: \(type \w{1,32}\))? at path "([\w.$-]{1,128})"/y;

/** Looks at what the text tells. */
export function findTold(text: string, names: NameRules, reach: Reach, found: Spans): void {
  const password = names.kindOfName("password");
  if (password !== undefined) {
    forEachPlace(text, "assword ", (at) => {
      for (const form of PASSWORDS) findPassword(text, at, form, password, found);
    });
    forEachPlace(text, "ASSWORD ", (at) => {
      for (const form of [...PASSWORDS, IN_CAPITALS]) findPassword(text, at, form, password, found);
    });
  }
  for (const { head, form, ends } of REPEATED) {
    let behind = 0;
    forEachPlace(text, head, (at) => {
      const path = at < behind ? undefined : matchAt(form, text, at);
      const kind = names.kindOfName(path?.[1] ?? "");
      if (path === undefined || kind === undefined) return;
      const start = at + path[0].length;
      behind = endOfRepeated(text, start, ends, reach);
      add(text, start, behind, kind, found);
    });
  }
  let behind = 0;
  forEachPlace(text, CAST, (at) => {
    if (at < behind) return;
    const start = at + CAST.length;
    const end = Math.min(...CAST_ENDS.map((mark) => reach.nextOf(text, mark, start)));
    // In front of another, the line was cut.
    if (reach.nextOf(text, CAST, start) < end) return;
    const kind = names.kindOfName(matchAt(CAST_PATH, text, end)?.[1] ?? "");
    if (kind === undefined) return;
    behind = end;
    add(text, start, end, kind, found);
  });
}

function forEachPlace(text: string, head: string, look: (at: number) => void): void {
  for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, at + head.length)) look(at);
}

function matchAt(form: RegExp, text: string, at: number): RegExpExecArray | undefined {
  form.lastIndex = at;
  return form.exec(text) ?? undefined;
}

/** Longer texts that are repeated have one line. */
const LONGEST_LINES = 1_024;

/** What is repeated may have several lines; where nothing ends it, its line does. */
function endOfRepeated(text: string, start: number, ends: readonly string[], reach: Reach): number {
  const end = Math.min(...ends.map((mark) => reach.nextOf(text, mark, start)));
  const line = reach.nextOf(text, "\n", start);
  if (end < Math.max(line, Math.min(text.length, start + LONGEST_LINES))) return end;
  return text.charAt(line - 1) === "`" ? line - 1 : line;
}

function add(text: string, start: number, end: number, kind: FindingKind, found: Spans): void {
  const isMasked = end === start + REDACTED.length && text.startsWith(REDACTED, start);
  if (end > start && !isMasked) found.add(start, end, kind);
}

function findPassword(text: string, at: number, form: RegExp, kind: FindingKind, found: Spans): void {
  const match = matchAt(form, text, at);
  const { value = "", generated } = match?.groups ?? {};
  const place = match?.indices?.groups?.["value"];
  if (place === undefined || !looksLikeToken(value)) return;
  if (generated === undefined && OTHER.test(value)) return;
  add(text, place[0], place[1], kind, found);
}

/** An address, a path or a time. */
const OTHER = /^(?:[a-z][a-z0-9+.-]{1,24}:\/\/|\/|[\dTZ.:,/+-]+$)/i;
