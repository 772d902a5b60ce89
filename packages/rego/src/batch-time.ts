/** A deadline is for as many evaluations, at most. */
const MOST_IN_DEADLINE = 128;
/**
 * What each evaluation has of the deadline at least. It takes some 20 microseconds; on a machine that has no time, with
 * code that is not optimised yet, it has taken a hundred times as long, and no good policy must fail for that.
 */
const LEAST_SHARE_MS = 2;
/** As often in a batch an evaluation can be stopped: each takes a thread, and the next one has to be waited for. */
const MOST_STOPS = 4;
/** So many deadlines a batch may wait for a processor, on a busy machine. */
const MOST_STARVED = 2;
/** So many deadlines it may go on for engines that broke and had to be set back. */
const MOST_REPAIRED = 2;

/**
 * The time that a batch has: one deadline, and a little more with each answer once there are more of them than a
 * deadline is for. So a batch of any size ends within a deadline when its evaluations hang or take long, but for the
 * time in which threads are begun, engines are set back or a processor is waited for, and one that is only slow, as
 * everything is on a busy machine, has the time for all of it.
 */
export class BatchTime {
  readonly #deadlineMs: number;
  readonly #now: () => number;
  readonly #inDeadline: number;
  readonly #begin: number;
  #answers = 0;
  #stops = 0;
  /** What was lost on evaluations that were stopped. */
  #lostMs = 0;
  #excusedMs = 0;
  #starvedMs = 0;
  #repairedMs = 0;
  /** When those that are tried last have no more time. */
  #lastEnd = Number.POSITIVE_INFINITY;

  /** @param now milliseconds, from whenever */
  constructor(deadlineMs: number, now: () => number = () => performance.now()) {
    this.#deadlineMs = deadlineMs;
    this.#now = now;
    this.#inDeadline = Math.max(1, Math.min(MOST_IN_DEADLINE, Math.floor(deadlineMs / LEAST_SHARE_MS)));
    this.#begin = now();
  }

  /** When there is no more time, as the clock counts, and as far as can be said by now. */
  get end(): number {
    const shareMs = this.#deadlineMs / this.#inDeadline;
    const moreMs = Math.max(0, this.#answers - this.#inDeadline) * shareMs;
    return Math.min(this.#begin + this.#excusedMs + this.#deadlineMs + moreMs, this.#lastEnd);
  }

  get isOver(): boolean {
    return this.#stops >= MOST_STOPS || this.#now() >= this.end;
  }

  /** True once it has gone on for as long as a deadline, whatever more there is for what was answered. */
  get hasTakenDeadline(): boolean {
    return this.#now() >= this.#begin + this.#excusedMs + this.#deadlineMs;
  }

  /** How long an evaluation may take while others wait: if all hang, they are all that is stopped. */
  get patienceMs(): number {
    return this.#deadlineMs / MOST_STOPS;
  }

  /** How long one may take of so many that are tried last, if each takes all that it can. */
  patienceOfLast(count: number): number {
    return (this.end - this.#now()) / Math.max(1, Math.min(count, MOST_STOPS - this.#stops));
  }

  noteAnswers(count: number): void {
    this.#answers += count;
  }

  /** @param silentMs how long there was no answer */
  noteStop(silentMs: number): void {
    this.#stops++;
    this.#lostMs += silentMs;
  }

  /** Does not count a wait for a thread. */
  excuse(waitedMs: number): void {
    this.#excusedMs += waitedMs;
    this.#lastEnd += waitedMs;
  }

  /** Does not count that a thread waited for a processor, which is nobody's fault here: up to two deadlines. */
  noteStarved(ms: number): void {
    const excusedMs = Math.max(0, Math.min(ms, this.#deadlineMs * MOST_STARVED - this.#starvedMs));
    this.#starvedMs += excusedMs;
    this.excuse(excusedMs);
  }

  /** Does not count that an engine which broke was set back, which those behind are not at fault for. */
  noteRepair(ms: number): void {
    const excusedMs = Math.min(ms, this.#deadlineMs * MOST_REPAIRED - this.#repairedMs);
    this.#repairedMs += excusedMs;
    this.excuse(excusedMs);
  }

  /** From now on those are tried that were stopped, or before: they get what of a deadline was not lost yet. */
  beginLast(): void {
    this.#lastEnd = this.#now() + this.#deadlineMs - this.#lostMs;
  }

  /** Leaves no more time. */
  giveUp(): void {
    this.#stops = MOST_STOPS;
  }
}
