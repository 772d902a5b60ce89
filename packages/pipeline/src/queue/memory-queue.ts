import type { BatchView, EncodedBatch } from "../batch.ts";
import type {
  Appended,
  Clock,
  DeadLetter,
  FactRecorder,
  Queue,
  QueueReader,
  QueueStats,
  Segment,
  SequenceRange,
  StoredDeadLetter,
  TakeLimits,
} from "../contracts.ts";
import { facts } from "../facts.ts";
import type { MemoryQueueSettings } from "../settings.ts";
import {
  Admission,
  batchCost,
  checkBatch,
  letterCost,
  refuseClosing,
  refuseFull,
  refuseTooLarge,
} from "./admission.ts";
import { BatchLog, type StoredBatch } from "./batch-log.ts";
import { findReader, LogReader, selectFrom } from "./log-reader.ts";
import { countUnsettled, FIRST_SEQUENCE, SettledSet } from "./settled-set.ts";

/**
 * Dead letters in memory take at most this share of the queue: nobody can retry or export them once the process
 * ends, and a receiver that turns down everything must not fill the queue with them for ever. They were reported
 * when they became dead letters; the oldest go, counted, and the newest stays.
 */
const LETTERS_SHARE = 1 / 8;

export interface MemoryQueuePorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
}

/**
 * A queue that lives as long as its process: what it holds is lost with it.
 *
 * @param readers the names of the sinks; with none, `settings.ring` makes it a ring of the newest events
 */
export function createMemoryQueue(
  settings: MemoryQueueSettings,
  readers: readonly string[],
  ports: MemoryQueuePorts,
): Queue {
  return new MemoryQueue(settings, readers, ports);
}

class MemoryQueue implements Queue {
  readonly #maxBytes: number;
  readonly #ring: boolean;
  readonly #facts: FactRecorder;
  readonly #admission: Admission;
  readonly #log = new BatchLog(FIRST_SEQUENCE);
  readonly #readers: ReadonlyMap<string, LogReader>;
  readonly #letters: StoredDeadLetter[] = [];
  #end = FIRST_SEQUENCE;
  #storedEvents = 0;
  #letterBytes = 0;
  #closed = false;

  constructor(settings: MemoryQueueSettings, readers: readonly string[], ports: MemoryQueuePorts) {
    this.#maxBytes = settings.maxBytes;
    this.#ring = settings.ring && readers.length === 0;
    this.#facts = ports.facts;
    this.#admission = new Admission(settings.maxBytes, !this.#ring);
    this.#readers = new Map(readers.map((name) => [name, this.#createReader(name)]));
  }

  async append(batch: EncodedBatch): Promise<Appended> {
    const view = checkBatch(batch);
    const cost = batchCost(view.byteLength);
    const appended = this.#append(view, cost);
    this.#admission.note(appended, cost);
    return appended;
  }

