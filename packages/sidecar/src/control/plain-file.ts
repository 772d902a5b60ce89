/** What stands in a directory under a name, looked at without following or waiting for it. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";

/** The longest path that Linux takes, and a line more. */
const MAX_BYTES = 8 * 1024;

export type FileKind = "socket" | "file" | "directory" | "symbolic link" | "other";

/** What stands there itself; `undefined` when nothing does. */
export function kindOf(path: string): FileKind | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (found.isSocket()) return "socket";
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "directory";
  return found.isSymbolicLink() ? "symbolic link" : "other";
}

/** Tells what stands there itself from all else that has been or will be there; `undefined` when nothing does. */
export function inodeOf(path: string): string | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/** The text of a file of at most 8 KiB; `undefined` for all else. */
export function readPlainFile(path: string): string | undefined {
  // Opened like this, a pipe is not waited at.
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let descriptor: number;
  try {
    descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    if (!fstatSync(descriptor).isFile()) return undefined;
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    return length > MAX_BYTES ? undefined : bytes.toString("utf8", 0, length);
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}
