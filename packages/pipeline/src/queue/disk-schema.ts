import type { DatabaseSync } from "node:sqlite";

/** Marks the file as a queue of this project: "CEQ1". */
const APPLICATION_ID = 0x43_45_51_31;

/**
 * A larger page makes large batches cheaper (each page costs two system calls to log, and a link to follow
 * when it is deleted) and lone small ones dearer (each commit logs whole pages). At 16 KiB a commit of one
 * event costs hardly more than at 4 KiB, and a 40 kB batch a fifth less.
 */
const PAGE_BYTES = 16_384;

const INCREMENTAL = 2;

/** A log that one very large batch made long is cut back to this. */
const LOG_KEPT_BYTES = 64 * 1024 * 1024;

/** On a full disk it is cut to this, which then is there for what has to be logged in order to delete. */
const LOG_LEAST_BYTES = 1024 * 1024;

/** The page cache holds the groups under way, so that what is settled soon is deleted without reading it back. */
const CACHE_KIB = 8_192;

/** A format as stored; step `i` makes format `i + 1` out of format `i`. A step that was published never changes. */
export type Migration = (database: DatabaseSync) => void;

export const migrations: readonly Migration[] = [createTables];

/** The store was written by a newer release. It is left as it is. */
export class NewerFormatError extends Error {
  override readonly name = "NewerFormatError";
}

/** The file can be read, but is no sound queue. */
export class DamagedStoreError extends Error {
  override readonly name = "DamagedStoreError";
}

/**
 * Sets up a connection: the log is written ahead and synced at each commit, or left to the operating system.
 * The lock is taken at the first read and kept, which also keeps the index of the log in memory.
 */
export function configure(database: DatabaseSync, durability: "sync" | "os"): void {
  // First: whatever reads before it makes an index of the log on the disk, which may be full.
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  // Setting what is set would write a page.
  if (pragma(database, "auto_vacuum") !== INCREMENTAL) database.exec(`PRAGMA auto_vacuum = ${INCREMENTAL}`);
  const mode = database.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
  if (mode !== "wal") throw new Error(`the file system does not allow a write-ahead log (${String(mode)})`);
  // NORMAL syncs at checkpoints alone: a power cut may cost the last commits, never the file.
  database.exec(`PRAGMA synchronous = ${durability === "sync" ? "FULL" : "NORMAL"}`);
  // macOS' fsync leaves the bytes in the drive's cache; without effect elsewhere.
  database.exec("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON");
  // Checkpoints run after the acknowledgement, not within a commit.
  database.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -${CACHE_KIB}`);
  database.exec(`PRAGMA journal_size_limit = ${LOG_KEPT_BYTES}`);
  database.exec("PRAGMA trusted_schema = OFF");
}

/**
 * Brings the store to the newest format, each step in a transaction of its own.
 *
 * @throws NewerFormatError when the file's format is beyond the last of `steps`
 * @throws DamagedStoreError when the file holds something else
 */
export function migrate(database: DatabaseSync, dir: string, steps: readonly Migration[] = migrations): void {
  const version = pragma(database, "user_version");
  if (version > steps.length) {
    throw new NewerFormatError(
      `the queue in ${dir} has format ${version}; this release reads formats up to ${steps.length}. ` +
        "Start it with the release that wrote it, or name another queue directory",
    );
  }
  const isEmpty = database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (!isEmpty && pragma(database, "application_id") !== APPLICATION_ID) {
    throw new DamagedStoreError("the file is a database of something else");
  }
  for (const [i, step] of steps.entries()) {
    if (i < version) continue;
    inTransaction(database, () => {
      step(database);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${i + 1}`);
    });
  }
}

/** Runs `write` in a transaction: all of it is committed, or nothing when anything throws. */
export function inTransaction<Result>(database: DatabaseSync, write: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = write();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite has already rolled back after some errors, a full disk among them.
    }
    throw error;
  }
}

/** The number that a PRAGMA answers. */
export function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

/** A probe of the disk is at most this large. */
const PROBE_MAX_BYTES = 1024 * 1024;

/** Writes that many bytes and deletes them; all of them are logged when the second commit finds them deleted. */
export function writeProbe(database: DatabaseSync, bytes: number): void {
  database.exec(`INSERT INTO probe VALUES (zeroblob(${Math.min(bytes, PROBE_MAX_BYTES)}))`);
  database.exec("DELETE FROM probe");
}

/** Cuts a log back that is copied; takes a commit, since the next one after the copying does it. */
export function cutLog(database: DatabaseSync): void {
  database.exec(`PRAGMA journal_size_limit = ${LOG_LEAST_BYTES}`);
  try {
    writeProbe(database, 0);
  } finally {
    database.exec(`PRAGMA journal_size_limit = ${LOG_KEPT_BYTES}`);
  }
}

/** The size of as many pages as the PRAGMA counts. */
export function pageBytes(database: DatabaseSync, name: "freelist_count" | "page_count"): number {
  return pragma(database, name) * pragma(database, "page_size");
}

/**
 * Format 1.
 *
 *   log      the running totals, one row
 *   batches  one row a batch, keyed by the sequence of its first event; the columns before `body` are
 *            read without touching its pages; `checksum` as in `stored-rows.ts`
 *   readers  the position of each sink's reader; `absent_from` is the end of the log when a reader was first
 *            found missing from the configuration, NULL while it is there
 *   settled  what a reader has settled beyond its position, as runs
 *   probe    empty, but while it is tried whether the disk takes writes
 *   letters  dead letters; `id` is what an operator names; `checksum` as above
 */
function createTables(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE log (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      end INTEGER NOT NULL, bytes INTEGER NOT NULL, events INTEGER NOT NULL, letters INTEGER NOT NULL
    );
    CREATE TABLE batches (
      first INTEGER PRIMARY KEY, count INTEGER NOT NULL, accepted_at_ms REAL NOT NULL,
      checksum INTEGER NOT NULL, body BLOB NOT NULL
    );
    CREATE TABLE readers (
      name TEXT PRIMARY KEY, position INTEGER NOT NULL, absent_from INTEGER
    ) WITHOUT ROWID;
    CREATE TABLE settled (
      reader TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (reader, first)
    ) WITHOUT ROWID;
    CREATE TABLE letters (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      sink TEXT NOT NULL, sequence INTEGER NOT NULL, at_ms REAL NOT NULL, reason TEXT NOT NULL,
      detail TEXT NOT NULL, attempts INTEGER NOT NULL, last_status TEXT NOT NULL,
      checksum INTEGER NOT NULL, event BLOB NOT NULL
    );
    CREATE TABLE probe (body BLOB NOT NULL);
    INSERT INTO log VALUES (1, 1, 0, 0, 0);
  `);
}
