import { renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createFile, stamp, syncDirectory } from "./disk-files.ts";
import { explain, isBusy, isDamage } from "./sqlite-error.ts";

/** The file of the lock, which holds nothing. */
export const LOCK = "queue.lock";
/** Locked by whoever replaces a lock file that something else was written into. */
export const REPAIR_LOCK = "queue.lock.repair";

/** The directory is in use by a process that runs. */
export class QueueInUseError extends Error {
  override readonly name = "QueueInUseError";
}

/**
 * Takes the lock of a directory. A lock file that is no database is set aside: nobody holds it, since SQLite
 * says so only to who could read it, and a holder lets no one read. That may change until it is renamed, so
 * whoever renames holds a lock of its own from the last look on until it has the new file locked.
 *
 * @param report told when something was found in the way and set aside
 * @throws QueueInUseError when another queue holds the directory, or is about to
 */
export function takeLock(dir: string, report: (detail: string) => void): DatabaseSync {
  try {
    return lockFile(dir, LOCK);
  } catch (error) {
    if (!isDamage(error)) throw explainLock(dir, error);
  }
  let repair: DatabaseSync | undefined;
  try {
    createFile(join(dir, REPAIR_LOCK));
    repair = lockFile(dir, REPAIR_LOCK);
    return replaceLock(dir, report);
  } catch (error) {
    throw explainLock(dir, error);
  } finally {
    // The file stays: without it, the next two could each lock a file of that name.
    repair?.close();
  }
}

function replaceLock(dir: string, report: (detail: string) => void): DatabaseSync {
  try {
    return lockFile(dir, LOCK);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const aside = `queue-damaged-${stamp()}.lock`;
  renameSync(join(dir, LOCK), join(dir, aside));
  createFile(join(dir, LOCK));
  syncDirectory(dir);
  // Before it is locked: someone else may be first.
  report(
    `${LOCK} in ${dir} is to hold nothing, but something was written into it; it is kept as ${aside}. ` +
      "No event was in it",
  );
  return lockFile(dir, LOCK);
}

function lockFile(dir: string, name: string): DatabaseSync {
  const lock = new DatabaseSync(join(dir, name));
  try {
    // Nothing is ever written, so nothing needs a journal beside it.
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function explainLock(dir: string, error: unknown): Error {
  if (isBusy(error)) {
    return new QueueInUseError(
      `the queue directory ${dir} is in use: another queue has it open, in this process or in another. ` +
        "Each needs a directory of its own",
      { cause: error },
    );
  }
  return new Error(
    `the queue directory ${dir} cannot be locked: ${explain(error)}. ` +
      `${LOCK} and ${REPAIR_LOCK} hold nothing; what is in their place may be removed while no queue runs`,
    { cause: error },
  );
}
