/**
 * Short patterns, looked for in a text all at once, at one look-up in a table for each character. The table is that
 * of a deterministic automaton (Thompson, "Regular expression search algorithm", 1968). It is filled as texts ask for
 * it, since they ask for few of its rows.
 */

import type { Beginnings } from "./beginnings.ts";
import { classesOf, findReached, findTargets, findUrgent, type Link, linkPlaces } from "./links.ts";

/** The row of what is not worked out yet. It leads nowhere, so that this can be seen some characters later. */
export const UNKNOWN = 0;
/** No text comes to see so many. Beyond it a pattern is taken for found, so that the memory stays small. */
const MAX_STATES = 16_384;
const FIRST_STATES = 64;

/** Nothing may be skipped behind a row, since skipped bytes could complete a pattern. */
export const URGENT = 1;
/** A space or hyphen beyond ASCII led to a row. */
export const SEPARATED = 2;

/** A state is named by the place in the table at which its row begins. */
export class Automaton {
  /** The class of each byte. */
  readonly classes: Uint8Array;
  /** The row of a pattern that was found, which is never left. Rows behind it are those of the search. */
  readonly found: number;
  /** The row that the search of a text begins with. */
  readonly start: number;
  /** The row of a search that begins within a word. */
  readonly inside: number;
  /** The row behind bytes that were skipped, whatever stood in front of them. */
  readonly behindSkipped: number;
  /** The same, where a space or hyphen beyond ASCII was in front of them. */
  readonly behindSeparated: number;
  /** Where each class leads from each row. Replaced when it grows. */
  table: Int32Array;
  /** What is said of each row: {@link URGENT}, {@link SEPARATED}. Replaced when it grows. */
  marks: Uint8Array;
  readonly #root: Link;
  readonly #separated: Link;
  readonly #urgent: ReadonlySet<Link>;
  readonly #width: number;
  readonly #rows = new Map<string, number>();
  /** The places that each state is in. */
  readonly #members: (readonly Link[])[] = [[], []];

  /** @param skipped bytes that the search may leave out; no pattern consists of them alone */
  constructor({ anywhere, boundary, separated }: Beginnings, skipped: string) {
    const { links, classes, classCount } = linkPlaces([anywhere, boundary, separated]);
    const targets = findTargets(links, classesOf(skipped, classes));
    const [root, beginning, sticky] = links;
    this.#urgent = findUrgent(targets);
    if (root === undefined || beginning === undefined || sticky === undefined || this.#urgent.has(root))
      throw new TypeError("a pattern consists of bytes that are skipped");
    this.#root = root;
    this.#separated = sticky;
    this.classes = classes;
    this.#width = classCount;
    this.found = classCount;
    this.table = new Int32Array(FIRST_STATES * classCount).fill(this.found, this.found, 2 * this.found);
    this.marks = new Uint8Array(FIRST_STATES * classCount);
    this.start = this.#rowOf([beginning]);
    this.inside = this.#rowOf([]);
    const reached = findReached(targets, this.#urgent);
    this.behindSkipped = this.#rowOf(reached.filter((link) => link !== sticky));
    this.behindSeparated = this.#rowOf(reached);
  }

  /** Where a class leads from the row of what was found, or from one behind it. */
  next(row: number, kind: number): number {
    const known = this.table[row + kind] ?? UNKNOWN;
    if (known !== UNKNOWN) return known;
    const next = this.#step(this.#members[row / this.#width] ?? [], kind);
    this.table[row + kind] = next;
    return next;
  }

  #step(members: readonly Link[], kind: number): number {
    const reached = new Set<Link>();
    for (const { targets } of [this.#root, ...members]) {
      for (const target of targets.get(kind) ?? []) {
        if (target === undefined) return this.found;
        reached.add(target);
      }
    }
    return this.#rowOf([...reached]);
  }

  #rowOf(reached: readonly Link[]): number {
    const furthest = Math.max(...reached.map(({ count }) => count));
    const members = reached
      .filter(({ count }) => count === 0 || count === furthest)
      .sort((a, b) => a.id - b.id);
    const name = members.map(({ id }) => id).join();
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const state = this.#members.length;
    if (state >= MAX_STATES) return this.found;
    const row = state * this.#width;
    if (row >= this.table.length) this.#grow();
    this.#members.push(members);
    this.#rows.set(name, row);
    const isUrgent = members.some((member) => this.#urgent.has(member));
    this.marks[row] = (isUrgent ? URGENT : 0) | (members.includes(this.#separated) ? SEPARATED : 0);
    return row;
  }

  #grow(): void {
    const { table, marks } = this;
    this.table = new Int32Array(2 * table.length);
    this.table.set(table);
    this.marks = new Uint8Array(2 * marks.length);
    this.marks.set(marks);
  }
}
