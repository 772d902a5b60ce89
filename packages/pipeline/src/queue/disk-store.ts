/**
 * The store on disk, as one thread sees it. What it promises:
 *
 * - An append is reported only after the transaction that holds it has committed: synced, unless the
 *   durability is `os`. A transaction that fails leaves nothing of its appends behind.
 * - Sequences are given out in that transaction and never again, also when everything before is deleted. After
 *   a damaged log, and in the place of a store that was set aside, they go on well beyond what may have been
 *   given out: a `tap` outlives the reload that finds the damage.
 * - A settlement, the deletion that follows from it, and a dead letter with its settlement are each in one
 *   transaction: no crash shows one without the other. A batch is deleted only when every reader has settled
 *   all of it, readers that are missing from the configuration included (for what was there when they went).
 *   That holds for a ring as well: what is kept for a missing reader is never evicted, and leaves less room.
 * - Dead letters stay, and take room from appends; only a store that is told so lets the oldest go for an append, in
 *   its transaction, or before it when the file system is what has no room.
 * - Settlements that could not be committed stay in memory and go with the next commit that succeeds; a crash
 *   before makes a sink see those events again, never miss them.
 * - Nothing here costs more when the backlog is longer: totals are kept in one row, rows are found by key.
 */
import type { DatabaseSync } from "node:sqlite";
import type { QueueStats, SequenceRange, StoredDeadLetter } from "../contracts.ts";
import { batchCost, refuseFull } from "./admission.ts";
import { Burials } from "./burials.ts";
import { DiskLetters } from "./disk-letters.ts";
import {
  type Append,
  type AppendOutcome,
  type Burial,
  type ReaderState,
  type Settlement,
  type StoredBytes,
  sizeOf,
  type WaitingReader,
} from "./disk-protocol.ts";
import { DiskFullError } from "./disk-room.ts";
import { inTransaction } from "./disk-schema.ts";
import { DiskSpace } from "./disk-space.ts";
import { bytesIn, integerIn, prepareStatements, type Row, type Statements } from "./disk-statements.ts";
import type { CommitResult, DiskStoreOptions } from "./disk-store-ports.ts";
import { ReaderBooks } from "./reader-books.ts";
import { isOutOfRoom } from "./sqlite-error.ts";
import { computeBatchChecksum, isBatchSound, readTotals, type Totals } from "./stored-rows.ts";

/** What a commit logs beside its batches: the pages of totals, positions and tree nodes, roughly. */
const COMMIT_OVERHEAD_BYTES = 32 * 1024;
/** More events than any log holds: as many sequences are left out when commits were lost. */
const LOST_MARGIN = 1_000_000;
/** Rows looked at in one step of {@link DiskStore.sweep}, … */
const SWEEP_ROWS = 256;
/** … and while the disk is full: what their deletion logs is less than what appends leave free. */
const SPARING_ROWS = 16;

export class DiskStore {
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #options: DiskStoreOptions;
  readonly #isRing: boolean;
  readonly #books: ReaderBooks;
  readonly #space: DiskSpace;
  readonly #letters: DiskLetters;
  #totals: Totals;
  readonly #burials = new Burials();
  /** Dead letters that went for room on the disk, and of which nothing was told yet. */
  #gone = 0;
  #sweepFrom: number;
  /** True while a sweep deletes what a full disk had no room to delete at once. */
  #isSparing = false;
  /** What the ring may evict begins here: before it, events are kept for readers that are missing. */
  readonly #ringFrom: number;

  /** @param database configured and migrated (`disk-schema.ts`) */
  constructor(database: DatabaseSync, options: DiskStoreOptions) {
    this.#database = database;
    this.#statements = prepareStatements(database);
    this.#options = options;
    this.#letters = new DiskLetters(this.#statements);
    this.#isRing = options.ring && options.readers.length === 0;
    this.#totals = readTotals(this.#statements.readLog.get());
    this.#space = new DiskSpace(database, options);
    this.#books = inTransaction(this.#database, () => {
      if (options.hasLostCommits === true) this.#skipTo(this.#totals.end + LOST_MARGIN);
      if ((options.beginAt ?? 0) > this.#totals.end) this.#skipTo(options.beginAt ?? 0);
      return new ReaderBooks(this.#statements, options.readers, this.#totals.end);
    });
    this.#ringFrom = Math.max(0, ...this.#books.waiting().map(({ until }) => until));
    // SQLite goes on writing where the damage begins; what stands behind it would be met again.
    if (options.hasLostCommits === true) database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#sweepFrom = this.#books.changed && options.readers.length > 0 ? 0 : this.#totals.end;
  }

