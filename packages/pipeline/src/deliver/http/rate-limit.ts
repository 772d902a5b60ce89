import type { Clock } from "../../contracts.ts";
import { boundHeld } from "../backoff.ts";

const MINUTE_MS = 60_000;
/** Timers ring late. What has waited for its turn does not move the turns after it by more than the rest. */
const MAX_LATE_MS = 15;

/**
 * At most so many requests in any minute: they go one after the other, evenly spaced, since a burst at the end
 * of one minute and the beginning of the next would be twice as many in one. Turns are not given out before they
 * come, so that a pause or another limit counts for whoever waits already.
 */
export class RateLimit {
  readonly #clock: Clock;
  /** Between two requests; 0 without a limit. */
  #spacingMs = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #pausedUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets the limit, in requests a minute; `undefined` is none. */
  set(perMinute: number | undefined): void {
    this.#spacingMs = perMinute === undefined ? 0 : Math.ceil((MINUTE_MS * 1000) / perMinute) / 1000;
  }

  /** Lets nothing go for so long; a longer pause that is under way stays. */
  pause(ms: number): void {
    const untilMs = this.#clock.elapsed() + boundHeld(ms);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
  }

  /** How long the pause still lasts, in ms; 0 when there is none. */
  get pausedMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#clock.elapsed());
  }

  /**
   * Takes a turn.
   *
   * @param waited whether the caller waited for as long as it was told before
   * @returns 0 when the turn has come and is taken; else how long it is until one may come, in ms
   */
  take(waited: boolean): number {
    const now = this.#clock.elapsed();
    const dueMs = Math.max(this.#lastAtMs + this.#spacingMs, this.#pausedUntilMs);
    if (now < dueMs) return dueMs - now;
    this.#lastAtMs = waited ? Math.max(dueMs, now - MAX_LATE_MS) : now;
    return 0;
  }
}
