/** Telephone numbers, off by default: E.164 with `+`, and the groups of the North American plan. */
import { isAlnum } from "../characters.ts";
import type { Spans } from "../spans.ts";
import type { DigitGroups } from "./numbers.ts";

const MIN_DIGITS = 8;
const MAX_DIGITS = 15;

export function findPhones(text: string, groups: DigitGroups, found: Spans): void {
  const start = groups.starts[0] ?? 0;
  const { end } = groups;
  const before = text.charCodeAt(start - 1);
  if (before === 43 && groups.digits >= MIN_DIGITS && groups.digits <= MAX_DIGITS) {
    if (!isAlnum(text.charCodeAt(start - 2)) && !isAlnum(text.charCodeAt(end)))
      found.add(start - 1, end, "phone");
    return;
  }
  if (groups.digits !== 10 && groups.digits !== 11) return;
  if (isAlnum(before) || isAlnum(text.charCodeAt(end))) return;
  const first = groups.count - 3;
  if (first >= 0 && groups.length(first) === 3 && groups.length(first + 1) === 3)
    found.add(start, end, "phone");
}

/** `(212) 555-0123`: the area code stands in parentheses, in front of a run of seven digits. */
export function findBracketedPhone(text: string, groups: DigitGroups, found: Spans): void {
  if (groups.digits !== 7 || groups.count !== 2 || groups.length(0) !== 3) return;
  const start = groups.starts[0] ?? 0;
  const area = /\(\d{3}\)[ -]?$/.exec(text.slice(Math.max(0, start - 6), start))?.[0];
  if (area !== undefined && !isAlnum(text.charCodeAt(groups.end)))
    found.add(start - area.length, groups.end, "phone");
}
