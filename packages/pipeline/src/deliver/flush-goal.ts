import type { Segment, SequenceRange } from "../contracts.ts";
import { countUpTo } from "./ranges.ts";

/** The flushes under way. */
export class FlushGoals {
  readonly #goals = new Set<FlushGoal>();

  get size(): number {
    return this.#goals.size;
  }

  add(goal: FlushGoal): void {
    this.#goals.add(goal);
  }

  delete(goal: FlushGoal): void {
    this.#goals.delete(goal);
  }

  onTaken(segments: readonly Segment[]): void {
    for (const goal of this.#goals) goal.onTaken(segments);
  }

  /** How those that are under way now learn of what is being settled: a later one does not find it among the pending. */
  settling(): (ranges: readonly SequenceRange[]) => void {
    const goals = [...this.#goals];
    return (ranges) => {
      for (const goal of goals) goal.onSettled(ranges);
    };
  }

  /** Nothing can be delivered before that elapsed time: ends the flushes that end sooner. */
  onHeldUntil(elapsedMs: number): void {
    for (const goal of this.#goals) if (goal.endsAtMs < elapsedMs) goal.end();
  }
}

/**
 * When a flush is done: once all is settled that was in the queue when it began. What comes later may be
 * delivered meanwhile and does not count.
 */
export class FlushGoal {
  /** When its deadline is, as elapsed time. */
  readonly endsAtMs: number;
  readonly #ended = Promise.withResolvers<void>();
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
   */
  constructor(taken: number, lastTaken: number, endsAtMs: number) {
    this.#taken = taken;
    this.#boundary = lastTaken;
    this.endsAtMs = endsAtMs;
  }

  /** Resolves once nothing is left, or nothing more can be done about it. */
  get done(): Promise<void> {
    return this.#ended.promise;
  }

  end(): void {
    this.#ended.resolve();
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
    if (this.#remaining === 0) this.end();
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
    if (this.#remaining === 0) this.end();
  }
}
