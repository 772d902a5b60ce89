import type { Segment, SequenceRange } from "../contracts.ts";
import { countUpTo } from "./ranges.ts";

/**
 * When a flush is done: once all is settled that was in the queue when it began. What comes later may be
 * delivered meanwhile and does not count.
 */
export class FlushGoal {
  readonly #reached: () => void;
  readonly #taken: number;
  readonly #early: (() => void)[] = [];
  #begun = false;
  #remaining = 0;
  /** Events of the flush that were not taken from the queue yet. */
  #untaken = 0;
  /** The last sequence that belongs to the flush; unknown until it is taken. */
  #boundary: number;

  /**
   * Made when the queue is asked what is pending; what happens until it answers is caught up with then.
   *
   * @param taken events taken and not settled
   * @param lastTaken the last sequence taken
   * @param reached called once nothing is left
   */
  constructor(taken: number, lastTaken: number, reached: () => void) {
    this.#taken = taken;
    this.#boundary = lastTaken;
    this.#reached = reached;
  }

  /** Events to be settled yet. */
  get remaining(): number {
    return this.#remaining;
  }

  /** @param pending events in the queue that were not settled, taken or not */
  begin(pending: number): void {
    this.#begun = true;
    this.#remaining = pending;
    this.#untaken = Math.max(0, pending - this.#taken);
    if (this.#untaken > 0) this.#boundary = Number.POSITIVE_INFINITY;
    for (const catchUp of this.#early) catchUp();
    if (this.#remaining === 0) this.#reached();
  }

  onTaken(segments: readonly Segment[]): void {
    if (!this.#begun) {
      this.#early.push(() => this.onTaken(segments));
      return;
    }
    for (const { firstSequence, indexes } of segments) {
      if (this.#untaken === 0) return;
      const index = indexes[Math.min(this.#untaken, indexes.length) - 1];
      this.#untaken = Math.max(0, this.#untaken - indexes.length);
      if (this.#untaken === 0 && index !== undefined) this.#boundary = firstSequence + index;
    }
  }

  onSettled(ranges: readonly SequenceRange[]): void {
    if (!this.#begun) {
      this.#early.push(() => this.onSettled(ranges));
      return;
    }
    if (this.#remaining === 0) return;
    this.#remaining = Math.max(0, this.#remaining - countUpTo(ranges, this.#boundary));
    if (this.#remaining === 0) this.#reached();
  }
}
