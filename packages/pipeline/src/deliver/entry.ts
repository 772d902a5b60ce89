import type { BatchView } from "../batch.ts";
import type { SinkEvent } from "../contracts.ts";

/** The bytes that some events share; kept as long as one of them needs its own, and released then. */
export class Block {
  readonly bytes: number;
  /** Both as elapsed time. */
  readonly acceptedAtMs: number;
  readonly takenAtMs: number;
  /** How many entries hold on to the bytes. */
  holders = 0;
  #batch: BatchView | undefined;

  constructor(batch: BatchView, acceptedAtMs: number, takenAtMs: number) {
    this.#batch = batch;
    this.bytes = batch.byteLength;
    this.acceptedAtMs = acceptedAtMs;
    this.takenAtMs = takenAtMs;
  }

  get batch(): BatchView | undefined {
    return this.#batch;
  }

  drop(): void {
    this.#batch?.release();
    this.#batch = undefined;
  }
}

/** One event between being taken from the queue and being settled. */
export class Entry implements SinkEvent {
  readonly sequence: number;
  /** Events of one key are delivered in order; `undefined` when this one has no order to keep. */
  readonly key: number | undefined;
  index: number;
  block: Block;
  /** False once its bytes were given up, until they are read again. */
  loaded = true;

  constructor(sequence: number, block: Block, index: number, key: number | undefined) {
    this.sequence = sequence;
    this.block = block;
    this.index = index;
    this.key = key;
  }

  get batch(): BatchView {
    const { batch } = this.block;
    if (batch === undefined) throw new Error(`the bytes of event ${this.sequence} are not in memory`);
    return batch;
  }
}

/** Events that are sent together, and what is known of the attempts so far. */
export interface Shipment {
  readonly entries: readonly Entry[];
  /** Sends so far, those of the larger shipments it was cut from included. */
  readonly attempts: number;
  /** Not to be sent before that elapsed time. */
  readonly dueAtMs: number;
  readonly lastStatus: string;
  readonly lastReason: string;
}

/** Events on their first way out. */
export function firstShipment(entries: readonly Entry[]): Shipment {
  return { entries, attempts: 0, dueAtMs: 0, lastStatus: "", lastReason: "" };
}
