import type { Task } from "./task.ts";

/** What of one call is to be answered. */
export interface Share {
  readonly tasks: readonly Task[];
  /** In how many batches it had no answer to all that was tried. */
  readonly batches: number;
  /** In how many batches that followed one another nothing of it was sent. */
  readonly passed: number;
}

/**
 * In which order calls are evaluated, in groups of which each has its turn in a batch: those of which nothing failed
 * yet, and then those that may hang, since they failed before. These go first when the others have left them no time.
 *
 * Within a group a small call is not behind a large one; each time that a call is passed over it counts for half as
 * large, so that its turn comes however many small ones there are.
 */
export function groupsOf(shares: readonly Share[]): readonly (readonly Task[])[] {
  const size = ({ tasks, passed }: Share): number => tasks.length / 2 ** passed;
  const sorted = shares.toSorted((one, other) => size(one) - size(other));
  const unfailed = sorted.filter(({ batches }) => batches === 0);
  const failed = sorted.filter(({ batches }) => batches > 0);
  const groups = failed.some(({ passed }) => passed > 0) ? [failed, unfailed] : [unfailed, failed];
  return groups.map((group) => group.flatMap(({ tasks }) => tasks));
}
