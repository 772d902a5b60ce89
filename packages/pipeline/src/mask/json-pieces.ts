/** JSON that is not alone in its text: what was found in the text belongs to a piece of it, or to what stands beside. */
import type { JsonPiece } from "./json-grammar.ts";
import { Spans } from "./spans.ts";

export interface Divided {
  /** Those that are read as JSON. */
  readonly pieces: readonly JsonPiece[];
  /** What was found within them. */
  readonly within: Spans;
  /** All else that was found: none of it reaches into a piece. */
  readonly beside: Spans;
}

/** A piece into which something reaches from beside it is none: it is a text as what stands around it is. */
export function divide(found: Spans, all: readonly JsonPiece[]): Divided {
  const owners = found.starts.map((start, i) => ownerOf(all, start, found.ends[i] ?? 0));
  const reaching = found.starts
    .map((start, i) => ({ start, end: found.ends[i] ?? 0, owner: owners[i] }))
    .filter(({ owner }) => owner === undefined)
    .sort((a, b) => a.start - b.start);
  let next = 0;
  let reached = -1;
  const pieces = all.filter(({ start, end }) => {
    for (let span = reaching[next]; span !== undefined && span.start < end; span = reaching[++next])
      reached = Math.max(reached, span.end);
    return reached <= start;
  });
  const read = new Set(pieces);
  const within = new Spans();
  const beside = new Spans();
  for (const [i, kind] of found.kinds.entries()) {
    const owner = owners[i];
    const spans = owner !== undefined && read.has(owner) ? within : beside;
    spans.add(found.starts[i] ?? 0, found.ends[i] ?? 0, kind);
  }
  return { pieces, within, beside };
}

/** The piece between whose brackets the stretch lies. */
function ownerOf(pieces: readonly JsonPiece[], start: number, end: number): JsonPiece | undefined {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  const piece = pieces[low - 1];
  return piece !== undefined && end < piece.end ? piece : undefined;
}

/** Gives a text part by part, what was found in it masked. */
export class Cutter {
  readonly #text: string;
  readonly #found: readonly (readonly [start: number, end: number])[];
  #next = 0;
  #at = 0;

  constructor(text: string, found: Spans) {
    this.#text = text;
    this.#found = found.starts
      .map((start, i) => [start, found.ends[i] ?? 0] as const)
      .sort(([a], [b]) => a - b);
  }

  /** What stands up to `end`, masked; no stretch goes beyond. */
  upTo(end: number): string {
    const from = this.#at;
    const part = new Spans();
    for (
      let span = this.#found[this.#next];
      span !== undefined && span[0] < end;
      span = this.#found[++this.#next]
    )
      part.add(span[0] - from, span[1] - from, "failure");
    this.#at = end;
    return part.applyTo(this.#text.slice(from, end));
  }

  /** Goes on from there: what is in front was read elsewhere. */
  passTo(at: number): void {
    this.#at = at;
  }
}
