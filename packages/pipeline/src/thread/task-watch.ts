import type { Clock } from "../contracts.ts";

export interface TaskWatchOptions {
  readonly clock: Clock;
  /** What a task may take, in ms in which its thread was running. */
  readonly deadlineMs: number;
  /** The same in ms by the clock, however little of it the thread was running. */
  readonly mostMs: number;
  /** How long the thread has been running, in ms; left out where nobody knows, and the clock alone counts. */
  readonly ask: (() => Promise<number | undefined>) | undefined;
  /**
   * Called once, unless the watch is ended before.
   * @param isCostly false: the thread had too little of a processor, which is not the task's fault
   */
  readonly onLate: (isCostly: boolean) => void;
}

/** So many looks at most in the time that a task may take, once that is over by the clock. */
const LOOKS = 10;

/**
 * Watches over one task of a thread. Its time counts while the thread is running: on a machine that has no time for it,
 * the same task would be said to cost more than it does.
 */
export class TaskWatch {
  readonly #options: TaskWatchOptions;
  readonly #startedAt: number;
  /** How long the thread had been running before; of a thread that is only starting, that is no time. */
  #before = 0;
  #cancelTimer: () => void;
  #isOver = false;

  constructor(options: TaskWatchOptions) {
    this.#options = options;
    this.#startedAt = options.clock.elapsed();
    this.#cancelTimer = options.clock.schedule(options.deadlineMs, () => void this.#look());
    void this.#begin();
  }

  end(): void {
    this.#isOver = true;
    this.#cancelTimer();
  }

  async #begin(): Promise<void> {
    this.#before = (await this.#options.ask?.()) ?? 0;
  }

  async #look(): Promise<void> {
    const { ask, clock, deadlineMs, mostMs } = this.#options;
    if (ask === undefined) {
      this.#giveUp(true);
      return;
    }
    // Whether or not the thread ever answers.
    const left = mostMs - (clock.elapsed() - this.#startedAt);
    this.#cancelTimer = clock.schedule(left, () => this.#giveUp(false));
    const running = await ask();
    if (this.#isOver || running === undefined) return;
    const used = running - this.#before;
    if (used >= deadlineMs) {
      this.#giveUp(true);
      return;
    }
    const waitMs = Math.max(deadlineMs - used, deadlineMs / LOOKS);
    const stillLeft = mostMs - (clock.elapsed() - this.#startedAt);
    if (waitMs >= stillLeft) return;
    this.#cancelTimer();
    this.#cancelTimer = clock.schedule(waitMs, () => void this.#look());
  }

  #giveUp(isCostly: boolean): void {
    if (this.#isOver) return;
    this.end();
    this.#options.onLate(isCostly);
  }
}
