/** Card numbers: ISO/IEC 7812, 12 to 19 digits with an issuer's prefix and Luhn's check digit. */
import type { Spans } from "../spans.ts";
import { addCard } from "./card-data.ts";
import { isIssued } from "./issuers.ts";
import { type DigitGroups, standsAlone } from "./numbers.ts";
import { touchesUuid } from "./uuids.ts";

const MIN_DIGITS = 12;
const MAX_DIGITS = 19;

/** Finds the card numbers in a run of groups: each alone, and groups together where they have a card's shape. */
export function findCards(text: string, groups: DigitGroups, found: Spans): void {
  for (let first = 0; first < groups.count; first++) {
    if (!findWhole(text, groups, first, found)) findGrouped(text, groups, first, found);
  }
}

/** Finds the card numbers whose groups are wide apart, in a run that was read so. */
export function findWideCards(text: string, groups: DigitGroups, found: Spans): void {
  for (let first = 0; first + 1 < groups.count; first++) {
    if (groups.isWideApart(first + 1)) findGrouped(text, groups, first, found);
  }
}

function findWhole(text: string, groups: DigitGroups, at: number, found: Spans): boolean {
  const length = groups.length(at);
  if (length < MIN_DIGITS || length > MAX_DIGITS) return false;
  const start = groups.starts[at] ?? 0;
  const end = groups.ends[at] ?? 0;
  if (isFraction(groups, at) || !isCard(text, start, end, length)) return false;
  if (!standsAlone(text, start, end) || touchesUuid(text, start, end)) return false;
  if (length === 16 && followsTraceId(text, start)) return false;
  addCard(text, start, end, found);
  return true;
}

/** `0.4539578763621486`: what is behind a decimal point is no number of its own. */
function isFraction(groups: DigitGroups, at: number): boolean {
  return at > 0 && groups.separators[at] === 46 && groups.length(at - 1) <= 3;
}

const TRACE_ID = /^00-[0-9a-f]{32}-$/;

/** The span id of a `traceparent` (W3C Trace Context, section 3.2.2). */
function followsTraceId(text: string, start: number): boolean {
  return start >= 36 && TRACE_ID.test(text.slice(start - 36, start));
}

/** Groups that one separator holds apart; those of each shape that a card is written in are tried. */
function findGrouped(text: string, groups: DigitGroups, first: number, found: Spans): void {
  const separator = groups.separators[first + 1];
  const start = groups.starts[first] ?? 0;
  let total = groups.length(first);
  /** The longest is taken: a shorter one within it may pass the check by chance. */
  let cardEnd = -1;
  for (let last = first + 1; last < groups.count && groups.separators[last] === separator; last++) {
    total += groups.length(last);
    if (total > MAX_DIGITS) break;
    if (total < MIN_DIGITS || !isShaped(groups, first, last)) continue;
    const end = groups.ends[last] ?? 0;
    if (isCard(text, start, end, total) && standsAlone(text, start, end) && !touchesUuid(text, start, end))
      cardEnd = end;
  }
  if (cardEnd >= 0) addCard(text, start, cardEnd, found);
}

/** 4-4-4-4 and so on, 4-6-5, 4-6-4, two halves, or groups of one small size that are the whole run. */
function isShaped(groups: DigitGroups, first: number, last: number): boolean {
  const size = groups.length(first);
  if (last === first + 1) return size >= 6 && groups.length(last) >= 6;
  if (size === 4 && last === first + 2 && groups.length(first + 1) === 6) {
    return groups.length(last) === 5 || groups.length(last) === 4;
  }
  if (size > 5 || groups.length(last) > size) return false;
  for (let i = first + 1; i < last; i++) {
    if (groups.length(i) !== size) return false;
  }
  // A list of small numbers has such a run somewhere in it.
  return size === 4 || (first === 0 && last === groups.count - 1);
}

/** True when the digits from `start` up to `end`, `length` of them, pass Luhn's check and have an issuer's prefix. */
function isCard(text: string, start: number, end: number, length: number): boolean {
  let sum = 0;
  let prefix = 0;
  let place = 0;
  for (let i = start; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) continue;
    if (place < 4) prefix = prefix * 10 + digit;
    if (++place === 4 && !isIssued(prefix, length)) return false;
    const doubled = (length - place) % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const INTEGER = /^-?(\d{12,19})(?:\.0{0,32})?$/;
/** A number with an exponent, as JSON may have any. */
const SCIENTIFIC = /^-?\d{1,19}(?:\.\d{1,32})?e\+?\d{1,2}$/i;

/**
 * True for an integer of 12 to 19 digits that is a card number, whatever its sign and however JSON writes it. Times since the epoch in milliseconds,
 * microseconds or nanoseconds have no issuer's prefix until 2039.
 */
export function isCardInteger(written: string): boolean {
  const plain = SCIENTIFIC.test(written) ? String(Number(written)) : written;
  const digits = INTEGER.exec(plain)?.[1];
  return digits !== undefined && isCard(digits, 0, digits.length, digits.length);
}