  /** The sequence of the next event. */
  get end(): number {
    return this.#totals.end;
  }

  get bytes(): number {
    return this.#totals.bytes;
  }

  /** True when settlements or dead letters wait for a commit. */
  get dirty(): boolean {
    return !this.#burials.empty || this.#books.dirty;
  }

  /** How many dead letters went for room on the disk since this was asked last. */
  takeGone(): number {
    const gone = this.#gone;
    this.#gone = 0;
    return gone;
  }

  /** What the newest batch counts for; `undefined` when none is stored. */
  newestCost(): number | undefined {
    const row = this.#statements.newestSize.get();
    return row === undefined ? undefined : batchCost(integerIn(row, "size"));
  }

  readerStates(): ReaderState[] {
    return this.#books.states();
  }

  /** Readers that the configuration does not name, and for which events are kept. */
  waiting(): WaitingReader[] {
    return this.#books.waiting();
  }

  /** Settles in memory, and takes dead letters; the next commit makes both durable, and settles the latter. */
  settle(settlements: readonly Settlement[], burials: readonly Burial[] = []): void {
    for (const settlement of settlements) this.#books.settle(settlement);
    for (const burial of burials) this.#burials.push(burial);
  }

  /**
   * Commits everything that was settled and buried, then the appends in their order, in one transaction,
   * after as many with portions of dead letters as there are.
   *
   * @throws DiskFullError before the disk is full, and what SQLite throws; then nothing was stored, and what was settled and buried waits on
   */
  commit(appends: readonly Append[]): CommitResult {
    while (this.#burials.exceedPortion) this.#commitPortion([]);
    try {
      return this.#commitPortion(appends);
    } catch (error) {
      if (!this.#clearFor(sizeOf(appends), error)) throw error;
      return this.#commitPortion(appends);
    }
  }

  /** Lets dead letters go when there was no room on the disk; false when that is no help, or not what failed. */
  #clearFor(size: number, error: unknown): boolean {
    if (this.#options.lettersGiveWay !== true || size === 0) return false;
    const isForeseen = error instanceof DiskFullError;
    if (!isForeseen && !isOutOfRoom(error)) return false;
    return this.#space.clear(size, isForeseen ? 0 : 2 * size, {
      holds: (bytes) => this.#letters.hold(bytes),
      letGo: (bytes) => this.#letGo(bytes),
    });
  }

