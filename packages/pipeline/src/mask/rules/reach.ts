/**
 * How far the values reach that were found in one text so far. The walk looks on from where a value begins, since
 * something else may begin within it and run further. What ends a value ends the values within it, so that no part of
 * a text is gone over once for each of them.
 */
export class Reach {
  /** Quotes that close a value: none of them opens another. */
  readonly closings: Set<number> = new Set();
  /** Where texts begin that go on with the ones in front of them: they and what goes on with them were looked at. */
  readonly joined: Set<number> = new Set();
  /** Behind the last value in brackets, value of parts, choice without a value, list of cookies, line of credentials, character data, part of a form and block. */
  brackets = 0;
  composed = 0;
  choice = 0;
  cookies = 0;
  line = 0;
  data = 0;
  part = 0;
  block = 0;
  /** Behind the last text that an error repeats, and where the brackets end of the last pair. */
  repeated = 0;
  pair = 0;
  readonly #next = new Map<string, { readonly from: number; readonly at: number }>();
  #bareFrom = 0;
  #bareEnd = 0;

  /** Where the bare value ends that begins at `start`; asked of `find` unless it is within the last one. */
  bareEnd(start: number, find: (start: number) => number): number {
    if (start >= this.#bareFrom && start < this.#bareEnd) return this.#bareEnd;
    this.#bareFrom = start;
    this.#bareEnd = find(start);
    return this.#bareEnd;
  }

  /** Where a piece of text stands next from a place on, and the text's end where it does not. Places are best asked for in their order. */
  nextOf(text: string, piece: string, from: number): number {
    const last = this.#next.get(piece);
    if (last !== undefined && last.from <= from && from <= last.at) return last.at;
    const found = text.indexOf(piece, from);
    const at = found < 0 ? text.length : found;
    this.#next.set(piece, { from, at });
    return at;
  }
}