  reader(name: string): QueueReader {
    return findReader(this.#readers, name);
  }

  async browse(fromSequence: number, limits: TakeLimits): Promise<readonly Segment[]> {
    return selectFrom(copies(this.#log.within(fromSequence, this.#end)), fromSequence, limits);
  }

  async deadLetters(limit: number): Promise<readonly StoredDeadLetter[]> {
    return this.#letters.slice(0, limit);
  }

  refusing(): boolean {
    return this.#closed || this.#admission.refusing();
  }

  fullness(): string {
    return this.#admission.fullness();
  }

  async stats(): Promise<QueueStats> {
    const readers = [...this.#readers.values()];
    return {
      events: readers.length === 0 ? this.#storedEvents : countUnsettled(this.#books(), this.#end),
      bytes: this.#admission.bytes,
      maxBytes: this.#maxBytes,
      deadLetters: this.#letters.length,
      oldestAcceptedAtMs: this.#log.from(FIRST_SEQUENCE)?.batch.acceptedAtMs,
      pending: Object.fromEntries(readers.map(({ name, book }) => [name, book.countMissing(this.#end)])),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const reader of this.#readers.values()) reader.wake();
  }

  #append(view: BatchView, cost: number): Appended {
    if (this.#closed) return refuseClosing();
    const tooLarge = refuseTooLarge(cost, this.#maxBytes);
    if (tooLarge !== undefined) return tooLarge;
    const { bytes } = this.#admission;
    if (!this.#ring && bytes + cost > this.#maxBytes) {
      const contents = { bytes, events: this.#storedEvents, letters: this.#letters.length };
      return refuseFull(cost, contents, this.#maxBytes);
    }
    const firstSequence = this.#end;
    view.retain();
    this.#log.push(firstSequence, view);
    this.#end += view.count;
    this.#storedEvents += view.count;
    this.#admission.bytes += cost;
    if (this.#ring) this.#evict();
    for (const reader of this.#readers.values()) reader.wake();
    return { committed: true, firstSequence };
  }

  /** Makes room at the old end; the newest batch has room in any case. */
  #evict(): void {
    let evicted = 0;
    while (this.#admission.bytes > this.#maxBytes && this.#log.size > 1) {
      const oldest = this.#log.shift();
      if (oldest === undefined) break;
      evicted += oldest.batch.count;
      this.#forget(oldest.batch);
    }
    if (evicted > 0) this.#facts.record(facts.queueEvicted, evicted);
  }

  #createReader(name: string): LogReader {
    return new LogReader(name, new SettledSet(FIRST_SEQUENCE), {
      end: () => this.#end,
      closed: () => this.#closed,
      check: () => {},
      near: (sequence) => this.#log.from(sequence),
      load: async () => ({ batches: [], until: this.#end }),
      fetch: async (ranges) => this.#fetch(ranges),
      passed: () => {},
      settled: async (ranges) => this.#release(ranges),
      deadLettered: async (letters) => this.#keepLetters(name, letters),
    });
  }

  #fetch(ranges: readonly SequenceRange[]): StoredBatch[] {
    const found = ranges.flatMap(({ first, last }) => [...this.#log.within(first, last)]);
    const batches = [...new Set(found)];
    for (const { batch } of batches) batch.retain();
    return batches;
  }

  #keepLetters(sink: string, letters: readonly DeadLetter[]): void {
    for (const letter of letters) {
      // A copy, so that one event does not keep the memory of its whole batch. (`slice` of a Buffer makes none.)
      this.#letters.push({ ...letter, event: new Uint8Array(letter.event), sink });
      this.#letterBytes += letterCost(letter);
      this.#admission.bytes += letterCost(letter);
    }
    this.#evictLetters();
    this.#release(letters.map(({ sequence }) => ({ first: sequence, last: sequence })));
  }

  #evictLetters(): void {
    let evicted = 0;
    while (this.#letterBytes > this.#maxBytes * LETTERS_SHARE && this.#letters.length > 1) {
      const oldest = this.#letters.shift();
      if (oldest === undefined) break;
      this.#letterBytes -= letterCost(oldest);
      this.#admission.bytes -= letterCost(oldest);
      evicted++;
    }
    if (evicted > 0) this.#facts.record(facts.deadLettersEvicted, evicted);
  }

  /** Drops what every reader has settled, wherever it stands. */
  #release(ranges: readonly SequenceRange[]): void {
    const books = this.#books();
    for (const { first, last } of ranges) {
      for (const stored of this.#log.within(first, last)) {
        if (!books.every((book) => book.covers(stored.first, stored.last))) continue;
        this.#log.remove(stored);
        this.#forget(stored.batch);
      }
    }
  }

  #books(): SettledSet[] {
    return [...this.#readers.values()].map(({ book }) => book);
  }

  #forget(batch: BatchView): void {
    this.#storedEvents -= batch.count;
    this.#admission.bytes -= batchCost(batch.byteLength);
    batch.release();
  }
}

/** Nobody says when he has read what `browse` gave him. */
function* copies(batches: Iterable<StoredBatch>): Generator<StoredBatch> {
  for (const stored of batches) yield { ...stored, batch: stored.batch.copy() };
}
