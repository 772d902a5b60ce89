import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/** As many files and folders are looked at; more is more than can be loaded. */
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 32;

/** A state of a folder: what can be said of each file without reading it, by its place. */
export type Fingerprint = ReadonlyMap<string, string>;

export function isSameFingerprint(one: Fingerprint, other: Fingerprint): boolean {
  return one.size === other.size && listChanges(one, other).length === 0;
}

/** The places at which two states differ. */
export function listChanges(one: Fingerprint, other: Fingerprint): readonly string[] {
  const changed: string[] = [];
  for (const [place, said] of one) if (other.get(place) !== said) changed.push(place);
  for (const place of other.keys()) if (!one.has(place)) changed.push(place);
  return changed;
}

/**
 * What tells one state of a policy folder from the next without reading it: of each file that would be loaded its
 * inode, size and times, links followed. So an exchanged link is seen, as Kubernetes exchanges them, although no name
 * in the folder changes. What cannot be looked at is part of the state; a link to a folder elsewhere is not followed,
 * since it is not loaded.
 */
export async function takeFingerprint(dir: string): Promise<Fingerprint> {
  const state = new Map<string, string>();
  const seen = new Set<string>();
  let room = MAX_ENTRIES;

  const look = async (path: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) return;
    let entries: Dirent[];
    try {
      // Not in portions: while files are replaced there is always another one to come.
      entries = await readdir(join(dir, path), { withFileTypes: true });
    } catch (error) {
      state.set(`${path}/`, codeOf(error));
      return;
    }
    if (entries.length > room) {
      state.set(`${path}/`, "more than can be loaded");
      return;
    }
    room -= entries.length;
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (!entry.name.startsWith(".")) await lookAt(join(path, entry.name), entry, depth);
    }
  };

  const lookAt = async (path: string, entry: Dirent, depth: number): Promise<void> => {
    // A `data.yaml` is looked at, since it is refused.
    const isWanted = entry.name.endsWith(".rego") || /^data\.(?:json|ya?ml)$/.test(entry.name);
    if (entry.isFile() && !isWanted) return;
    try {
      const stats = await stat(join(dir, path), { bigint: true });
      const { dev, ino, size, mtimeNs, ctimeNs } = stats;
      if (stats.isDirectory()) {
        // A folder that is linked twice, or into itself, is looked at once.
        const id = `${dev}:${ino}`;
        if (seen.has(id)) return;
        seen.add(id);
        const isElsewhere = entry.isSymbolicLink() && !(await isWithin(dir, path));
        state.set(`${path}/`, isElsewhere ? "elsewhere" : "");
        if (!isElsewhere) await look(path, depth + 1);
      } else if (isWanted) state.set(path, `${dev}:${ino} ${size} ${mtimeNs} ${ctimeNs}`);
    } catch (error) {
      if (isWanted) state.set(path, codeOf(error));
    }
  };

  await look("", 0);
  return state;
}

async function isWithin(dir: string, path: string): Promise<boolean> {
  const [root, real] = await Promise.all([realpath(dir), realpath(join(dir, path))]);
  return real === root || real.startsWith(root + sep);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
