import { type Check, count, type Finding, type Report } from "./finding.ts";
import { packages, readJson, readManifest } from "./manifests.ts";

interface Locked {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** What installing does: no script of a run-time dependency is run, no address of one registry is pinned. */
export const lockfile: Check = {
  name: "dependencies",
  run: () => judgeLock(readJson("package-lock.json")),
};

/** The same of a lock file that is read already. */
export async function judgeLock(lock: {
  readonly packages: Readonly<Record<string, Locked>>;
}): Promise<Report> {
  const findings: Finding[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved !== undefined && entry.link !== true) {
      findings.push({ place: "package-lock.json", message: `${path} pins a download address` });
    }
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (locate(lock.packages, path, name) !== undefined) continue;
      const message = `${path} may need ${name} on another platform, and nothing is locked: npm ci refuses that`;
      findings.push({ place: "package-lock.json", message });
    }
  }
  const atRunTime = new Set<string>();
  for (const name of Object.keys(packages)) {
    const manifest = readManifest(name);
    if (manifest.dependencies !== undefined && packages[name]?.length === 0) {
      findings.push({
        place: `packages/${name}/package.json`,
        message: "has dependencies: it must have none",
      });
    }
    collect(lock.packages, `packages/${name}`, atRunTime);
  }
  for (const path of atRunTime) {
    if (lock.packages[path]?.hasInstallScript === true) {
      findings.push({ place: "package-lock.json", message: `${path} runs a script when it is installed` });
    }
  }
  const third = [...atRunTime].filter((path) => path.includes("node_modules/"));
  return { findings, summary: `${count(third.length, "package")} at run time, no install script` };
}

/** Adds everything that a package needs at run time, by its path in the lock file. */
function collect(locked: Readonly<Record<string, Locked>>, path: string, seen: Set<string>): void {
  if (seen.has(path)) return;
  seen.add(path);
  const entry = locked[path];
  if (entry === undefined) return;
  const peers = Object.keys(entry.peerDependencies ?? {});
  const needed = [
    ...Object.keys(entry.dependencies ?? {}),
    ...Object.keys(entry.optionalDependencies ?? {}),
    ...peers.filter((peer) => entry.peerDependenciesMeta?.[peer]?.optional !== true),
  ];
  for (const name of needed) {
    const found = locate(locked, path, name);
    if (found !== undefined) collect(locked, found, seen);
  }
}

/** Where Node would find `name` from `path`: the nearest `node_modules` upwards, links followed. */
function locate(locked: Readonly<Record<string, Locked>>, path: string, name: string): string | undefined {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const candidate = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = locked[candidate];
    if (entry !== undefined) return entry.link === true ? entry.resolved : candidate;
    if (folder === "") return undefined;
  }
}
