import type { DeadLetter, QueueReader, Segment, SequenceRange, TakeLimits } from "../contracts.ts";
import type { StoredBatch } from "./batch-log.ts";
import { SettledSet } from "./settled-set.ts";

/** Batches read from the store: all there are between the sequence asked for and `until`, which is not included. */
export interface Loaded {
  readonly batches: readonly StoredBatch[];
  readonly until: number;
}

/** What a reader needs of its queue. */
export interface ReaderPort {
  /** The sequence that the next event appended will have. */
  end(): number;
  /** True once the queue closes: waiting takes end. */
  closed(): boolean;
  /** Throws when the queue is broken. */
  check(): void;
  /** The batch in memory that holds the sequence, `undefined` when it has to be loaded. */
  near(sequence: number): StoredBatch | undefined;
  /** Brings batches from `sequence` on into memory, as many as fit `maxBytes` and at least one. */
  load(sequence: number, maxBytes: number): Promise<Loaded>;
  /** The batches that hold any of the ranges, ascending, each once and retained for the caller. */
  fetch(ranges: readonly SequenceRange[]): Promise<readonly StoredBatch[]>;
  /** The reader has moved on: what lies before the sequence need not stay in memory for it. */
  passed(sequence: number): void;
  /** Makes it durable that the ranges are settled. */
  settled(ranges: readonly SequenceRange[]): Promise<void>;
  /** Makes the letters durable, and that their sequences are settled. */
  deadLettered(letters: readonly DeadLetter[]): Promise<void>;
}

/**
 * A reader of either queue. It keeps what was taken (a cursor) and what was settled ({@link SettledSet}); both
 * move at once when asked to, and the port makes the second durable.
 */
export class LogReader implements QueueReader {
  readonly name: string;
  readonly book: SettledSet;
  readonly #port: ReaderPort;
  #cursor: number;
  #lastTake: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(name: string, book: SettledSet, port: ReaderPort) {
    this.name = name;
    this.book = book;
    this.#port = port;
    this.#cursor = book.position;
  }

  /** Everything below has been taken. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Lets a waiting take look again: something was appended, or the queue closes or broke. */
  wake(): void {
    this.#wake();
  }

  take(limits: TakeLimits, signal: AbortSignal): Promise<readonly Segment[]> {
    // One after the other: two takes at once must not be given the same events.
    const result = this.#lastTake.then(() => this.#take(limits, signal));
    this.#lastTake = result.catch(() => {});
    return result;
  }

  async reread(ranges: readonly SequenceRange[]): Promise<readonly Segment[]> {
    this.#check(ranges);
    const wanted = new SettledSet(0, ranges);
    const unsettled = wanted.runs().flatMap(({ first, last }) => this.book.missing(first, last));
    const batches = await this.#port.fetch(unsettled);
    return batches.flatMap(({ first, last, batch }) => {
      const indexes: number[] = [];
      for (let sequence = first; sequence <= last; sequence++) {
        if (wanted.has(sequence) && !this.book.has(sequence)) indexes.push(sequence - first);
      }
      if (indexes.length > 0) return [{ firstSequence: first, batch, indexes }];
      batch.release();
      return [];
    });
  }

  async settle(ranges: readonly SequenceRange[]): Promise<void> {
    this.#check(ranges);
    for (const { first, last } of ranges) this.book.add(first, last);
    if (ranges.length > 0) await this.#port.settled(ranges);
  }

  async deadLetter(letters: readonly DeadLetter[]): Promise<void> {
    this.#check(letters.map(({ sequence }) => ({ first: sequence, last: sequence })));
    const fresh = letters.filter(({ sequence }) => {
      const settled = this.book.has(sequence);
      this.book.add(sequence, sequence);
      return !settled;
    });
    if (fresh.length > 0) await this.#port.deadLettered(fresh);
  }

  async pending(): Promise<number> {
    return this.book.countMissing(this.#port.end());
  }

  async #take(limits: TakeLimits, signal: AbortSignal): Promise<readonly Segment[]> {
    while (!signal.aborted && !this.#port.closed()) {
      this.#port.check();
      this.#cursor = this.book.nextMissing(this.#cursor);
      if (this.#cursor >= this.#port.end()) {
        await this.#appended(signal);
        continue;
      }
      const segments = this.#collect(limits);
      if (segments.length > 0) return segments;
      await this.#load(limits.maxBytes);
    }
    return [];
  }

  /** Segments from the cursor on, out of what is in memory. */
  #collect(limits: TakeLimits): Segment[] {
    const segments: Segment[] = [];
    const room = { events: Math.max(1, limits.maxEvents), bytes: limits.maxBytes };
    let cursor = this.#cursor;
    while (room.events > 0 && cursor < this.#port.end()) {
      const stored = this.#port.near(cursor);
      if (stored === undefined) break;
      const indexes = pick(stored, cursor, this.book, room, segments.length === 0);
      const lastIndex = indexes.at(-1);
      if (lastIndex === undefined) break;
      stored.batch.retain();
      segments.push({ firstSequence: stored.first, batch: stored.batch, indexes });
      cursor = this.book.nextMissing(stored.first + lastIndex + 1);
    }
    if (segments.length > 0) {
      this.#cursor = cursor;
      this.#port.passed(cursor);
    }
    return segments;
  }

  /** Loads on from the cursor. Sequences that are stored no more count as settled, or they would hold the position. */
  async #load(maxBytes: number): Promise<void> {
    const from = this.#cursor;
    const { batches, until } = await this.#port.load(from, maxBytes).catch((error: unknown) => {
      if (this.#port.closed()) return { batches: [], until: from };
      throw error;
    });
    const holes: SequenceRange[] = [];
    let expected = from;
    for (const { first, last } of batches) {
      holes.push(...this.book.missing(expected, first - 1));
      expected = last + 1;
    }
    holes.push(...this.book.missing(expected, until - 1));
    if (holes.length === 0) return;
    for (const { first, last } of holes) this.book.add(first, last);
    // Durable at some time: a restart finds the same holes.
    this.#port.settled(holes).catch(() => {});
  }

  #appended(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.#wake = () => {};
        resolve();
      };
      this.#wake = done;
      signal.addEventListener("abort", done);
    });
  }

  #check(ranges: readonly SequenceRange[]): void {
    const end = this.#port.end();
    for (const { first, last } of ranges) {
      // A sequence that is not given out yet would settle an event before it exists.
      if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first > last || last >= end) {
        throw new RangeError(
          `sequences ${first} to ${last} of reader ${this.name}: the log ends at ${end - 1}`,
        );
      }
    }
  }
}

