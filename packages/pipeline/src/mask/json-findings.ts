/**
 * What was found in a text before it was read as JSON. The reading looks at each key, string and number by itself and
 * mostly finds the same; whatever it misses goes all the same, with all of the part that it stands in.
 */
import { type FindingKind, NAMED_KINDS } from "./categories.ts";
import type { Spans } from "./spans.ts";

interface Found {
  readonly start: number;
  readonly end: number;
  readonly kind: FindingKind;
}

/**
 * What the reading knows better of a part: all, since it found something there; which names stand in front of which
 * values, as of a key, or a string with backslashes before its own quotes; or nothing.
 */
export type Known = "all" | "names" | "nothing";

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
   * findings, those that go beyond the part took JSON's signs for something else. The user's may be meant for them,
   * unless one began in a text in which the reading found it too, as `EMP: .*` does.
   */
  kindAt(start: number, end: number, known: Known): FindingKind | undefined {
    let within: FindingKind | undefined;
    for (; this.#next < this.#all.length; this.#next++) {
      const found = this.#all[this.#next];
      if (found === undefined || found.start >= end) break;
      if (found.start >= start && found.end <= end) {
        // One that begins with the string's own quote took it for a quote within.
        const isOther = !NAMED_KINDS.has(found.kind) && found.start > start;
        if (known === "nothing" || (known === "names" && isOther)) within ??= found.kind;
      } else if (found.end > this.#reached && isOwn(found) && !(known === "all" && found.start > start)) {
        this.#reached = found.end;
        this.#reaching = found.kind;
      }
    }
    return this.#reached > start ? this.#reaching : within;
  }

  /** Goes over a part that stays as it is, or goes whole: what began in it says nothing of the parts behind it. */
  pass(start: number, end: number): void {
    this.kindAt(start, end, "all");
  }
}

/** True for a literal or pattern of the user's. */
function isOwn({ kind }: Found): boolean {
  return kind === "literal" || kind === "pattern";
}
