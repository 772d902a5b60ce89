import { BatchFormatError, BatchView, type EncodedBatch } from "../batch.ts";
import type { Appended, DeadLetter } from "../contracts.ts";

/** What a dead letter's cost depends on. */
type Letter = Pick<DeadLetter, "reason" | "detail" | "lastStatus"> & {
  readonly event: { readonly byteLength: number };
};

/** What a stored batch costs beside its bytes: its key, its columns and its share of the tree. */
const BATCH_OVERHEAD_BYTES = 64;
const LETTER_OVERHEAD_BYTES = 128;

/** What no ordinary batch is below: one event with its row, its header and its overhead. */
const LEAST_BATCH_COST = 512;

/** Space frees at the pace of the sinks; a sender gains nothing by asking sooner. */
const FULL_RETRY_AFTER_MS = 5_000;
/** A disk that is full or failing is looked at by someone; refusing says so meanwhile. */
const FAILED_RETRY_AFTER_MS = 5_000;
/** A successor may be up by then. */
const CLOSING_RETRY_AFTER_MS = 1_000;

/** What a batch of that size counts for towards `maxBytes`. */
export function batchCost(byteLength: number): number {
  return byteLength + BATCH_OVERHEAD_BYTES;
}

/** What a dead letter counts for towards `maxBytes`. */
export function letterCost(letter: Letter): number {
  const texts = letter.reason.length + letter.detail.length + letter.lastStatus.length;
  return letter.event.byteLength + texts + LETTER_OVERHEAD_BYTES;
}

/** @throws BatchFormatError when the bytes are no batch, or hold no event: there would be nothing to acknowledge */
export function checkBatch(batch: EncodedBatch): BatchView {
  const view = new BatchView(new Uint8Array(batch.buffer));
  if (view.count === 0 || view.count !== batch.count) {
    throw new BatchFormatError(`a batch of ${view.count} events was given as one of ${batch.count}`);
  }
  return view;
}

export type Refused = Extract<Appended, { committed: false }>;

/** What fills a queue. */
export interface Contents {
  readonly bytes: number;
  readonly events: number;
  readonly letters: number;
}

/** Says what fills it: events leave by themselves, and dead letters do not. */
export function refuseFull(cost: number, { bytes, events, letters }: Contents, maxBytes: number): Refused {
  const holds = `${bytes} of ${maxBytes} bytes (${events} events, ${letters} dead letters)`;
  const detail = `the queue holds ${holds} and has no room for ${cost} more`;
  return { committed: false, reason: "full", retryAfterMs: FULL_RETRY_AFTER_MS, detail };
}

/** Refuses for good a batch that even an empty queue could not hold, ring or not. */
export function refuseTooLarge(cost: number, maxBytes: number): Refused | undefined {
  if (cost <= maxBytes) return undefined;
  const detail = `a batch of ${cost} bytes never fits into a queue that holds at most ${maxBytes}`;
  return { committed: false, reason: "too_large", detail };
}

export function refuseFailed(detail: string): Refused {
  return { committed: false, reason: "failed", retryAfterMs: FAILED_RETRY_AFTER_MS, detail };
}

export function refuseClosing(): Refused {
  return {
    committed: false,
    reason: "closing",
    retryAfterMs: CLOSING_RETRY_AFTER_MS,
    detail: "the queue is closing",
  };
}

/**
 * Knows whether the next append would be refused, before it is: senders send much the same again and again, so that it
 * is thought to need as much as the last one did, refused or not.
 */
export class Admission {
  readonly #maxBytes: number;
  readonly #refuses: boolean;
  #needed: number;
  /** What the refusal said, while nothing was accepted after it. */
  #fullness = "";
  /** Since an append failed, until one or a probe succeeds. */
  #isFailing = false;
  bytes = 0;

  /** @param refuses false for a ring, which makes room instead */
  constructor(maxBytes: number, refuses: boolean) {
    this.#maxBytes = maxBytes;
    this.#refuses = refuses;
    this.#needed = this.#atLeast(0);
  }

  /**
   * Takes up what an earlier process left.
   *
   * @param newest what the newest of its batches cost; `undefined` when there is none
   */
  resume(bytes: number, newest: number | undefined): void {
    this.bytes = bytes;
    this.#needed = this.#atLeast(newest ?? 0);
  }

  /** Notes how an append of that cost went. */
  note(appended: Appended, cost: number): void {
    if (appended.committed) {
      this.#needed = this.#atLeast(cost);
      this.#fullness = "";
      this.#isFailing = false;
    } else if (appended.reason === "full") {
      this.#needed = cost;
      this.#fullness = appended.detail;
    } else if (appended.reason === "failed") {
      this.#isFailing = true;
    }
    // One that is too large says nothing about the others.
  }

  /** Notes that the disk took a write again. */
  noteWritable(): void {
    this.#isFailing = false;
  }

  refusing(): boolean {
    return this.#isFailing || this.#isFull();
  }

  /** What the queue is full of, as the append said that was refused for it, if one was; `""` when there is room. */
  fullness(): string {
    if (!this.#isFull()) return "";
    const holds = `${this.bytes} of ${this.#maxBytes} bytes`;
    return this.#fullness || `the queue holds ${holds} and has no room for ${this.#needed} more`;
  }

  /** An empty queue takes whatever fits into it. */
  #atLeast(cost: number): number {
    return Math.min(Math.max(cost, LEAST_BATCH_COST), this.#maxBytes);
  }

  #isFull(): boolean {
    return this.#refuses && this.bytes + this.#needed > this.#maxBytes;
  }
}
