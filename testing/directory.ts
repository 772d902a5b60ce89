import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A directory of its own for a test.
 *
 * @param t what tells the end: the test, or the `after` of a group of tests
 */
export function createDirectory(t: { after(end: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), "coresdk-test-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
