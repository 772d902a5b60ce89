import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { closeDirectory } from "./close-directory.ts";
import { checkFiles, createFile, stamp, syncDirectory } from "./disk-files.ts";
import { LOCK, REPAIR_LOCK, takeLock } from "./disk-lock.ts";
import { findLogDamage } from "./disk-log-check.ts";
import { DiskReserve, RESERVE } from "./disk-reserve.ts";
import { configure, DamagedStoreError, migrate, NewerFormatError } from "./disk-schema.ts";
import { makeDirectory, QueueDirectoryError } from "./make-directory.ts";
import { explain, isDamage } from "./sqlite-error.ts";

const DATABASE = "queue.db";
const LOG_SUFFIX = "-wal";
/** Left behind when damage shows up at run time, for the next start to set the file aside. */
const DAMAGE_MARK = "queue.damaged";

/** Stands for a store that was made: the database cannot be empty any more. */
const MADE_MARK = "queue.made";

/** All that is opened, written or renamed by its name. */
const FILES: readonly string[] = [
  ...[DATABASE, LOCK, REPAIR_LOCK].flatMap((name) =>
    ["", LOG_SUFFIX, "-shm", "-journal"].map((suffix) => `${name}${suffix}`),
  ),
  DAMAGE_MARK,
  MADE_MARK,
  RESERVE,
];

/** How every database file begins, and how long its header is (SQLite's file format, section 1.3). */
const MAGIC = Buffer.from("SQLite format 3\0", "latin1");
const HEADER_BYTES = 100;

/** With less than this on the disk, a queue that cannot be opened lacks room. */
const OPEN_NEEDS_BYTES = 256 * 1024;

/** Larger files are not read through at start, which must not take minutes; their damage shows when it is met. */
const CHECK_MAX_BYTES = 64 * 1024 * 1024;

/** A queue directory that this process holds. */
export interface QueueDirectory {
  readonly database: DatabaseSync;
  /** What was found damaged and set aside, in sentences. */
  readonly damage: readonly string[];
  /** That others can, or could, reach into the directory, in a sentence; `undefined` when it is for this user alone. */
  readonly exposure: string | undefined;
  /** True when commits of the store were lost: sequences that were given out may be free again in it. */
  readonly hasLostCommits: boolean;
  /** True when the store was set aside and this one took its place. */
  readonly isReplacement: boolean;
  /** Keeps the bytes of a stored row outside the store, and says where. */
  setRowAside(kind: "batch" | "letter", key: number, bytes: Uint8Array): string;
  /** How many bytes are free for this user; `undefined` when the file system does not say. */
  measureRoom(): number | undefined;
  readonly reserve: DiskReserve;
  /** Lets the next start set the whole file aside. */
  markDamaged(): void;
  /** Closes the store, then gives up the lock. */
  close(): void;
}

/**
 * Takes the directory for this process and opens its store.
 *
 * The lock is one of the kernel's, on a file of its own which is never written: it ends with the process,
 * however that ends, and it is held while a damaged store is replaced. No part of the process may open and
 * close the files of the store by itself, since that would drop POSIX locks.
 *
 * @param report told of damage that does not concern the store
 * @throws QueueDirectoryError when the directory cannot be made or written to, everybody may write to it, or
 *   a symbolic link or something else that is no file stands in place of one of the queue's
 * @throws QueueInUseError when another process, or another queue in this one, holds the directory
 * @throws NewerFormatError when a newer release wrote the store
 */
