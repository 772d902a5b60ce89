import { closeSync, constants, fchmodSync, fstatSync, openSync, readdirSync } from "node:fs";

/** What a new file system holds by itself. */
const NOTHING: ReadonlySet<string> = new Set(["lost+found"]);

/** Everybody may make and rename files, and a directory that everybody shares on purpose, such as `/tmp`. */
const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/** Who may do everything anyway, and owns the volumes of Kubernetes. */
const ROOT = 0;

/**
 * Closes a directory to others when it is empty or holds our store. Another one stays as it is: an operator may have
 * named a directory that others use as well.
 *
 * @param store the name of our store in it
 * @param user the effective user of this process, a number; `undefined` on Windows, where a mode says nothing
 * @returns what an operator should know of it, in a sentence; `undefined` when it is, or was made, for this user alone
 * @throws when everybody may write to it: a file of theirs could stand where the store will be
 */
export function closeDirectory(
  dir: string,
  store: string,
  user: number | undefined = process.geteuid?.(),
): string | undefined {
  if (user === undefined) return undefined;
  // What is looked at is what is changed, whatever the path names by then.
  const handle = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return closeOpened(handle, dir, store, user);
  } finally {
    closeSync(handle);
  }
}

function closeOpened(handle: number, dir: string, store: string, user: number): string | undefined {
  const { mode, uid } = fstatSync(handle);
  // Its owner can open it again, and replace what is in it.
  const owner = uid === user || uid === ROOT ? undefined : `user ${uid}`;
  if ((mode & 0o077) === 0) {
    if (owner === undefined) return undefined;
    return `the queue directory ${dir} belongs to ${owner}, who may write to it; give the queue a directory of its own`;
  }
  const shown = `mode ${(mode & 0o7777).toString(8).padStart(4, "0")}`;
  const names = readdirSync(dir).filter((name) => !NOTHING.has(name));
  const isShared = (mode & STICKY) !== 0;
  if (!isShared && (names.length === 0 || names.includes(store)) && tighten(handle)) {
    const was = `the queue directory ${dir} was open to others (${shown})`;
    if (owner !== undefined) {
      return `${was}; it is closed now (mode 0700) to all but ${owner}, to whom it belongs; give the queue a directory of its own`;
    }
    return names.length === 0 ? undefined : `${was}; it is for this user alone now (mode 0700)`;
  }
  const isWritable = (mode & WORLD_WRITABLE) !== 0;
  // A volume that belongs to someone else, as in Kubernetes, may be open and yet be ours alone. But nobody leads root.
  if (isWritable && (isShared || uid === user || user === ROOT)) {
    throw new Error(`everybody may write to it (${shown}); give the queue a directory of its own`);
  }
  const what = (mode & 0o022) === 0 ? "see what is in" : "write to";
  const whose = owner === undefined ? "" : `, which belongs to ${owner}`;
  return `others may ${what} the queue directory ${dir} (${shown})${whose}; give the queue a directory of its own`;
}

function tighten(directory: number): boolean {
  try {
    fchmodSync(directory, 0o700);
    return true;
  } catch {
    return false;
  }
}
