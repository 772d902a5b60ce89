import type { BatchView } from "../batch.ts";

/** A batch with its place in the log: its events have the sequences `first` to `last`. */
export interface StoredBatch {
  readonly first: number;
  readonly last: number;
  readonly batch: BatchView;
}

interface Entry {
  readonly first: number;
  readonly last: number;
  /** `undefined` once removed: the entry stays for a while, so that a removal moves nothing. */
  stored: StoredBatch | undefined;
}

/**
 * Batches in memory, ordered by sequence. Appending, finding and removing cost the same whatever the number
 * of batches: removed entries are swept out together when they are more than the ones that are left.
 */
export class BatchLog {
  #entries: Entry[] = [];
  /** Entries before this index are removed. */
  #head = 0;
  #live = 0;
  #bytes = 0;
  #start: number;

  /** @param start the sequence from which on this log knows every batch */
  constructor(start: number) {
    this.#start = start;
  }

  /** From this sequence on every batch is here, unless it was removed. */
  get start(): number {
    return this.#start;
  }

  /** The size of all batches in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#live;
  }

  /** Adds a batch whose first sequence is beyond all others. */
  push(first: number, batch: BatchView): StoredBatch {
    const stored = { first, last: first + batch.count - 1, batch };
    this.#entries.push({ first, last: stored.last, stored });
    this.#live++;
    this.#bytes += batch.byteLength;
    return stored;
  }

  /** The first batch that holds the sequence or comes after it. */
  from(sequence: number): StoredBatch | undefined {
    for (let i = this.#indexFrom(sequence); i < this.#entries.length; i++) {
      const stored = this.#entries[i]?.stored;
      if (stored !== undefined) return stored;
    }
    return undefined;
  }

  /** The batches that hold any of the sequences `first` to `last`. */
  *within(first: number, last: number): Generator<StoredBatch> {
    for (let next = this.from(first); next !== undefined && next.first <= last; ) {
      yield next;
      next = this.from(next.last + 1);
    }
  }

  remove(stored: StoredBatch): void {
    const entry = this.#entries[this.#indexFrom(stored.first)];
    if (entry?.stored !== stored) return;
    entry.stored = undefined;
    this.#live--;
    this.#bytes -= stored.batch.byteLength;
    while (this.#head < this.#entries.length && this.#entries[this.#head]?.stored === undefined) this.#head++;
    if (this.#entries.length > 64 && this.#live < this.#entries.length / 2) {
      this.#entries = this.#entries.filter((kept) => kept.stored !== undefined);
      this.#head = 0;
    }
  }

  /** Removes the oldest batch; this log then knows only what comes after it. */
  shift(): StoredBatch | undefined {
    const oldest = this.#entries[this.#head]?.stored;
    if (oldest === undefined) return undefined;
    this.remove(oldest);
    this.#start = oldest.last + 1;
    return oldest;
  }

  #indexFrom(sequence: number): number {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.last ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