/** The unsettled events of a batch from a sequence on, as far as there is room; the first one even without. */
function pick(
  stored: StoredBatch,
  from: number,
  book: SettledSet,
  room: { events: number; bytes: number },
  isFirst: boolean,
): number[] {
  const indexes: number[] = [];
  const start = Math.max(0, from - stored.first);
  for (const run of book.missing(stored.first + start, stored.last)) {
    for (let index = run.first - stored.first; index <= run.last - stored.first; index++) {
      const length = stored.batch.eventLength(index);
      const allowed = length <= room.bytes || (isFirst && indexes.length === 0);
      if (room.events === 0 || !allowed) return indexes;
      indexes.push(index);
      room.events--;
      room.bytes -= length;
    }
  }
  return indexes;
}

/** @throws RangeError when the queue was opened without that reader */
export function findReader(readers: ReadonlyMap<string, LogReader>, name: string): LogReader {
  const reader = readers.get(name);
  if (reader === undefined) throw new RangeError(`the queue was opened without a reader named ${name}`);
  return reader;
}

/** Segments of stored batches from a sequence on, settled or not: what `browse` answers. */
export function selectFrom(
  batches: Iterable<StoredBatch>,
  fromSequence: number,
  limits: TakeLimits,
): readonly Segment[] {
  const nothing = new SettledSet(0);
  const room = { events: Math.max(1, limits.maxEvents), bytes: limits.maxBytes };
  const segments: Segment[] = [];
  for (const stored of batches) {
    const indexes = pick(stored, fromSequence, nothing, room, segments.length === 0);
    if (indexes.length === 0) break;
    segments.push({ firstSequence: stored.first, batch: stored.batch, indexes });
    if (indexes.at(-1) !== stored.batch.count - 1) break;
  }
  return segments;
}
