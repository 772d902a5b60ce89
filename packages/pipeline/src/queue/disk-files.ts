import { randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";

/** Linux: names a file without opening it. Node has no constant for it; it is the same on all that Node runs on. */
const O_PATH = 0o10000000;

/**
 * Makes an empty file that only this user may read, before SQLite makes it with the process's umask.
 * @throws when something else stands there, such as a symbolic link
 */
export function createFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found === undefined) throw error;
    checkFile(file, found);
    if ((found.mode & 0o077) !== 0) closeFile(file, found);
  }
}

/**
 * Checks that what stands where the queue's files will be is a file: through a symbolic link, another file would be
 * opened and closed to its readers, and a pipe is waited at for ever.
 *
 * @throws when something is none; the message names it
 */
export function checkFiles(dir: string, names: readonly string[]): void {
  for (const file of names.map((name) => join(dir, name))) {
    const found = lstatSync(file, { throwIfNoEntry: false });
    if (found !== undefined) checkFile(file, found);
  }
}

function checkFile(file: string, found: Stats): void {
  if (found.isSymbolicLink()) throw new Error(`${file} is a symbolic link, which the queue does not follow`);
  if (!found.isFile()) throw new Error(`${file} is no file`);
}

/**
 * Takes a file from all but its owner, on Linux never another one that has just taken its place. Without opening it,
 * since to close it again would drop the locks that another queue of this process may have on it.
 */
function closeFile(file: string, found: Stats): void {
  checkNames(file, found);
  if (process.platform !== "linux") {
    chmodSync(file, 0o600);
    return;
  }
  const handle = openSync(file, O_PATH | constants.O_NOFOLLOW);
  try {
    const held = fstatSync(handle);
    checkFile(file, held);
    checkNames(file, held);
    chmodSync(`/proc/self/fd/${handle}`, 0o600);
  } finally {
    closeSync(handle);
  }
}

/** Someone else's file may have been given this name as well. On Windows a mode says nothing. */
function checkNames(file: string, found: Stats): void {
  if (process.platform === "win32" || found.nlink === 1) return;
  throw new Error(`${file} is open to others and has another name elsewhere (a hard link)`);
}

/** A new name is durable only once its directory is synced. Windows has no such call, and needs none. */
export function syncDirectory(dir: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(dir, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The time, and something that no other name has. */
export function stamp(): string {
  return `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}-${randomUUID().slice(0, 8)}`;
}
