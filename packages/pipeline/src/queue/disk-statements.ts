import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import { DamagedStoreError } from "./disk-schema.ts";

export type Row = Record<string, SQLOutputValue>;

/** Every statement of the store, compiled once. */
export interface Statements {
  readonly readLog: StatementSync;
  readonly writeLog: StatementSync;
  readonly insertBatch: StatementSync;
  readonly deleteBatch: StatementSync;
  /** Keys, counts and sizes of the batches that hold any of the sequences `:first` to `:last`. */
  readonly spansWithin: StatementSync;
  /** The same for the batches that start at a sequence or after it. */
  readonly spansFrom: StatementSync;
  /** As `spansWithin`, with bodies. */
  readonly batchesWithin: StatementSync;
  readonly oldest: StatementSync;
  readonly newestSize: StatementSync;
  readonly readReaders: StatementSync;
  readonly insertReader: StatementSync;
  readonly markAbsent: StatementSync;
  readonly movePosition: StatementSync;
  readonly readRuns: StatementSync;
  readonly deleteRuns: StatementSync;
  readonly insertRun: StatementSync;
  readonly insertLetter: StatementSync;
  readonly readLetters: StatementSync;
  /** Ids, texts and sizes of the oldest dead letters, without the events. */
  readonly oldestLetters: StatementSync;
  readonly deleteLetter: StatementSync;
}

/** The batch that holds a sequence starts at or before it: one step into the key, then onwards. */
const WITHIN = `FROM batches
  WHERE first >= coalesce((SELECT max(first) FROM batches WHERE first <= :first), :first) AND first <= :last
  ORDER BY first`;

/** @throws DamagedStoreError when a table or a column is not there */
export function prepareStatements(database: DatabaseSync): Statements {
  const prepare = (sql: string): StatementSync => {
    try {
      return database.prepare(sql);
    } catch (error) {
      throw new DamagedStoreError("the tables are not those of a queue", { cause: error });
    }
  };
  return {
    readLog: prepare("SELECT end, bytes, events, letters FROM log"),
    writeLog: prepare("UPDATE log SET end = ?, bytes = ?, events = ?, letters = ?"),
    insertBatch: prepare(
      "INSERT INTO batches (first, count, accepted_at_ms, checksum, body) VALUES (?, ?, ?, ?, ?)",
    ),
    deleteBatch: prepare("DELETE FROM batches WHERE first = ?"),
    spansWithin: prepare(`SELECT first, count, length(body) AS size ${WITHIN}`),
    spansFrom: prepare(
      "SELECT first, count, length(body) AS size FROM batches WHERE first >= ? ORDER BY first LIMIT ?",
    ),
    batchesWithin: prepare(`SELECT first, count, accepted_at_ms, checksum, body ${WITHIN}`),
    oldest: prepare(
      "SELECT first, count, accepted_at_ms, length(body) AS size FROM batches ORDER BY first LIMIT 1",
    ),
    newestSize: prepare("SELECT length(body) AS size FROM batches ORDER BY first DESC LIMIT 1"),
    readReaders: prepare("SELECT name, position, absent_from FROM readers"),
    insertReader: prepare("INSERT INTO readers (name, position) VALUES (?, ?)"),
    markAbsent: prepare("UPDATE readers SET absent_from = ? WHERE name = ?"),
    movePosition: prepare("UPDATE readers SET position = ? WHERE name = ?"),
    readRuns: prepare("SELECT first, last FROM settled WHERE reader = ? ORDER BY first"),
    deleteRuns: prepare("DELETE FROM settled WHERE reader = ? AND first BETWEEN ? AND ?"),
    insertRun: prepare("INSERT INTO settled (reader, first, last) VALUES (?, ?, ?)"),
    insertLetter: prepare(
      `INSERT INTO letters (sink, sequence, at_ms, reason, detail, attempts, last_status, checksum, event)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    readLetters: prepare("SELECT *, length(event) AS size FROM letters ORDER BY id LIMIT ?"),
    oldestLetters: prepare(
      "SELECT id, reason, detail, last_status, length(event) AS size FROM letters ORDER BY id LIMIT ?",
    ),
    deleteLetter: prepare("DELETE FROM letters WHERE id = ?"),
  };
}

export function integerIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new DamagedStoreError(`column ${column} of the queue holds no number`);
  return value;
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new DamagedStoreError(`column ${column} of the queue holds no text`);
  return value;
}

export function bytesIn(row: Row, column: string): Uint8Array<ArrayBuffer> {
  const value = row[column];
  if (!(value instanceof Uint8Array))
    throw new DamagedStoreError(`column ${column} of the queue holds no bytes`);
  return value;
}