export function openDirectory(
  dir: string,
  durability: "sync" | "os",
  report: (detail: string) => void,
): QueueDirectory {
  let exposure: string | undefined;
  try {
    exposure = prepareDirectory(dir);
  } catch (error) {
    throw new QueueDirectoryError(dir, error);
  }
  const lock = takeLock(dir, report);
  try {
    const reserve = new DiskReserve(dir, () => measureRoom(dir));
    const store = openStore(dir, durability);
    reserve.take();
    const { database } = store;
    return {
      ...store,
      exposure,
      reserve,
      setRowAside(kind, key, bytes) {
        const file = join(dir, `queue-damaged-${stamp()}-${kind}-${key}`);
        writeFileSync(file, bytes, { flag: "wx", mode: 0o600, flush: true });
        return file;
      },
      measureRoom: () => measureRoom(dir),
      markDamaged() {
        writeFileSync(join(dir, DAMAGE_MARK), "", { mode: 0o600, flush: true });
      },
      close() {
        try {
          database.close();
        } finally {
          lock.close();
        }
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Makes the directory, for this user alone; says what an operator should know of one that was there. */
function prepareDirectory(dir: string): string | undefined {
  const made = makeDirectory(dir);
  checkFiles(dir, FILES);
  const exposure = closeDirectory(dir, DATABASE);
  // What others put there before it was closed to them.
  checkFiles(dir, FILES);
  if (made !== undefined) syncDirectory(dirname(made));
  // Where all is there already, SQLite would say no more than that there was an I/O error.
  accessSync(dir, constants.W_OK);
  for (const name of [DATABASE, LOCK]) createFile(join(dir, name));
  syncDirectory(dir);
  return exposure;
}

type OpenStore = Pick<QueueDirectory, "database" | "damage" | "hasLostCommits" | "isReplacement">;

function openStore(dir: string, durability: "sync" | "os"): OpenStore {
  const damage: string[] = [];
  const mark = join(dir, DAMAGE_MARK);
  if (existsSync(mark)) {
    damage.push(setAside(dir, "damage was met while the queue ran"));
    rmSync(mark);
  }
  const orphaned = findOrphanedLog(dir) ?? findEmptied(dir);
  if (orphaned !== undefined) damage.push(setAside(dir, orphaned));
  let wasSetAside = damage.length > 0;
  const lost = keepDamagedLog(dir);
  if (lost !== undefined) damage.push(lost);
  for (;;) {
    const database = new DatabaseSync(join(dir, DATABASE));
    try {
      configure(database, durability);
      check(database, dir);
      migrate(database, dir);
      markMade(dir);
      const hasLostCommits = lost !== undefined && !wasSetAside;
      return { database, damage, hasLostCommits, isReplacement: wasSetAside };
    } catch (error) {
      database.close();
      // A second try that fails has another cause than the file that was there.
      if (isDamage(error) && !wasSetAside) {
        damage.push(setAside(dir, explain(error)));
        wasSetAside = true;
        continue;
      }
      if (error instanceof NewerFormatError) throw error;
      throw new Error(`the queue in ${dir} cannot be opened: ${explain(error)}${explainSpace(dir)}`, {
        cause: error,
      });
    }
  }
}

function measureRoom(dir: string): number | undefined {
  const { blocks, bavail, bsize } = statfsSync(dir);
  // Some file systems know nothing of blocks.
  return blocks === 0 ? undefined : bavail * bsize;
}

/** SQLite calls a disk without room an I/O error at some places. */
function explainSpace(dir: string): string {
  const free = measureRoom(dir) ?? Number.POSITIVE_INFINITY;
  return free < OPEN_NEEDS_BYTES ? `; the disk is full: ${free} bytes are free, make room on it` : "";
}

/**
 * Says why, when a write-ahead log stands beside a file that it cannot belong to. SQLite would delete the log
 * of an empty file unread, and with it everything that was committed since the last checkpoint. Only for the
 * holder of the lock and before the store is open: see {@link openDirectory} on POSIX locks.
 */
function findOrphanedLog(dir: string): string | undefined {
  const file = join(dir, DATABASE);
  const log = statSync(`${file}${LOG_SUFFIX}`, { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) return undefined;
  const header = readHeader(file);
  if (header.length === HEADER_BYTES && header.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const what = header.length === 0 ? "is empty or was missing" : "has no valid header";
  return `${DATABASE} ${what}, but its write-ahead log holds ${log.size} bytes`;
}

/** Says why, when there was a store and its file is empty. SQLite would take it for a new one. */
function findEmptied(dir: string): string | undefined {
  const isEmptied = existsSync(join(dir, MADE_MARK)) && statSync(join(dir, DATABASE)).size === 0;
  return isEmptied ? `${DATABASE} is empty or was missing, although there was a queue` : undefined;
}

function markMade(dir: string): void {
  if (existsSync(join(dir, MADE_MARK))) return;
  try {
    createFile(join(dir, MADE_MARK));
    syncDirectory(dir);
  } catch {
    // A disk without room for a name; the next start tries again.
  }
}

/** Copies a damaged log, before SQLite uses the part that is sound and writes over the rest. */
function keepDamagedLog(dir: string): string | undefined {
  const log = `${DATABASE}${LOG_SUFFIX}`;
  if (!existsSync(join(dir, log))) return undefined;
  const why = findLogDamage(join(dir, log));
  if (why === undefined) return undefined;
  const aside = `queue-damaged-${stamp()}.db${LOG_SUFFIX}`;
  copyFileSync(join(dir, log), join(dir, aside), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  syncDirectory(dir);
  return (
    `the write-ahead log of the queue in ${dir} was damaged (${why}): what was acknowledged after that point ` +
    `is lost to the queue, or comes again if it was delivered. The log is kept as ${aside}; what stands before the damage is used`
  );
}

/** The header of the file, or as much of it as there is. */
function readHeader(file: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const handle = openSync(file, "r");
  try {
    return header.subarray(0, readSync(handle, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(handle);
  }
}

function check(database: DatabaseSync, dir: string): void {
  if (statSync(join(dir, DATABASE)).size > CHECK_MAX_BYTES) return;
  const found = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (found !== "ok") throw new DamagedStoreError(String(found));
}

/** Renames the store, log included, so that it can be looked at later; an empty one takes its place. */
function setAside(dir: string, why: string): string {
  const aside = `queue-damaged-${stamp()}.db`;
  for (const suffix of ["", LOG_SUFFIX, "-shm", "-journal"]) {
    const file = join(dir, `${DATABASE}${suffix}`);
    if (existsSync(file)) renameSync(file, join(dir, `${aside}${suffix}`));
  }
  rmSync(join(dir, MADE_MARK), { force: true });
  createFile(join(dir, DATABASE));
  syncDirectory(dir);
  return `the queue in ${dir} was damaged (${why}); it is kept as ${aside}, and an empty one took its place`;
}