  #letGo(bytes: number): number {
    const before = this.#totals;
    this.#change((totals) => this.#letters.giveWay(totals.bytes - bytes, totals));
    const totals = this.#totals;
    this.#gone += before.letters - totals.letters;
    return before.bytes - totals.bytes;
  }

  #commitPortion(appends: readonly Append[]): CommitResult {
    if (this.#isSparing) this.#space.copyLog();
    const size = sizeOf(appends);
    if (size > 0) this.#space.check(size);
    const totals = { ...this.#totals };
    const burials = this.#burials.portion((settlement) => this.#books.settle(settlement));
    const result = inTransaction(this.#database, () => {
      for (const burial of burials) this.#letters.write(burial, totals);
      const buried = totals.letters;
      const settled = this.#books.write();
      if (this.#isSparing) this.#leaveToSweep(settled);
      else this.#deleteSettled(settled, totals);
      const outcomes = appends.map((append) => this.#append(append, totals));
      const evicted = this.#isRing ? this.#evict(totals) : 0;
      this.#writeTotals(totals);
      return { outcomes, evicted, lettersEvicted: buried - totals.letters };
    });
    this.#totals = totals;
    this.#burials.done();
    this.#books.committed();
    this.#space.logged(size + COMMIT_OVERHEAD_BYTES);
    return result;
  }

  /** As a commit without appends where that has no room: deleting is left to the sweep, which has to follow. */
  commitSparingly(): void {
    this.#isSparing = true;
    this.commit([]);
  }

  /** Stored batches from a sequence on, as many as fit `maxBytes` and at least one; `until` as in the protocol. */
  load(from: number, maxBytes: number): { batches: StoredBytes[]; until: number } {
    const batches: StoredBytes[] = [];
    const range = { first: from, last: Number.MAX_SAFE_INTEGER };
    let bytes = 0;
    let until = this.#totals.end;
    for (const stored of this.#read(range)) {
      batches.push(stored.batch);
      bytes += stored.batch.bytes.byteLength;
      if (bytes >= maxBytes) {
        until = stored.last + 1;
        break;
      }
    }
    return { batches, until };
  }

  /** The batches that hold any of the ranges, each once. */
  fetch(ranges: readonly SequenceRange[]): StoredBytes[] {
    const batches: StoredBytes[] = [];
    let read = 0;
    for (const { first, last } of ranges) {
      if (last < read) continue;
      for (const stored of this.#read({ first: Math.max(first, read), last })) {
        batches.push(stored.batch);
        read = stored.last + 1;
      }
    }
    return batches;
  }

  /** The oldest dead letters; a damaged one is set aside and left out. */
  letters(limit: number): StoredDeadLetter[] {
    const { sound, damaged } = this.#letters.read(limit);
    for (const row of damaged) this.#setLetterAside(row);
    return sound;
  }

  stats(): QueueStats {
    const { end, bytes, events, letters } = this.#totals;
    const oldest = this.#statements.oldest.get();
    return {
      events: this.#options.readers.length === 0 ? events : this.#books.countUnsettled(end),
      bytes,
      maxBytes: this.#options.maxBytes,
      deadLetters: letters,
      oldestAcceptedAtMs: oldest === undefined ? undefined : integerIn(oldest, "accepted_at_ms"),
      pending: this.#books.pending(end),
    };
  }

  /**
   * Deletes some of what became deletable because readers came or went (a sink that is new to a full ring wants none
   * of it), or was noted sparingly.
   *
   * @returns true while there is more
   */
  sweep(): boolean {
    const rows = this.#statements.spansFrom.all(this.#sweepFrom, this.#isSparing ? SPARING_ROWS : SWEEP_ROWS);
    const newest = rows.at(-1);
    if (this.#isSparing) this.#space.copyLog();
    if (newest === undefined) {
      this.#isSparing = false;
      return false;
    }
    this.#change((totals) => this.#deleteCovered(rows, totals));
    this.#sweepFrom = integerIn(newest, "first") + 1;
    return true;
  }

  /**
   * Writes and deletes that many bytes. Dead letters that give way do so for them as for an append.
   *
   * @throws what SQLite throws while the disk does not take them
   */
  probe(bytes: number): void {
    try {
      this.#space.probe(bytes);
    } catch (error) {
      if (!this.#clearFor(bytes, error)) throw error;
      this.#space.probe(bytes);
    }
  }

  /** Copies the log into the file and gives free space back, when it is time. Commits do not depend on it. */
  maintain(): void {
    this.#space.maintain();
  }

  /**
   * Leaves out the sequences that may have been given out, within the caller's transaction. Readers find a
   * hole there, or what a checkpoint saved of it.
   */
  #skipTo(end: number): void {
    const totals = { ...this.#totals, end };
    this.#writeTotals(totals);
    this.#totals = totals;
  }

  #append({ buffer, count, acceptedAtMs }: Append, totals: Totals): AppendOutcome {
    const cost = batchCost(buffer.byteLength);
    const { maxBytes, lettersGiveWay } = this.#options;
    if (lettersGiveWay === true) this.#letters.giveWay(maxBytes - cost, totals);
    if (!this.#isRing && totals.bytes + cost > maxBytes) {
      return { refused: refuseFull(cost, totals, maxBytes), cost };
    }
    const first = totals.end;
    const body = new Uint8Array(buffer);
    const checksum = computeBatchChecksum(first, count, acceptedAtMs, body);
    this.#statements.insertBatch.run(first, count, acceptedAtMs, checksum, body);
    totals.end += count;
    totals.bytes += cost;
    totals.events += count;
    const isWanted = this.#options.readers.length > 0;
    return { first, cost, buffer: isWanted ? buffer : undefined };
  }

  /** Makes room at the old end; the newest batch stays, though what former sinks left behind leaves less room. */
  #evict(totals: Totals): number {
    let evicted = 0;
    while (totals.bytes > this.#options.maxBytes) {
      const row = this.#statements.spansFrom.get(this.#ringFrom, 1);
      if (row === undefined || integerIn(row, "first") + integerIn(row, "count") === totals.end) break;
      this.#deleteBatch(row, totals);
      evicted += integerIn(row, "count");
    }
    return evicted;
  }

  #leaveToSweep(ranges: readonly SequenceRange[]): void {
    for (const { first } of ranges) {
      const row = this.#statements.spansWithin.get({ first, last: first });
      if (row !== undefined) this.#sweepFrom = Math.min(this.#sweepFrom, integerIn(row, "first"));
    }
  }

  #deleteSettled(ranges: readonly SequenceRange[], totals: Totals): void {
    for (const { first, last } of ranges) {
      this.#deleteCovered(this.#statements.spansWithin.all({ first, last }), totals);
    }
  }

  #deleteCovered(rows: readonly Row[], totals: Totals): void {
    for (const row of rows) {
      const first = integerIn(row, "first");
      if (this.#books.allCover(first, first + integerIn(row, "count") - 1)) this.#deleteBatch(row, totals);
    }
  }

  #deleteBatch(row: Row, totals: Totals): void {
    const { changes } = this.#statements.deleteBatch.run(integerIn(row, "first"));
    // Ranges of two readers may name a batch twice.
    if (changes === 0) return;
    totals.bytes -= batchCost(integerIn(row, "size"));
    totals.events -= integerIn(row, "count");
  }

  /** What deletes, in a transaction of its own, with the totals that follow from it. */
  #change(write: (totals: Totals) => void): void {
    const totals = { ...this.#totals };
    inTransaction(this.#database, () => {
      write(totals);
      this.#writeTotals(totals);
    });
    this.#totals = totals;
  }

  #writeTotals({ end, bytes, events, letters }: Totals): void {
    const before = this.#totals;
    if (end === before.end && bytes === before.bytes && letters === before.letters) return;
    this.#statements.writeLog.run(end, bytes, events, letters);
  }

  /** Sound batches of a range, ascending; a damaged row is set aside and left out. */
  *#read(range: SequenceRange): Generator<{ batch: StoredBytes; last: number }> {
    const damaged: Row[] = [];
    try {
      for (const row of this.#statements.batchesWithin.iterate({ first: range.first, last: range.last })) {
        const first = integerIn(row, "first");
        const last = first + integerIn(row, "count") - 1;
        const bytes = bytesIn(row, "body");
        // Before the count is believed: one that is too small would pass over events in silence.
        if (!isBatchSound(row, bytes)) damaged.push(row);
        else if (last >= range.first) yield { batch: { first, bytes }, last };
      }
    } finally {
      if (damaged.length > 0) this.#setAside(damaged);
    }
  }

  #setAside(damaged: readonly Row[]): void {
    for (const row of damaged) {
      this.#options.setRowAside("batch", integerIn(row, "first"), bytesIn(row, "body"));
    }
    this.#change((totals) => {
      for (const row of damaged) this.#deleteBatch({ ...row, size: bytesIn(row, "body").byteLength }, totals);
    });
  }

  #setLetterAside(row: Row): void {
    this.#options.setRowAside("letter", integerIn(row, "id"), bytesIn(row, "event"));
    this.#change((totals) => this.#letters.delete(row, totals));
  }
}
