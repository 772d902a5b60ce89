/**
 * Rows of the store and the checksums that they carry. SQLite has none of its own outside the write-ahead log: a bit
 * that flips in an event would be delivered as it then stands.
 */
import { crc32 } from "node:zlib";
import { BatchFormatError, BatchView } from "../batch.ts";
import type { DeadLetter, StoredDeadLetter } from "../contracts.ts";
import { bytesIn, integerIn, type Row, type Statements, textIn } from "./disk-statements.ts";

/** Running totals, stored in the one row of `log`. */
export interface Totals {
  /** The sequence of the next event. */
  end: number;
  bytes: number;
  events: number;
  letters: number;
}

export function readTotals(row: Row = {}): Totals {
  return {
    end: integerIn(row, "end"),
    bytes: integerIn(row, "bytes"),
    events: integerIn(row, "events"),
    letters: integerIn(row, "letters"),
  };
}

/** Of all columns of a stored batch. */
export function computeBatchChecksum(
  first: number,
  count: number,
  acceptedAtMs: number,
  body: Uint8Array,
): number {
  return crc32(body, crc32(`${first} ${count} ${acceptedAtMs}`));
}

/** Of all columns of a dead letter but its id. */
export function computeLetterChecksum(sink: string, letter: DeadLetter): number {
  const { sequence, atMs, reason, detail, attempts, lastStatus, event } = letter;
  const columns = [sink, sequence, atMs, reason, detail, attempts, lastStatus];
  return crc32(event, crc32(JSON.stringify(columns)));
}

export function writeLetter({ insertLetter }: Statements, sink: string, letter: DeadLetter): void {
  const { sequence, atMs, reason, detail, attempts, lastStatus, event } = letter;
  const checksum = computeLetterChecksum(sink, letter);
  insertLetter.run(sink, sequence, atMs, reason, detail, attempts, lastStatus, checksum, event);
}

/** The dead letter in a row, which may be damaged. */
export function toLetter(row: Row): StoredDeadLetter {
  return {
    sink: textIn(row, "sink"),
    sequence: integerIn(row, "sequence"),
    event: bytesIn(row, "event"),
    reason: textIn(row, "reason"),
    detail: textIn(row, "detail"),
    attempts: integerIn(row, "attempts"),
    lastStatus: textIn(row, "last_status"),
    atMs: integerIn(row, "at_ms"),
  };
}

/** @param letter what {@link toLetter} found in the row */
export function isLetterSound(row: Row, letter: StoredDeadLetter): boolean {
  return integerIn(row, "checksum") === computeLetterChecksum(letter.sink, letter);
}

/** @param bytes the body of the row */
export function isBatchSound(row: Row, bytes: Uint8Array): boolean {
  const count = integerIn(row, "count");
  const checksum = computeBatchChecksum(
    integerIn(row, "first"),
    count,
    integerIn(row, "accepted_at_ms"),
    bytes,
  );
  if (integerIn(row, "checksum") !== checksum) return false;
  try {
    return new BatchView(bytes).count === count;
  } catch (error) {
    if (error instanceof BatchFormatError) return false;
    throw error;
  }
}
