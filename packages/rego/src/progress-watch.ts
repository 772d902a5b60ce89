import type { WorkTime } from "./thread-protocol.ts";

/** The shortest time after which is looked whether the thread gets on. */
const LEAST_LOOK_MS = 5;
/** So many times longer it may take when the thread has to wait for a processor. */
const MOST_STARVED = 2;
/** So many looks in the time that an evaluation may take. */
const LOOKS = 4;

/** What a look at the thread shows. */
export interface Look {
  /** By the clock. */
  readonly at: number;
  /** How long the thread has been running so far; `undefined` where nobody can tell. */
  readonly runningMs: number | undefined;
  /** The evaluation that is under way, or was the last one. */
  readonly index: number;
  /** All is answered, and the answers are still to be read. */
  readonly isUnread: boolean;
}

/** What is asked of the time of a batch. */
export interface TimeLeft {
  readonly leftMs: number;
  cost(took: WorkTime): number;
}

/**
 * Says from looks at a thread whether the evaluation that is under way takes too long. It does when the thread was
 * running for all its patience, was seen at it for twice as long, or leaves the batch no time.
 *
 * A look that comes late, since the thread that looks was held up, counts for no more than one that comes in time, but
 * for what the thread has really been running since the look before.
 */
export class ProgressWatch {
  readonly #patienceMs: number;
  readonly #time: TimeLeft;
  #index = 0;
  /** When it was looked at last, or begun. */
  #at: number;
  /** The thread's own time then; not asked for before it takes long. */
  #runningMs: number | undefined;
  /** What was seen of the evaluation under way, and for how much of that the thread was running. */
  #seenMs = 0;
  #ranMs = 0;

  constructor(patienceMs: number, time: TimeLeft, at: number) {
    this.#patienceMs = patienceMs;
    this.#time = time;
    this.#at = at;
  }

  /** After how many milliseconds it is to be looked again. */
  get pauseMs(): number {
    const leftMs = this.#time.leftMs - this.#time.cost(this.took);
    return Math.max(LEAST_LOOK_MS, Math.min(this.#patienceMs / LOOKS, leftMs));
  }

  /** What of the evaluation under way counts. */
  get took(): WorkTime {
    const starvedMs = this.#seenMs - this.#ranMs;
    return { workedMs: Math.min(this.#ranMs, this.#patienceMs) + starvedMs, starvedMs, repairMs: 0 };
  }

  /** Answers came, and another evaluation may be under way. */
  moveOn(index: number, at: number): void {
    this.#begin(index, at, undefined);
  }

  /** @returns whether the evaluation takes too long */
  look({ at, runningMs, index, isUnread }: Look): boolean {
    if (isUnread || index !== this.#index) {
      this.#begin(index, at, runningMs);
      return false;
    }
    const gapMs = at - this.#at;
    const inTimeMs = Math.min(gapMs, this.pauseMs);
    const before = this.#runningMs;
    // It was running all the time, as long as nothing else is known.
    const ranMs = runningMs === undefined || before === undefined ? inTimeMs : runningMs - before;
    this.#ranMs += ranMs;
    this.#seenMs += Math.max(inTimeMs, ranMs);
    this.#at = at;
    this.#runningMs = runningMs;
    const isStarved = this.#seenMs >= this.#patienceMs * MOST_STARVED;
    return this.#ranMs >= this.#patienceMs || isStarved || this.#time.cost(this.took) >= this.#time.leftMs;
  }

  #begin(index: number, at: number, runningMs: number | undefined): void {
    this.#index = index;
    this.#at = at;
    this.#runningMs = runningMs;
    this.#seenMs = 0;
    this.#ranMs = 0;
  }
}
