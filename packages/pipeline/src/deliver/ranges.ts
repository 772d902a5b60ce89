import type { SequenceRange } from "../contracts.ts";

/** The fewest runs that hold exactly these sequences. */
export function toRanges(sequences: readonly number[]): SequenceRange[] {
  const sorted = isAscending(sequences) ? sequences : Float64Array.from(sequences).sort();
  const ranges: SequenceRange[] = [];
  let first = sorted[0];
  if (first === undefined) return ranges;
  let last = first;
  for (const sequence of sorted) {
    if (sequence > last + 1) {
      ranges.push({ first, last });
      first = sequence;
    }
    last = sequence;
  }
  ranges.push({ first, last });
  return ranges;
}

/** Most are: one send's events, settled together. Where not, a typed array sorts by number without a call back. */
function isAscending(sequences: readonly number[]): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const sequence of sequences) {
    if (sequence < last) return false;
    last = sequence;
  }
  return true;
}

/** How many sequences of the runs are not beyond `boundary`. */
export function countUpTo(ranges: readonly SequenceRange[], boundary: number): number {
  let count = 0;
  for (const { first, last } of ranges) count += Math.max(0, Math.min(last, boundary) - first + 1);
  return count;
}
