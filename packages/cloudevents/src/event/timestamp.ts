const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * True for an RFC 3339 `date-time` (section 5.6): a date that the Gregorian calendar has, an offset of at most
 * 23:59, and second 60 only where a leap second can be, at 23:59:60 UTC on the last day of a month
 * (section 5.7). `t` and `z` may be lower case; a space for the `T` is not in the grammar.
 */
export function isTimestamp(value: string): boolean {
  return USUAL.test(value) || isAnyTimestamp(value);
}

/** Any date that every month has, in UTC, without a leap second: nearly all there are. */
const USUAL = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z$/;

/** The same of a text in ASCII that has not been decoded yet: false for what {@link isTimestamp} may still take. */
export function isUsualTimestamp(bytes: Uint8Array, start: number, end: number): boolean {
  // yyyy-mm-ddThh:mm:ssZ
  if (end - start < 20) return false;
  const month = digitsIn(bytes, start + 5);
  const day = digitsIn(bytes, start + 8);
  if (!(digitsIn(bytes, start) < 100 && digitsIn(bytes, start + 2) < 100)) return false;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28)) return false;
  if (!(digitsIn(bytes, start + 11) < 24 && digitsIn(bytes, start + 14) < 60)) return false;
  if (!(digitsIn(bytes, start + 17) < 60)) return false;
  if (bytes[start + 4] !== DASH || bytes[start + 7] !== DASH || bytes[start + 10] !== UPPER_T) return false;
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON || bytes[end - 1] !== UPPER_Z) return false;
  return end - start === 20 || isFraction(bytes, start + 19, end - 1);
}

function isFraction(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start + 1; i < end; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return false;
  }
  return bytes[start] === DOT && end - start > 1;
}

/** The number in two decimal digits; 100 when there is none. */
function digitsIn(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - 0x30;
  const ones = (bytes[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 100;
}

function isAnyTimestamp(value: string): boolean {
  // yyyy-mm-ddThh:mm:ss is 19 characters; at least a Z follows.
  if (value.length < 20) return false;
  const year = digits(value, 0) * 100 + digits(value, 2);
  const month = digits(value, 5);
  const day = digits(value, 8);
  const hour = digits(value, 11);
  const minute = digits(value, 14);
  const second = digits(value, 17);
  // Negated comparisons, so that NaN (no digits there) fails them.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return false;
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return false;
  if (value.charCodeAt(4) !== DASH || value.charCodeAt(7) !== DASH) return false;
  if ((value.charCodeAt(10) | LOWER) !== LOWER_T) return false;
  if (value.charCodeAt(13) !== COLON || value.charCodeAt(16) !== COLON) return false;
  const offset = offsetMinutes(value, afterFraction(value, 19));
  if (Number.isNaN(offset)) return false;
  return second < 60 || isLeapMinute(year, month, day, hour * 60 + minute - offset);
}

const DASH = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const COLON = 0x3a;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;
const LOWER = 0x20;
const LOWER_T = 0x74;
const LOWER_Z = 0x7a;
const MINUTES_OF_DAY = 1440;

/** The number in two decimal digits, or NaN. */
function digits(value: string, at: number): number {
  const tens = value.charCodeAt(at) - 0x30;
  const ones = value.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29;
  return DAYS[month - 1] ?? 0;
}

/** Where the fraction that may begin at `at` ends; -1 when it has a dot and no digit. */
function afterFraction(value: string, at: number): number {
  if (value.charCodeAt(at) !== DOT) return at;
  let end = at + 1;
  while (value.charCodeAt(end) >= 0x30 && value.charCodeAt(end) <= 0x39) end++;
  return end === at + 1 ? -1 : end;
}

/** The offset from UTC in minutes that stands from `at` to the end, or NaN. */
function offsetMinutes(value: string, at: number): number {
  const mark = value.charCodeAt(at);
  if ((mark | LOWER) === LOWER_Z) return at + 1 === value.length ? 0 : Number.NaN;
  if (mark !== DASH && mark !== PLUS) return Number.NaN;
  if (value.length !== at + 6 || value.charCodeAt(at + 3) !== COLON) return Number.NaN;
  const hours = digits(value, at + 1);
  const minutes = digits(value, at + 4);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  return mark === DASH ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

/** True when that minute of that local day, which may reach into a neighbouring day, is a month's last in UTC. */
function isLeapMinute(year: number, month: number, day: number, utcMinute: number): boolean {
  const shift = Math.floor(utcMinute / MINUTES_OF_DAY);
  if (utcMinute - shift * MINUTES_OF_DAY !== MINUTES_OF_DAY - 1) return false;
  const utcDay = day + shift;
  return utcDay === daysIn(year, month) || utcDay === 0;
}
