import type { SequenceRange } from "../contracts.ts";
import type { ReaderState, Settlement, WaitingReader } from "./disk-protocol.ts";
import { integerIn, type Statements, textIn } from "./disk-statements.ts";
import { countUnsettled, SettledSet } from "./settled-set.ts";

interface ReaderBook {
  readonly name: string;
  /** The end of the log when the configuration first did not name the reader; `undefined` while it does. */
  readonly absentFrom: number | undefined;
  readonly settled: SettledSet;
  /** What was settled since the last commit. */
  dirty: SettledSet;
}

/**
 * The settled sets of all readers, in memory and in the tables `readers` and `settled`. Only what changed is
 * written: the position, and the runs that grew.
 */
export class ReaderBooks {
  readonly #statements: Statements;
  readonly #books = new Map<string, ReaderBook>();
  /** True when readers came or went, so that batches may have become deletable without a settlement. */
  readonly changed: boolean;

  /**
   * Reads the readers, within the caller's transaction. A new one starts at `end`. One that `names` does not
   * name keeps what it has not settled of the log as it was when it was first missing: a sink that a mistake
   * in the configuration took away finds its backlog again.
   */
  constructor(statements: Statements, names: readonly string[], end: number) {
    this.#statements = statements;
    let changed = false;
    for (const row of statements.readReaders.all()) {
      const name = textIn(row, "name");
      const isOpen = names.includes(name);
      const wasAbsentFrom = row["absent_from"] === null ? undefined : integerIn(row, "absent_from");
      const settled = new SettledSet(integerIn(row, "position"));
      for (const run of statements.readRuns.all(name)) {
        settled.add(integerIn(run, "first"), integerIn(run, "last"));
      }
      if (isOpen !== (wasAbsentFrom === undefined)) {
        statements.markAbsent.run(isOpen ? null : end, name);
        changed = true;
      }
      const absentFrom = isOpen ? undefined : (wasAbsentFrom ?? end);
      if (absentFrom !== undefined) settled.add(absentFrom, Number.MAX_SAFE_INTEGER);
      this.#books.set(name, { name, absentFrom, settled, dirty: new SettledSet(0) });
    }
    for (const name of names) {
      if (this.#books.has(name)) continue;
      statements.insertReader.run(name, end);
      const settled = new SettledSet(end);
      this.#books.set(name, { name, absentFrom: undefined, settled, dirty: new SettledSet(0) });
      changed = true;
    }
    this.changed = changed;
  }

  /** The readers that the configuration names, as they stand. */
  states(): ReaderState[] {
    return this.#open().map(({ name, settled }) => ({
      name,
      position: settled.position,
      runs: settled.runs(),
    }));
  }

  settle({ reader, ranges }: Settlement): void {
    const book = this.#books.get(reader);
    if (book === undefined) throw new RangeError(`no reader ${reader}`);
    for (const { first, last } of ranges) {
      for (const fresh of book.settled.missing(first, last)) book.dirty.add(fresh.first, fresh.last);
      book.settled.add(first, last);
    }
  }

  get dirty(): boolean {
    return [...this.#books.values()].some(({ dirty }) => dirty.runCount > 0);
  }

  /**
   * Readers that the configuration does not name and that have not settled all they had when it first did not.
   * The sequence from which on nothing is theirs is `until`.
   */
  waiting(): WaitingReader[] {
    const waiting: WaitingReader[] = [];
    for (const { name, absentFrom, settled } of this.#books.values()) {
      if (absentFrom === undefined) continue;
      const events = settled.countMissing(absentFrom);
      if (events > 0) waiting.push({ name, events, until: absentFrom });
    }
    return waiting;
  }

  /** True when every reader has settled all of `first` to `last`; without any reader nothing is settled. */
  allCover(first: number, last: number): boolean {
    for (const { settled } of this.#books.values()) if (!settled.covers(first, last)) return false;
    return this.#books.size > 0;
  }

  /** Writes what changed, within the caller's transaction, and returns the sequences that were settled. */
  write(): SequenceRange[] {
    const settled: SequenceRange[] = [];
    for (const book of this.#books.values()) {
      if (book.dirty.runCount === 0) continue;
      const dirty = book.dirty.runs();
      this.#writeBook(book, dirty);
      settled.push(...dirty);
    }
    return settled;
  }

  /** What {@link ReaderBooks.write} wrote is committed. */
  committed(): void {
    for (const book of this.#books.values()) {
      if (book.dirty.runCount > 0) book.dirty = new SettledSet(0);
    }
  }

  countUnsettled(end: number): number {
    return countUnsettled(
      [...this.#books.values()].map(({ settled }) => settled),
      end,
    );
  }

  /** Unsettled events by reader: of those that the configuration names, and of those that have something waiting. */
  pending(end: number): Record<string, number> {
    return Object.fromEntries([
      ...this.#open().map(({ name, settled }) => [name, settled.countMissing(end)]),
      ...this.waiting().map(({ name, events }) => [name, events]),
    ]);
  }

  #open(): ReaderBook[] {
    return [...this.#books.values()].filter(({ absentFrom }) => absentFrom === undefined);
  }

  #writeBook({ name, settled }: ReaderBook, dirty: readonly SequenceRange[]): void {
    const { movePosition, deleteRuns, insertRun } = this.#statements;
    const { position } = settled;
    if ((dirty[0]?.first ?? position) < position) {
      movePosition.run(position, name);
      deleteRuns.run(name, 0, position);
    }
    let written = position;
    for (const { last } of dirty) {
      const run = last < written ? undefined : settled.runAt(last);
      if (run === undefined) continue;
      deleteRuns.run(name, run.first, run.last);
      insertRun.run(name, run.first, run.last);
      written = run.last + 1;
    }
  }
}
