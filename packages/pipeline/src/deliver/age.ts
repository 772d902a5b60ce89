import type { Clock } from "../contracts.ts";

/** The time of day may differ so much from what it should be by the time that passed before it counts as set. */
const STEP_MS = 1_000;
/** Times that the clock was set which are remembered. */
const MAX_STEPS = 32;

/** From some moment on, what the time of day is ahead of the time that passed. */
interface Setting {
  readonly fromMs: number;
  readonly aheadMs: number;
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
    if (last !== undefined && Math.abs(last.aheadMs - aheadMs) < STEP_MS) return;
    this.#settings.push({ fromMs, aheadMs });
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
      const fromMs = i === 0 ? Number.NEGATIVE_INFINITY : setting.fromMs;
      const atMs = timeOfDayMs - setting.aheadMs;
      const nearestMs = Math.min(Math.max(atMs, fromMs), toMs);
      // Set between two looks, the clock was at neither: the nearer one.
      if (Math.abs(atMs - nearestMs) < least) {
        least = Math.abs(atMs - nearestMs);
        best = nearestMs;
      }
      toMs = setting.fromMs;
    }
    return best;
  }
}
