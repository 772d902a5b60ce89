/** What tells a queue directory from its copies, as a few lines of text beside it. */
import { realpathSync } from "node:fs";
import { inodeOf } from "./plain-file.ts";

export interface Identity {
  readonly inode: string;
  readonly path: string;
}

export function identify(queueDir: string): Identity {
  const path = realpathSync(queueDir);
  return { inode: inodeOf(path) ?? "", path };
}

/** Two lines, or more where there are line breaks in the path. */
export function formatIdentity({ inode, path }: Identity): string {
  return `${inode}\n${path}\n`;
}

/** Reads what {@link formatIdentity} wrote; `undefined` for all else. */
export function parseIdentity(text: string): Identity | undefined {
  const end = text.indexOf("\n");
  if (end === -1 || !text.endsWith("\n")) return undefined;
  return { inode: text.slice(0, end), path: text.slice(end + 1, -1) };
}
