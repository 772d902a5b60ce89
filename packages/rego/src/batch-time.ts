import type { WorkTime } from "./thread-protocol.ts";

/** A deadline is for as many evaluations, at most. */
const MOST_IN_DEADLINE = 128;
/**
 * What each evaluation has of the deadline at least. It takes some 20 microseconds; on a machine that has no time, with
 * code that is not optimised yet, it has taken a hundred times as long, and no good policy must fail for that.
 */
const LEAST_SHARE_MS = 2;
/** As often in a batch an evaluation can be stopped: each takes a thread, and the next one has to be waited for. */
export const MOST_STOPS = 4;
/** So many deadlines a batch may wait for a processor, on a busy machine. */
const MOST_STARVED = 2;
/** So many deadlines it may go on for engines that broke and had to be set back. */
const MOST_REPAIRED = 2;

/**
 * The time that a batch has: one deadline, and a little more with each answer once there are more of them than a
 * deadline is for. It is counted by a stopwatch that runs only while the thread is at an evaluation of the batch:
 *
 * | state | from when | the stopwatch |
 * |---|---|---|
 * | at rest | the batch begins, or all that was sent is answered and read | stands |
 * | without a thread | one was ended, until the next one has the policies | stands |
 * | at work | evaluations were sent | runs: for what is answered by as much as the thread says that it took, for the one that is under way by what looks at the thread show, up to the patience with it |
 * | unread | the thread has answered the last one of them, until the caller's thread reads it | stands |
 * | over | it shows all the time that there is, or evaluations were stopped four times | stands |
 *
 * So it is nobody's fault when the caller's own thread is held up: it can neither send nor read nor look then, and what
 * the thread did meanwhile counts for as much as it would have otherwise. Nor does it count that an engine was set back
 * or that the thread waited for a processor, each up to two deadlines.
 *
 * Half of the time and of the stops can be kept for those who come next in the batch.
 *
 * So a batch takes a bounded time of the thread. What that comes to for a call is said by `carryOn` in share.ts.
 */
export class BatchTime {
  readonly #deadlineMs: number;
  readonly #now: () => number;
  readonly #inDeadline: number;
  readonly #begin: number;
  #answers = 0;
  #stops = 0;
  #spentMs = 0;
  /** How much of that went to evaluations that were stopped. */
  #lostMs = 0;
  /** How long threads were waited for. */
  #threadlessMs = 0;
  #starvedMs = 0;
  #repairedMs = 0;
  #isHalfReserved = false;
  /** What it shows when those that are tried last have no more time. */
  #lastEndMs = Number.POSITIVE_INFINITY;

  /** @param now milliseconds, from whenever */
  constructor(deadlineMs: number, now: () => number = () => performance.now()) {
    this.#deadlineMs = deadlineMs;
    this.#now = now;
    this.#inDeadline = Math.max(1, Math.min(MOST_IN_DEADLINE, Math.floor(deadlineMs / LEAST_SHARE_MS)));
    this.#begin = now();
  }

  /** How much longer a thread can be at evaluations, as far as can be said by now. */
  get leftMs(): number {
    const shareMs = this.#deadlineMs / this.#inDeadline;
    const moreMs = Math.max(0, this.#answers - this.#inDeadline) * shareMs;
    const reservedMs = this.#isHalfReserved ? this.#deadlineMs / 2 : 0;
    return Math.min(this.#deadlineMs + moreMs, this.#lastEndMs) - this.#spentMs - reservedMs;
  }

  get isOver(): boolean {
    return this.#stops >= (this.#isHalfReserved ? MOST_STOPS / 2 : MOST_STOPS) || this.leftMs <= 0;
  }

  /** What the stopwatch shows. */
  get spentMs(): number {
    return this.#spentMs;
  }

  /** How many evaluations were stopped; as many as can be, when there was no thread. */
  get stops(): number {
    return this.#stops;
  }

  /**
   * True once others have waited for as long as a deadline: this is by the clock, whatever the batch did in that time,
   * but for waits for a thread.
   */
  get hasTakenDeadline(): boolean {
    return this.#now() - this.#begin - this.#threadlessMs >= this.#deadlineMs;
  }

  /** How long an evaluation may take while others wait: if all hang, they are all that is stopped. */
  get patienceMs(): number {
    return this.#deadlineMs / MOST_STOPS;
  }

  /** How long one may take of so many that are tried last, if each takes all that it can. */
  patienceOfLast(count: number): number {
    return this.leftMs / Math.max(1, Math.min(count, MOST_STOPS - this.#stops));
  }

  /** How much of a time in which a thread was at evaluations counts. */
  cost({ workedMs, starvedMs, repairMs }: WorkTime): number {
    return Math.max(0, workedMs - this.#excusedStarving(starvedMs) - this.#excusedRepair(repairMs));
  }

  /** @param count for how many evaluations the answers count */
  noteAnswers(count: number, took: WorkTime): void {
    this.#answers += count;
    this.#spend(took);
  }

  /** @param took what was seen of the evaluation that was stopped */
  noteStop(took: WorkTime): void {
    this.#stops++;
    this.#lostMs += this.#spend(took);
  }

  /** The end of the time met an evaluation that could have had more of it: that says nothing about it. */
  noteCut(took: WorkTime): void {
    this.#spend(took);
    this.#spentMs += Math.max(0, this.leftMs);
  }

  /** The others do not wait for the batch while it waits for a thread. */
  noteThreadless(ms: number): void {
    this.#threadlessMs += ms;
  }

  /** Keeps half of a deadline and of the stops for later. */
  reserveHalf(): void {
    this.#isHalfReserved = true;
  }

  releaseHalf(): void {
    this.#isHalfReserved = false;
  }

  /** From now on those are tried that were stopped, or before: they get what of a deadline was not lost yet. */
  beginLast(): void {
    this.#lastEndMs = this.#spentMs + this.#deadlineMs - this.#lostMs;
  }

  /** Leaves no more time. */
  giveUp(): void {
    this.#stops = MOST_STOPS;
  }

  /** @returns how much of it counts */
  #spend(took: WorkTime): number {
    const costMs = this.cost(took);
    this.#starvedMs += this.#excusedStarving(took.starvedMs);
    this.#repairedMs += this.#excusedRepair(took.repairMs);
    this.#spentMs += costMs;
    return costMs;
  }

  /** That the thread waited for a processor is nobody's fault here. */
  #excusedStarving(ms: number): number {
    return Math.max(0, Math.min(ms, this.#deadlineMs * MOST_STARVED - this.#starvedMs));
  }

  /** That an engine which broke was set back is no fault of those behind. */
  #excusedRepair(ms: number): number {
    return Math.max(0, Math.min(ms, this.#deadlineMs * MOST_REPAIRED - this.#repairedMs));
  }
}
