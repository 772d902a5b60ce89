/** What Postgres says of rows that collide or are missing: `Key (user_id, token)=(5, x) already exists.` */
import type { KeyKind } from "../key-words.ts";
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";

const NAMES = /\bKey \(([^()\n]{1,256})\)$/;
const SEEN = 264;
const VALUES = /^=(\([^\n]{0,512}?\)) (?:already exists|is not present|is still|conflicts|is duplicated)/;
const LONGEST_VALUES = 544;

/** True for a `=` with a bracket on both sides. */
export function isBetweenBrackets(text: string, at: number): boolean {
  return text.charCodeAt(at - 1) === 41 && text.charCodeAt(at + 1) === 40 && text.charCodeAt(at) === 61;
}

/** Looks at the key whose `=` stands at `at`. The values of all columns go when one of them is a secret's. */
export function findPostgresKey(text: string, at: number, names: NameRules, found: Spans): void {
  const columns = NAMES.exec(text.slice(Math.max(0, at - SEEN), at))?.[1]?.split(",") ?? [];
  let kind: KeyKind | undefined;
  for (const column of columns) kind ??= names.kindOfName(column.replace(/[\\"]/g, "").trim());
  const values = kind === undefined ? undefined : VALUES.exec(text.slice(at, at + LONGEST_VALUES))?.[1];
  if (kind !== undefined && values !== undefined) found.add(at + 1, at + 1 + values.length, kind);
}
