import { BatchFormatError, BatchView, type EncodedBatch } from "../batch.ts";
import type { Appended, DeadLetter } from "../contracts.ts";

/** What a dead letter's cost depends on. */
type Letter = Pick<DeadLetter, "reason" | "detail" | "lastStatus"> & {
  readonly event: { readonly byteLength: number };
};

/** What a stored batch costs beside its bytes: its key, its columns and its share of the tree. */
const BATCH_OVERHEAD_BYTES = 64;
const LETTER_OVERHEAD_BYTES = 128;

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

/** Knows, from how the last appends went, whether the next one would be refused. */
export class Admission {
  readonly #maxBytes: number;
  readonly #refuses: boolean;
  /** What the next append is thought to need: as much as the one refused last. */
  #needed = 1;
  /** What the refusal said. */
  #fullness = "";
  /** Since an append failed, until one or a probe succeeds. */
  #isFailing = false;
  bytes = 0;

  /** @param refuses false for a ring, which makes room instead */
  constructor(maxBytes: number, refuses: boolean) {
    this.#maxBytes = maxBytes;
    this.#refuses = refuses;
  }

  /** Notes how an append of that cost went. */
  note(appended: Appended, cost: number): void {
    if (appended.committed) {
      this.#needed = 1;
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

  /** What the queue is full of, as the append said that was refused for it; `""` when none was, or there is room. */
  fullness(): string {
    return this.#isFull() ? this.#fullness : "";
  }

  #isFull(): boolean {
    return this.#refuses && this.bytes + this.#needed > this.#maxBytes;
  }
}
