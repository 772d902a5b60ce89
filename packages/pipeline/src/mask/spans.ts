import { type FindingKind, REDACTED } from "./categories.ts";

/** Stretches of a text that are to be masked, in the order they were found; they may overlap. */
export class Spans {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly kinds: FindingKind[] = [];

  get size(): number {
    return this.starts.length;
  }

  /** Adds the characters from `start` up to `end`, the end not included. */
  add(start: number, end: number, kind: FindingKind): void {
    this.starts.push(start);
    this.ends.push(end);
    this.kinds.push(kind);
  }

  /**
   * The same stretches, without those within a mark, and grown over the marks that they cut.
   *
   * @param marks where the marks begin, ascending; none overlaps another
   * @param length how long each mark is
   */
  around(marks: readonly number[], length: number): Spans {
    const kept = new Spans();
    for (const [i, kind] of this.kinds.entries()) {
      let start = this.starts[i] ?? 0;
      let end = this.ends[i] ?? 0;
      const first = marks[lastAtMost(marks, start)] ?? Number.NEGATIVE_INFINITY;
      if (end <= first + length) continue;
      if (start < first + length) start = first;
      const last = marks[lastAtMost(marks, end - 1)] ?? Number.NEGATIVE_INFINITY;
      if (end < last + length) end = last + length;
      kept.add(start, end, kind);
    }
    return kept;
  }

  /** Moves what begins within one of these sequences, and goes on behind it, to the sequence's end. */
  leave(sequences: readonly (readonly [start: number, end: number])[]): void {
    const ordered = sequences.toSorted(([a], [b]) => a - b);
    const starts = ordered.map(([start]) => start);
    for (const [i, start] of this.starts.entries()) {
      const end = ordered[lastAtMost(starts, start)]?.[1] ?? 0;
      if (end > start && end < (this.ends[i] ?? 0)) this.starts[i] = end;
    }
  }

  /** The kinds of the stretches that lie within no other, in the order they were found. */
  outerKinds(): readonly FindingKind[] {
    const order = Array.from(this.starts.keys()).sort(
      (a, b) =>
        (this.starts[a] ?? 0) - (this.starts[b] ?? 0) || (this.ends[b] ?? 0) - (this.ends[a] ?? 0) || a - b,
    );
    let reached = -1;
    const outer = order.filter((i) => {
      const end = this.ends[i] ?? 0;
      const isOuter = end > reached;
      reached = Math.max(reached, end);
      return isOuter;
    });
    return outer.sort((a, b) => a - b).map((i) => this.kinds[i] ?? "failure");
  }

  /** The text with each stretch replaced, those that touch or overlap as one. */
  applyTo(text: string): string {
    const order = Array.from(this.starts.keys()).sort(
      (a, b) => (this.starts[a] ?? 0) - (this.starts[b] ?? 0),
    );
    let masked = "";
    let kept = 0;
    let openStart = -1;
    let openEnd = -1;
    const close = (): void => {
      if (openStart < 0) return;
      masked += text.slice(kept, openStart) + REDACTED;
      kept = openEnd;
    };
    for (const i of order) {
      const start = this.starts[i] ?? 0;
      const end = this.ends[i] ?? 0;
      if (openStart >= 0 && start <= openEnd) {
        openEnd = Math.max(openEnd, end);
        continue;
      }
      close();
      openStart = start;
      openEnd = end;
    }
    close();
    return masked + text.slice(kept);
  }
}

/** The index of the last of the ascending numbers that is not above `limit`; -1 when each one is. */
function lastAtMost(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
