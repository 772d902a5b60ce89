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
    return `${this.#text}.${`${1_000_000_000 + nanos}`.slice(1)}Z`;
  }
}

/** A time given in milliseconds since the epoch. */
export function toUnixTime(milliseconds: number): UnixTime {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: Math.floor(milliseconds - seconds * 1000) * 1_000_000 };
}
