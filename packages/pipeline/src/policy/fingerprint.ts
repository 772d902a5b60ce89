import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** As many files and folders are looked at; more is more than can be loaded. */
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 32;

/**
 * What tells one state of a policy folder from the next without reading it: of each file that would be loaded its
 * place, inode, size and times, links followed. So an exchanged link is seen, as Kubernetes exchanges them, although
 * no name in the folder changes. What cannot be looked at is part of the state.
 */
export async function takeFingerprint(dir: string): Promise<string> {
  const lines: string[] = [];
  const seen = new Set<string>();
  let entries = 0;

  const look = async (path: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH || entries > MAX_ENTRIES) return;
    let names: string[];
    try {
      names = await readdir(join(dir, path));
    } catch (error) {
      lines.push(`${path}/ ${codeOf(error)}`);
      return;
    }
    entries += names.length;
    for (const name of names.sort()) if (!name.startsWith(".")) await lookAt(join(path, name), name, depth);
  };

  const lookAt = async (path: string, name: string, depth: number): Promise<void> => {
    const isWanted = name.endsWith(".rego") || name === "data.json";
    let stats: BigIntStats;
    try {
      stats = await stat(join(dir, path), { bigint: true });
    } catch (error) {
      if (isWanted) lines.push(`${path} ${codeOf(error)}`);
      return;
    }
    const { dev, ino, size, mtimeNs, ctimeNs } = stats;
    if (stats.isDirectory()) {
      // A folder that is linked twice, or into itself, is looked at once.
      const id = `${dev}:${ino}`;
      if (seen.has(id)) return;
      seen.add(id);
      lines.push(`${path}/`);
      await look(path, depth + 1);
    } else if (isWanted) lines.push(`${path} ${dev}:${ino} ${size} ${mtimeNs} ${ctimeNs}`);
  };

  await look("", 0);
  return lines.join("\n");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
