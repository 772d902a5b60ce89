/** RFC 3339 text of a lossless time. */
import type { UnixTime } from "./log-event.ts";

/** Formats times; remembers the second formatted last, since events come in the order of their times. */
export class TimestampFormat {
  #seconds = -1;
  #text = "";

  /** RFC 3339 in UTC, with 0, 3, 6 or 9 fraction digits: as few as lose nothing. */
  format(time: UnixTime): string {
    if (time.seconds !== this.#seconds) {
      this.#text = new Date(time.seconds * 1000).toISOString().slice(0, -5);
      this.#seconds = time.seconds;
    }
    const { nanos } = time;
    if (nanos === 0) return `${this.#text}Z`;
    // A one in front keeps the zeros behind it.
    if (nanos % 1_000_000 === 0) return `${this.#text}.${`${1_000 + nanos / 1_000_000}`.slice(1)}Z`;
    if (nanos % 1_000 === 0) return `${this.#text}.${`${1_000_000 + nanos / 1_000}`.slice(1)}Z`;
    return this.#text + fractionOf(nanos);
  }
}

/** Nine digits, with the point before and the zone behind them: one call costs less than texts put together. */
function fractionOf(nanos: number): string {
  const first = (nanos / 1_000_000) | 0;
  const middle = ((nanos / 1_000) | 0) - first * 1_000;
  const last = nanos % 1_000;
  return String.fromCharCode(
    0x2e,
    hundreds(first),
    tens(first),
    ones(first),
    hundreds(middle),
    tens(middle),
    ones(middle),
    hundreds(last),
    tens(last),
    ones(last),
    0x5a,
  );
}

function hundreds(number: number): number {
  return 0x30 + ((number / 100) | 0);
}

function tens(number: number): number {
  return 0x30 + (((number / 10) | 0) % 10);
}

function ones(number: number): number {
  return 0x30 + (number % 10);
}

/** A time given in milliseconds since the epoch. */
export function toUnixTime(milliseconds: number): UnixTime {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: Math.floor(milliseconds - seconds * 1000) * 1_000_000 };
}
