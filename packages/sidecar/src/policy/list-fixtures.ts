import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const MAX_DEPTH = 32;
/** Files and folders, whatever they hold. */
const MAX_ENTRIES = 10_000;

/**
 * Lists the `.json` files of a folder and the folders in it, in the order of their names. What begins with a dot is
 * left out, links are followed.
 *
 * @throws Error when a folder cannot be read, or there is too much in it
 */
export async function listFixtures(dir: string): Promise<readonly string[]> {
  const files: string[] = [];
  const seen = new Set<string>();
  let entries = 0;

  const list = async (folder: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) throw new Error(`${folder}: folders are more than ${MAX_DEPTH} deep`);
    const names = await readdir(folder);
    entries += names.length;
    if (entries > MAX_ENTRIES) throw new Error(`${dir}: more than ${MAX_ENTRIES} files and folders`);
    for (const name of names.sort()) if (!name.startsWith(".")) await look(join(folder, name), depth);
  };

  const look = async (path: string, depth: number): Promise<void> => {
    // What cannot be looked at is said when it is read.
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isDirectory()) {
      // A folder that is linked into itself would have no end.
      const id = `${stats.dev}:${stats.ino}`;
      if (seen.has(id)) return;
      seen.add(id);
      await list(path, depth + 1);
    } else if (path.endsWith(".json")) files.push(path);
  };

  const { dev, ino } = await stat(dir);
  seen.add(`${dev}:${ino}`);
  await list(dir, 0);
  return files;
}
