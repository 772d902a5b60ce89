/**
 * What was found in a text before it was read as JSON. The reading looks at each key, string and number by itself and
 * mostly finds the same; whatever it misses goes all the same, with all of the part that it stands in.
 */
import type { FindingKind } from "./categories.ts";
import type { Spans } from "./spans.ts";

interface Found {
  readonly start: number;
  readonly end: number;
  readonly kind: FindingKind;
}

export class JsonFindings {
  /** By where they begin. */
  readonly #all: readonly Found[];
  #next = 0;
  #reached = -1;
  #reaching: FindingKind | undefined;

  constructor(found: Spans) {
    const all = found.kinds.map((kind, i) => ({
      kind,
      start: found.starts[i] ?? 0,
      end: found.ends[i] ?? 0,
    }));
    this.#all = all.sort((a, b) => a.start - b.start);
  }

  /**
   * What was found from `start` to `end`, where a part of the JSON stands; asked of part after part. Of the rules' own
   * findings, those that go beyond the part took JSON's signs for something else. The user's may be meant for them.
   *
   * @param isMasked the reading found something there: what was found within the part is masked
   */
  kindAt(start: number, end: number, isMasked: boolean): FindingKind | undefined {
    let within: FindingKind | undefined;
    for (; this.#next < this.#all.length; this.#next++) {
      const found = this.#all[this.#next];
      if (found === undefined || found.start >= end) break;
      if (found.start >= start && found.end <= end) {
        within ??= found.kind;
      } else if (found.end > this.#reached && (found.kind === "literal" || found.kind === "pattern")) {
        this.#reached = found.end;
        this.#reaching = found.kind;
      }
    }
    if (this.#reached > start) return this.#reaching;
    return isMasked ? undefined : within;
  }
}
