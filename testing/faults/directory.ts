import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory for one test file, and how it goes. */
export function createDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "coresdk-fault-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
