import type { Task } from "./task.ts";

/** For so many batches in a row a call can get nowhere before it fails. */
const MOST_STRIKES = 3;

/** What of one call is to be answered. */
export interface Share {
  /** Open ones. */
  readonly tasks: readonly Task[];
  /** It was in a batch before. */
  readonly isBegun: boolean;
  /** In how many batches in a row it got nowhere. */
  readonly strikes: number;
  /** For how many batches in a row nothing of it was evaluated. */
  readonly passed: number;
}

/** What became of a batch. */
export interface Outcome {
  readonly answered: ReadonlySet<Task>;
  readonly stopped: ReadonlySet<Task>;
  /** Those that come last: they were stopped, in this batch or one before. */
  readonly aside: ReadonlySet<Task>;
  /** How many calls were in it. */
  readonly calls: number;
  /** It was over, by evaluations that were stopped too, before those that come last. */
  readonly isCutShort: boolean;
  /** It had no more time in the end, or as many were stopped as can be. */
  readonly isOver: boolean;
  readonly hasStopped: boolean;
}

export function beginShare(tasks: readonly Task[]): Share {
  return { tasks, isBegun: false, strikes: 0, passed: 0 };
}

/** The calls that are in a batch for the first time: a small one does not wait for a large one. */
export function newcomersOf(shares: readonly Share[]): readonly Task[] {
  const newcomers = shares.filter(({ isBegun }) => !isBegun);
  return newcomers
    .toSorted((one, other) => one.tasks.length - other.tasks.length)
    .flatMap(({ tasks }) => tasks);
}

/** The others, of which those come first that have waited longest. */
export function begunOf(shares: readonly Share[]): readonly Task[] {
  const begun = shares.filter(({ isBegun }) => isBegun);
  return begun.toSorted((one, other) => other.passed - one.passed).flatMap(({ tasks }) => tasks);
}

/**
 * Says what of a call is in the next batch: all that is open, or nothing since it fails.
 *
 * | what the batch did for the call | strikes |
 * |---|---|
 * | an evaluation of it was stopped | one more |
 * | none of it was answered, and evaluations of others were stopped until the batch was over | one more |
 * | none of it was answered, only such are open as come last, and the batch was over before | one more |
 * | something was answered, and nothing stopped | none any more |
 * | nothing was evaluated, since it was the turn of others or answers used up the time | as before |
 *
 * It fails with {@link MOST_STRIKES}; and before that when it was alone in a batch in which evaluations were stopped,
 * and all that is open would come last again.
 */
export function carryOn(share: Share, open: readonly Task[], batch: Outcome): Share | undefined {
  const { answered, stopped, aside, calls, isCutShort, isOver, hasStopped } = batch;
  const isAnswered = share.tasks.some((task) => answered.has(task));
  const isStopped = share.tasks.some((task) => stopped.has(task));
  const isLast = open.every((task) => aside.has(task));
  if (isLast && calls === 1 && hasStopped) return undefined;
  const isKeptOut = !isAnswered && (isCutShort || (isLast && calls > 1 && isOver));
  const before = isAnswered ? 0 : share.strikes;
  const strikes = isStopped || isKeptOut ? share.strikes + 1 : before;
  if (strikes === MOST_STRIKES) return undefined;
  return { tasks: open, isBegun: true, strikes, passed: isAnswered || isStopped ? 0 : share.passed + 1 };
}
