import type { SequenceRange } from "../contracts.ts";

/** Sequences start here, in either queue; 0 is free to mean "before everything". */
export const FIRST_SEQUENCE = 1;

/**
 * What one reader has settled: everything below `position`, and beyond it a set of disjoint runs that do not
 * touch one another. Memory and the cost of a step follow the number of runs, never the number of events: a
 * reader with one event in retry has one run, however far it has read on.
 */
export class SettledSet {
  #position: number;
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];

  /** @param position the oldest sequence that is not settled */
  constructor(position: number, ranges: readonly SequenceRange[] = []) {
    this.#position = position;
    for (const { first, last } of ranges) this.add(first, last);
  }

  /** The oldest sequence that is not settled. */
  get position(): number {
    return this.#position;
  }

  /** The number of runs beyond the position. */
  get runCount(): number {
    return this.#firsts.length;
  }

  /** Settles `first` to `last`, both included; what was settled before stays so. */
  add(first: number, last: number): void {
    if (last < this.#position || last < first) return;
    let from = Math.max(first, this.#position);
    let to = last;
    const start = lowerBound(this.#lasts, from - 1);
    let end = start;
    for (; end < this.#firsts.length; end++) {
      const runFirst = at(this.#firsts, end);
      if (runFirst > to + 1) break;
      from = Math.min(from, runFirst);
      to = Math.max(to, at(this.#lasts, end));
    }
    if (from === this.#position) {
      this.#position = to + 1;
      this.#firsts.splice(0, end);
      this.#lasts.splice(0, end);
    } else {
      this.#firsts.splice(start, end - start, from);
      this.#lasts.splice(start, end - start, to);
    }
  }

  has(sequence: number): boolean {
    return this.covers(sequence, sequence);
  }

  /** True when all of `first` to `last` is settled. */
  covers(first: number, last: number): boolean {
    if (last < this.#position) return true;
    const run = this.runAt(Math.max(first, this.#position));
    return run !== undefined && run.last >= last;
  }

  /** The run beyond the position that holds the sequence. */
  runAt(sequence: number): SequenceRange | undefined {
    const i = lowerBound(this.#lasts, sequence);
    const first = this.#firsts[i];
    const last = this.#lasts[i];
    return first === undefined || last === undefined || first > sequence ? undefined : { first, last };
  }

  /** The first sequence from `sequence` on that is not settled. */
  nextMissing(sequence: number): number {
    const from = Math.max(sequence, this.#position);
    const run = this.runAt(from);
    return run === undefined ? from : run.last + 1;
  }

  /** The runs beyond the position, ascending. */
  runs(): SequenceRange[] {
    return this.#firsts.map((first, i) => ({ first, last: at(this.#lasts, i) }));
  }

  /** What is not settled between `first` and `last`, both included, as ascending runs. */
  missing(first: number, last: number): SequenceRange[] {
    const missing: SequenceRange[] = [];
    let from = Math.max(first, this.#position);
    for (let i = lowerBound(this.#lasts, from); from <= last; i++) {
      const runFirst = this.#firsts[i] ?? Number.POSITIVE_INFINITY;
      if (runFirst > from) missing.push({ first: from, last: Math.min(last, runFirst - 1) });
      from = (this.#lasts[i] ?? last) + 1;
    }
    return missing;
  }

  /** How many sequences below `end` are not settled. */
  countMissing(end: number): number {
    let count = Math.max(0, end - this.#position);
    for (const [i, first] of this.#firsts.entries()) {
      if (first >= end) break;
      count -= Math.min(at(this.#lasts, i), end - 1) - first + 1;
    }
    return count;
  }
}

/** How many sequences below `end` at least one of the sets lacks. */
export function countUnsettled(sets: readonly SettledSet[], end: number): number {
  const lacking = new SettledSet(0);
  for (const set of sets) {
    for (const { first, last } of set.missing(set.position, end - 1)) lacking.add(first, last);
  }
  return lacking.runs().reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** The index of the first value that is `least` or more, in an ascending list. */
export function lowerBound(values: readonly number[], least: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(values, middle) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} of ${values.length}`);
  return value;
}
