import type { Clock } from "../contracts.ts";

/** The time of day may differ so much from what it should be by the time that passed before it counts as set. */
const STEP_MS = 1_000;
/** Times that the clock was set which are remembered. */
const MAX_STEPS = 32;

/** From some moment on, what the time of day is ahead of the time that passed. */
interface Setting {
  /** When it was seen first. */
  readonly fromMs: number;
  readonly aheadMs: number;
  /** When it was seen last: the next one began at some moment from then on. */
  seenMs: number;
}

/**
 * How old events are. They are stored with the time of day, and their age is counted in time that passed, as far as it
 * passed in this process: a clock that is set makes nothing older. What was stored before is as old as the time of day
 * said when the process began. Where the time of day came twice, because it was set back, the younger age counts.
 */
export class Ages {
  readonly #clock: Clock;
  readonly #settings: Setting[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.note();
  }

  /** Notices when the time of day was set; to be called as often as anything happens. */
  note(): void {
    const fromMs = this.#clock.elapsed();
    const aheadMs = this.#clock.now() - fromMs;
    const last = this.#settings.at(-1);
    if (last !== undefined && Math.abs(last.aheadMs - aheadMs) < STEP_MS) {
      last.seenMs = fromMs;
      return;
    }
    this.#settings.push({ fromMs, aheadMs, seenMs: fromMs });
    if (this.#settings.length > MAX_STEPS) this.#settings.shift();
  }

  /** When something was accepted, as the clock's elapsed time; negative when that was before the process began. */
  acceptedAt(timeOfDayMs: number): number {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    let toMs = this.#clock.elapsed();
    for (let i = this.#settings.length - 1; i >= 0; i--) {
      const setting = this.#settings[i];
      if (setting === undefined) break;
      // Between two looks the clock may have been at either setting.
      const fromMs = this.#settings[i - 1]?.seenMs ?? Number.NEGATIVE_INFINITY;
      const atMs = timeOfDayMs - setting.aheadMs;
      const nearestMs = Math.min(Math.max(atMs, fromMs), toMs);
      // What the clock may be off without having been set tells no setting from another: the younger one counts.
      const off = Math.max(0, Math.abs(atMs - nearestMs) - STEP_MS);
      if (off < least) {
        least = off;
        best = nearestMs;
      }
      toMs = setting.fromMs;
    }
    return best;
  }
}
