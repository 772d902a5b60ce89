import { chmodSync, readdirSync, statSync } from "node:fs";

/** What a new file system holds by itself. */
const NOTHING: ReadonlySet<string> = new Set(["lost+found"]);

/** Everybody may make and rename files, and a directory that everybody shares on purpose, such as `/tmp`. */
const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/**
 * Closes a directory to others when it is empty or holds our store. Another one stays as it is: an operator may have
 * named a directory that others use as well.
 *
 * @param store the name of our store in it
 * @returns what an operator should know of it, in a sentence; `undefined` when it is, or was made, for this user alone
 * @throws when everybody may write to it: a file of theirs could stand where the store will be
 */
export function closeDirectory(dir: string, store: string): string | undefined {
  const user = process.geteuid?.();
  // On Windows a mode says nothing.
  if (user === undefined) return undefined;
  const { mode, uid } = statSync(dir);
  if ((mode & 0o077) === 0) return undefined;
  const shown = `mode ${(mode & 0o7777).toString(8).padStart(4, "0")}`;
  const names = readdirSync(dir).filter((name) => !NOTHING.has(name));
  const isShared = (mode & STICKY) !== 0;
  if (!isShared && (names.length === 0 || names.includes(store)) && tighten(dir)) {
    return names.length === 0
      ? undefined
      : `the queue directory ${dir} was open to others (${shown}); it is for this user alone now (mode 0700)`;
  }
  const isWritable = (mode & WORLD_WRITABLE) !== 0;
  // A volume that belongs to someone else, as in Kubernetes, may be open and yet be ours alone.
  if (isWritable && (isShared || uid === user)) {
    throw new Error(`everybody may write to it (${shown}); give the queue a directory of its own`);
  }
  const what = (mode & 0o022) === 0 ? "see what is in" : "write to";
  return `others may ${what} the queue directory ${dir} (${shown}); give the queue a directory of its own`;
}

function tighten(dir: string): boolean {
  try {
    chmodSync(dir, 0o700);
    return true;
  } catch {
    return false;
  }
}
