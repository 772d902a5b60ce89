/** What the queue and its disk thread say to each other. Buffers of batches are transferred, never copied. */
import type { DeadLetter, QueueStats, SequenceRange, StoredDeadLetter } from "../contracts.ts";
import type { DiskQueueSettings } from "../settings.ts";
import type { Refused } from "./admission.ts";

/** What the thread starts with. */
export interface DiskThreadStart {
  readonly settings: DiskQueueSettings;
  readonly readers: readonly string[];
}

/** The disk state of one reader. */
export interface ReaderState {
  readonly name: string;
  readonly position: number;
  readonly runs: readonly SequenceRange[];
}

/** A reader that the configuration does not name, and for which events are kept. */
export interface WaitingReader {
  readonly name: string;
  readonly events: number;
  /** The sequence from which on nothing is kept for it. */
  readonly until: number;
}

/** A batch to append, checked already: the thread does not look into the buffer. */
export interface Append {
  readonly buffer: ArrayBuffer;
  readonly count: number;
  readonly acceptedAtMs: number;
}

export interface Settlement {
  readonly reader: string;
  readonly ranges: readonly SequenceRange[];
}

export interface Burial {
  readonly reader: string;
  readonly letters: readonly DeadLetter[];
}

/** All that came up in one turn of the queue's event loop. */
export interface Work {
  readonly kind: "work";
  /** Ascending; {@link Committed.settledThrough} names it. */
  readonly id: number;
  readonly appends: readonly Append[];
  readonly settlements: readonly Settlement[];
  readonly burials: readonly Burial[];
}

export type Question = (
  | { readonly kind: "load"; readonly from: number; readonly maxBytes: number }
  | { readonly kind: "fetch"; readonly ranges: readonly SequenceRange[] }
  | { readonly kind: "letters"; readonly limit: number }
  | { readonly kind: "stats" }
) & { readonly id: number };

export type Request = Work | Question | { readonly kind: "close" };

/** A stored batch on its way to the queue. */
export interface StoredBytes {
  readonly first: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Opened {
  readonly kind: "opened";
  /** The sequence of the next event. */
  readonly end: number;
  readonly bytes: number;
  /** What the newest batch counts for; `undefined` when none is stored. */
  readonly newestCost: number | undefined;
  readonly readers: readonly ReaderState[];
  readonly waiting: readonly WaitingReader[];
}

/** What became of one append. A buffer comes back when there are readers to take it from memory. */
export type AppendOutcome =
  | { readonly first: number; readonly cost: number; readonly buffer: ArrayBuffer | undefined }
  | { readonly refused: Refused; readonly cost: number };

/** One group was committed, or refused. */
export interface Committed {
  readonly kind: "committed";
  /** One for each append, in the order of the calls. */
  readonly outcomes: readonly AppendOutcome[];
  /** Settlements and burials of work up to this id are durable. */
  readonly settledThrough: number;
  /** The sequence of the next event. */
  readonly end: number;
  readonly bytes: number;
  /** Events that left the ring. */
  readonly evicted: number;
  /** Dead letters that gave way to appends. */
  readonly lettersEvicted: number;
  readonly durationMs: number;
}

export interface Answer {
  readonly kind: "answer";
  readonly id: number;
  readonly batches?: readonly StoredBytes[];
  /** With `batches`: all stored ones below this sequence are among them. */
  readonly until?: number;
  readonly letters?: readonly StoredDeadLetter[];
  readonly stats?: QueueStats;
  /** The question could not be answered: why. */
  readonly error?: string;
}

export type Reply =
  | Opened
  | Committed
  | Answer
  /** Something damaged was set aside; the queue goes on. */
  | { readonly kind: "damaged"; readonly detail: string }
  /** Others can reach into the directory, or could until now. */
  | { readonly kind: "exposed"; readonly detail: string }
  /** A step failed that no sender waits for, and will be tried again. */
  | { readonly kind: "failing"; readonly detail: string }
  /** After an append failed: a write as large as that one succeeded. */
  | { readonly kind: "writable" }
  /** The queue cannot be opened, or cannot go on. */
  | { readonly kind: "fatal"; readonly name: string; readonly error: string }
  | { readonly kind: "closed" };

/** The bytes of all of them together. */
export function sizeOf(appends: readonly Append[]): number {
  return appends.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}
