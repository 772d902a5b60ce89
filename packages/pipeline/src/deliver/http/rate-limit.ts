import type { Clock } from "../../contracts.ts";

const MINUTE_MS = 60_000;
/** A peer that asks for more is asked again then; timers go no further than some weeks. */
const LONGEST_PAUSE_MS = 24 * 3_600_000;

/**
 * At most so many requests in any minute: they go one after the other, evenly spaced, since a burst at the end
 * of one minute and the beginning of the next would be twice as many in one.
 */
export class RateLimit {
  readonly #clock: Clock;
  /** Between two requests; 0 without a limit. */
  #spacingMs = 0;
  #nextAtMs = 0;
  #pausedUntilMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sets the limit, in requests a minute; `undefined` is none. */
  set(perMinute: number | undefined): void {
    this.#spacingMs = perMinute === undefined ? 0 : Math.ceil((MINUTE_MS * 1000) / perMinute) / 1000;
  }

  /** Lets nothing go for so long. */
  pause(ms: number): void {
    this.#pausedUntilMs = this.#clock.elapsed() + Math.min(ms, LONGEST_PAUSE_MS);
  }

  /** Waits for a request's turn; false when the signal aborted before it came. */
  async wait(signal: AbortSignal): Promise<boolean> {
    const now = this.#clock.elapsed();
    const pausedMs = Math.max(0, this.#pausedUntilMs - now);
    const turn = Math.max(this.#nextAtMs, now + pausedMs);
    this.#nextAtMs = turn + this.#spacingMs;
    if (turn <= now) return !signal.aborted;
    return this.#sleep(turn - now, signal);
  }

  #sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    if (signal.aborted) return Promise.resolve(false);
    const stop = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = this.#clock.schedule(Math.ceil(ms), () => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    });
    signal.addEventListener("abort", stop, { once: true });
    return promise;
  }
}
