import { skipClass } from "./characters.ts";

interface Run {
  readonly classes: number;
  from: number;
  end: number;
}

interface Opaque {
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Where runs of characters of one kind end, remembered for the run seen last: rules that begin anew at many
 * places of one long run walk it once all together.
 */
export class Runs {
  readonly #text: string;
  readonly #last: Run[] = [];
  /** The part of a key that was found last: looked for from `from`, beginning at `start`, in a run that ends at `end`. */
  opaque: Opaque = { from: -1, start: -1, end: -1 };

  constructor(text: string) {
    this.#text = text;
  }

  /** Behind the characters of the given classes that begin at `from`. */
  endOf(from: number, classes: number): number {
    let last = this.#last.find((run) => run.classes === classes);
    if (last !== undefined && from >= last.from && from <= last.end) return last.end;
    if (last === undefined) {
      last = { classes, from, end: from };
      this.#last.push(last);
    }
    last.from = from;
    last.end = skipClass(this.#text, from, classes, this.#text.length);
    return last.end;
  }
}
