import { randomUUID } from "node:crypto";
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, statSync } from "node:fs";

/** Makes an empty file that only this user may read, before SQLite makes it with the process's umask. */
export function createFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!existsSync(file)) throw error;
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  }
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
