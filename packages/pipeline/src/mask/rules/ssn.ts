/** United States social security numbers: area, group and serial, with what was never issued left out. */
import { classOf, isAlnum, isDigit, LETTER } from "../characters.ts";
import type { Spans } from "../spans.ts";
import type { DigitGroups } from "./numbers.ts";

/** 3-2-4 digits with hyphens; with spaces, or nine in a row, only where words in front say what they are. */
export function findSsns(text: string, groups: DigitGroups, found: Spans): void {
  for (let i = 0; i < groups.count; i++) {
    const start = groups.starts[i] ?? 0;
    if (groups.length(i) === 9) {
      if (
        isIssued(text.slice(start, start + 9)) &&
        isFree(text, start, start + 9) &&
        isAnnounced(text, start)
      )
        found.add(start, start + 9, "ssn");
      continue;
    }
    if (groups.length(i) !== 3 || groups.length(i + 1) !== 2 || groups.length(i + 2) !== 4) continue;
    if (i + 2 >= groups.count || !isSeparated(groups, i)) continue;
    const end = groups.ends[i + 2] ?? 0;
    const digits = text.slice(start, start + 3) + text.slice(start + 4, start + 6) + text.slice(end - 4, end);
    const isSpaced = groups.separators[i + 1] !== 45;
    if (!isIssued(digits) || !isFree(text, start, end) || (isSpaced && !isNamed(text, start))) continue;
    found.add(start, end, "ssn");
  }
}

/** One separator throughout, and neither in front nor behind it joins more digits. */
function isSeparated(groups: DigitGroups, at: number): boolean {
  const separator = groups.separators[at + 1];
  if (separator !== groups.separators[at + 2]) return false;
  // Dots and slashes hold versions and paths together.
  if (separator !== 45 && separator !== 32 && separator !== 43) return false;
  const before = at > 0 && groups.separators[at] === 45;
  const behind = at + 3 < groups.count && groups.separators[at + 3] === 45;
  return !before && !behind;
}

function isFree(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1);
  const behind = text.charCodeAt(end);
  if (isAlnum(before) || isAlnum(behind)) return false;
  // Part of a longer code: `PN-123-45-6789`, `123-45-6789-A`.
  const joinsBefore = before === 45 && isAlnum(text.charCodeAt(start - 2));
  const joinsBehind = behind === 45 && (classOf(text.charCodeAt(end + 1)) & LETTER) !== 0;
  return !joinsBefore && !joinsBehind;
}

/** Area not 000, 666 or from 900 on; group not 00; serial not 0000 (Social Security Administration). */
function isIssued(digits: string): boolean {
  const area = Number(digits.slice(0, 3));
  return (
    area !== 0 && area !== 666 && area < 900 && digits.slice(3, 5) !== "00" && digits.slice(5) !== "0000"
  );
}

const NAME =
  /(?:ssn|social[ _-]?security(?:[ _-]?(?:number|no|num))?)[^0-9a-z]{0,6}(?:(?:is|no|number|#)[^0-9a-z]{0,4})?$/i;
const LOOK_BACK = 48;

function isAnnounced(text: string, start: number): boolean {
  // The look behind is short, so the expression costs a fixed amount at most.
  return !isDigit(text.charCodeAt(start - 1)) && NAME.test(text.slice(Math.max(0, start - LOOK_BACK), start));
}

/** A name with some words behind it, and no other number. */
const NAME_AHEAD = /(?:ssn|social[ _-]?security)[^0-9]{0,32}$/i;

/** `GET / 200 12 1024` has such numbers as well, with nothing in front that says what they are. */
function isNamed(text: string, start: number): boolean {
  return NAME_AHEAD.test(text.slice(Math.max(0, start - LOOK_BACK), start));
}
