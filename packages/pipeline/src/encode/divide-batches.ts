/** Batches put together as one, or as several of which each has some of the events; an event's bytes stay as they are. */
import { type BatchView, batchHeadBytes, type EncodedBatch, writeBatchHeader } from "../batch.ts";

/** True for the events that are wanted, which are counted over all batches. */
export type Wants = (event: number) => boolean;

/** A batch that is being filled. */
interface Filling {
  readonly wants: Wants;
  readonly batch: EncodedBatch;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The events in it so far, and where the next one goes. */
  row: number;
  offset: number;
}

/**
 * @param parts batches in their order; their memory is free afterwards
 * @param acceptedAtMs of the results, in ms since the epoch
 * @param wanted says of each result which events are in it
 * @returns the results; `undefined` in the place of one without events
 */
export function divideBatches(
  parts: readonly BatchView[],
  acceptedAtMs: number,
  wanted: readonly Wants[],
): (EncodedBatch | undefined)[] {
  const results = wanted.map((wants) => open(parts, acceptedAtMs, wants));
  let event = 0;
  for (const part of parts) {
    part.retain();
    for (let i = 0; i < part.count; i++, event++) {
      for (const result of results) if (result?.wants(event) === true) copy(part, i, result);
    }
    part.release();
  }
  return results.map((result) => result?.batch);
}

function open(parts: readonly BatchView[], acceptedAtMs: number, wants: Wants): Filling | undefined {
  let event = 0;
  let count = 0;
  let size = 0;
  for (const part of parts) {
    for (let i = 0; i < part.count; i++, event++) {
      if (!wants(event)) continue;
      count += 1;
      size += part.eventLength(i);
    }
  }
  if (count === 0) return undefined;
  const offset = batchHeadBytes(count);
  // Not zeroed: every byte of it is written.
  const { buffer } = Buffer.allocUnsafeSlow(offset + size);
  const view = new DataView(buffer);
  writeBatchHeader(view, count, acceptedAtMs);
  return { wants, batch: { buffer, count }, bytes: new Uint8Array(buffer), view, row: 0, offset };
}

function copy(part: BatchView, i: number, into: Filling): void {
  part.copyRow(i, into.view, into.row, into.offset);
  into.row += 1;
  into.offset += part.copyEvent(i, into.bytes, into.offset);
}
