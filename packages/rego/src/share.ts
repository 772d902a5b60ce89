import { MOST_STOPS } from "./batch-time.ts";
import { MOST_IN_MESSAGE, type Task } from "./task.ts";

/** After so many stops in which a call got nowhere it fails: those of three batches. */
const MOST_WAITED = 3 * MOST_STOPS;

/** What of one call is to be answered. */
export interface Share {
  /** Open ones. */
  readonly tasks: readonly Task[];
  /** It was in a batch before. */
  readonly isBegun: boolean;
  /** For how many stops, its own or those of others, it has got nowhere. */
  readonly waited: number;
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
  /** How many evaluations were stopped before those that come last. */
  readonly stops: number;
  readonly hasStopped: boolean;
}

export function beginShare(tasks: readonly Task[]): Share {
  return { tasks, isBegun: false, waited: 0, passed: 0 };
}

/** The calls that are in a batch for the first time: a small one does not wait for a large one. */
export function newcomersOf(shares: readonly Share[]): readonly Task[] {
  const newcomers = shares.filter(({ isBegun }) => !isBegun);
  return newcomers
    .toSorted((one, other) => one.tasks.length - other.tasks.length)
    .flatMap(({ tasks }) => tasks);
}

/** The others by turns, a message of each; those come first that have waited longest. */
export function begunOf(shares: readonly Share[]): readonly Task[] {
  const begun = shares.filter(({ isBegun }) => isBegun).toSorted((one, other) => other.passed - one.passed);
  const most = Math.max(0, ...begun.map(({ tasks }) => tasks.length));
  const turns: Task[] = [];
  for (let start = 0; start < most; start += MOST_IN_MESSAGE) {
    for (const { tasks } of begun) turns.push(...tasks.slice(start, start + MOST_IN_MESSAGE));
  }
  return turns;
}

/**
 * Says what of a call is in the next batch: all that is open, or nothing since it fails.
 *
 * | what the batch did for the call | it has waited for |
 * |---|---|
 * | an evaluation of it was stopped | a batch's stops more |
 * | none of it was answered, and evaluations that were stopped ended the batch | a batch's stops more |
 * | none of it was answered, only such are open as come last, and the batch was over before them | a batch's stops more |
 * | none of it was answered, it was the turn of others, and some of theirs were stopped | so many more |
 * | nothing of it was evaluated, and nothing was stopped | as many as before |
 * | something was answered, and nothing stopped | none |
 *
 * It fails with {@link MOST_WAITED}; and before that when it was alone in a batch in which evaluations were stopped, and
 * all that is open would come last again. So each batch brings a call nearer to its end: it has an answer or a stop more,
 * or its turn, as one of those that have waited longest.
 */
export function carryOn(share: Share, open: readonly Task[], batch: Outcome): Share | undefined {
  const { answered, stopped, aside, calls, isCutShort, isOver, stops, hasStopped } = batch;
  const isAnswered = share.tasks.some((task) => answered.has(task));
  const isStopped = share.tasks.some((task) => stopped.has(task));
  const isLast = open.every((task) => aside.has(task));
  if (isLast && calls === 1 && hasStopped) return undefined;
  const isKeptOut = !isAnswered && (isCutShort || (isLast && calls > 1 && isOver));
  let waited = isAnswered ? 0 : share.waited + stops;
  if (isStopped || isKeptOut) waited = share.waited + MOST_STOPS;
  if (waited >= MOST_WAITED) return undefined;
  return { tasks: open, isBegun: true, waited, passed: isAnswered || isStopped ? 0 : share.passed + 1 };
}
