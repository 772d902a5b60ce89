import { DamagedStoreError } from "./disk-schema.ts";

// Primary result codes of SQLite (https://sqlite.org/rescode.html).
const SQLITE_BUSY = 5;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** SQLite's primary result code, or 0 for any other error. */
function resultCode(error: unknown): number {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return 0;
  return error.errcode & 0xff;
}

/** Another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

/** There is no room, which SQLite calls an I/O error at some places. */
export function isFull(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_FULL || code === SQLITE_IOERR;
}

/** SQLite was told that there is no room, and by nothing that may be another fault. */
export function isOutOfRoom(error: unknown): boolean {
  return resultCode(error) === SQLITE_FULL;
}

/** The file itself is at fault: reading it again will not help. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB || error instanceof DamagedStoreError;
}

/** A sentence for people, which names SQLite's own words. */
export function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
