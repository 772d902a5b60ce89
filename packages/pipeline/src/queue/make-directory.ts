import { lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The queue's directory cannot be made or written to. The message says why. */
export class QueueDirectoryError extends Error {
  override readonly name = "QueueDirectoryError";

  constructor(dir: string, cause: unknown) {
    super(`the queue directory ${dir} cannot be used: ${explain(cause)}`, { cause });
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "this user may not write there"],
  ["EPERM", "this user may not write there"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "the disk is full"],
  ["ENOTDIR", "a part of the path is a file"],
  ["EEXIST", "a part of the path is a file"],
  ["ENOENT", "no directory can be made there"],
  ["ENAMETOOLONG", "the path is too long"],
]);

function explain(error: unknown): string {
  const code = readCode(error);
  const reason = code === undefined ? undefined : REASONS.get(code);
  if (reason !== undefined) return `${reason} (${code})`;
  return error instanceof Error ? error.message : String(error);
}

function readCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/**
 * Makes a directory and its missing parents, for this user alone. One step at a time: the recursive call of
 * Node.js never returns where a file system says that a directory to be made does not exist, as in `/proc`.
 *
 * @returns the topmost directory that was made; `undefined` when all was there
 */
export function makeDirectory(dir: string): string | undefined {
  const missing: string[] = [];
  for (let at = dir; !isThere(at); at = dirname(at)) missing.push(at);
  for (const path of missing.toReversed()) {
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() && !isThere(path)) {
        throw new Error(`${path} is a symbolic link to what is not there`, { cause: error });
      }
      // Another process was quicker.
      if (readCode(error) !== "EEXIST" || !statSync(path).isDirectory()) throw error;
    }
  }
  return missing.at(-1);
}

function isThere(path: string): boolean {
  return path === dirname(path) || statSync(path, { throwIfNoEntry: false }) !== undefined;
}
