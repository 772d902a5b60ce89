import type { Clock } from "../contracts.ts";

/** Timers take no more than 31 bits of milliseconds. */
const MAX_DELAY_MS = 2 ** 30;

/** One timer that is set to the time at which something is to be done next. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atMs = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings once at that elapsed time, and no more at the time set before; infinity unsets it. */
  set(atMs: number): void {
    if (atMs === this.#atMs) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#atMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(0, Math.ceil(atMs - this.#clock.elapsed())), MAX_DELAY_MS);
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#atMs = Number.POSITIVE_INFINITY;
      this.#ring();
    });
  }
}
