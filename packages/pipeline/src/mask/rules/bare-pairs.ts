/** Pairs without quotes as Scala prints them: `(spark.ssl.keyPassword,x)`, `List((user,ada), (password,x1))`. */
import type { Spans } from "../spans.ts";
import type { NameRules } from "./names.ts";

/** No call, no list of a statement's columns: the pair stands alone in its line, or in a list. */
const NAME = /(?:^|[[(,:"'] ?|\n[ \t]{0,16})\(([\w.-]{1,64})$/;
const SEEN = 96;
const VALUE = /^,([^\s,()[\]{}"'`]{1,256})\)(?=$|[\r\n,)\]"'])/;
const LONGEST_VALUE = 260;
const DIGIT = /\d/;
/** Words are counted so. */
const COUNT = /^\d{1,9}$/;

/** Looks at the pair whose comma stands at `comma`. Behind the name of a property any value is one, else what has a digit in it. */
export function findBarePair(text: string, comma: number, names: NameRules, found: Spans): void {
  const name = NAME.exec(text.slice(Math.max(0, comma - SEEN), comma))?.[1];
  const kind = name === undefined ? undefined : names.kindOfName(name);
  if (name === undefined || kind === undefined) return;
  const value = VALUE.exec(text.slice(comma, comma + LONGEST_VALUE))?.[1] ?? "";
  if (value === "" || COUNT.test(value) || (!DIGIT.test(value) && !name.includes("."))) return;
  found.add(comma + 1, comma + 1 + value.length, kind);
}
