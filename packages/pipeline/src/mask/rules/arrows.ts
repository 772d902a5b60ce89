/** Names and values of a map as Scala prints it: `Map(user -> ada, password -> x)`. */
import type { Spans } from "../spans.ts";
import { endsName, type NameRules } from "./names.ts";
import type { Reach } from "./reach.ts";
import { findValue } from "./values.ts";

const HYPHEN = 45;
const SPACE = 32;
const QUOTE = 34;

const ENTRY = /(?:\(|, )"?([\w.-]{1,64})"? $/;
const LONGEST_ENTRY = 70;
/** Other arrows are of functions and links. */
const MAP = /(?<!\w)(?:[A-Z][A-Za-z]{0,23})?Map$/;
const LONGEST_MAP = 28;
/** How far in front of its entry the bracket of a map may stand. */
const SEEN = 512;

/** Where the name ends in front of the arrow whose `>` stands at `at`; -1 where none can. */
function endOfKey(text: string, at: number): number {
  if (text.charCodeAt(at - 1) !== HYPHEN || text.charCodeAt(at - 2) !== SPACE) return -1;
  return text.charCodeAt(at - 3) === QUOTE ? at - 3 : at - 2;
}

/** True when the `>` at `at` may be that of an arrow behind the name of a secret. */
export function endsArrow(text: string, at: number, names: NameRules): boolean {
  const end = endOfKey(text, at);
  return end > 0 && endsName(text, end, names.endings);
}

/** Looks at the entry whose arrow ends with the `>` at `at`. */
export function findEntry(text: string, at: number, names: NameRules, reach: Reach, found: Spans): void {
  const arrow = at - 1;
  const entry = ENTRY.exec(text.slice(Math.max(0, arrow - LONGEST_ENTRY), arrow));
  const name = entry?.[1] ?? "";
  const kind = entry === null ? undefined : names.kindOfName(name);
  if (entry === null || kind === undefined || text.charCodeAt(at + 1) !== SPACE) return;
  if (!isInMap(text.slice(Math.max(0, arrow - SEEN), arrow))) return;
  findValue(
    text,
    { start: at + 2, kind, name: "", isPlain: false, isField: false, isQuery: false },
    reach,
    found,
  );
}

/** True when the bracket that is open at the end of `before` is a map's. */
function isInMap(before: string): boolean {
  let depth = 0;
  for (let at = before.length - 1; at >= 0; at--) {
    const character = before.charAt(at);
    if (character === ")") depth++;
    else if (character === "(" && --depth < 0)
      return MAP.test(before.slice(Math.max(0, at - LONGEST_MAP), at));
  }
  return false;
}
