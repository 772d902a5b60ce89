import type { Stats } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { EngineLimits, PolicySet, RegoDocument, RegoModule } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { completeLimits } from "./limits.ts";

/** Folders in folders. */
const MAX_DEPTH = 32;
/** Files and folders, whatever they hold. */
const MAX_ENTRIES = 10_000;

interface Reading {
  readonly root: string;
  readonly limits: EngineLimits;
  readonly modules: RegoModule[];
  readonly documents: RegoDocument[];
  /** Real paths of what was read: a file that is linked twice is read once. */
  readonly seen: Set<string>;
  entries: number;
  moduleBytes: number;
  documentBytes: number;
}

/**
 * Reads the policies of a folder and the folders in it: `.rego` files as modules, `data.json` files as documents at the
 * path of their folder. Names that begin with a dot are left out; links are followed as long as they lead to a place
 * inside the folder, so that a mounted Kubernetes volume is read once, through its links.
 *
 * @throws RegoError with the code `directory` when something cannot be read, `limit` when it is too much
 */
export async function readPolicyDirectory(
  dir: string,
  limits: Partial<EngineLimits> = {},
): Promise<PolicySet> {
  const root = await attempt(dir, () => realpath(dir));
  const reading: Reading = {
    root,
    limits: completeLimits(limits),
    modules: [],
    documents: [],
    seen: new Set(),
    entries: 0,
    moduleBytes: 0,
    documentBytes: 0,
  };
  await readFolder(reading, []);
  return { modules: reading.modules, documents: reading.documents };
}

async function readFolder(reading: Reading, path: readonly string[]): Promise<void> {
  const folder = join(reading.root, ...path);
  const shown = path.join("/") || reading.root;
  if (path.length > MAX_DEPTH)
    throw new RegoError("limit", `${shown}: folders are more than ${MAX_DEPTH} deep`);
  const names = await attempt(shown, () => readdir(folder));
  reading.entries += names.length;
  if (reading.entries > MAX_ENTRIES) {
    throw new RegoError("limit", `there are more than ${MAX_ENTRIES} files and folders`);
  }
  for (const name of names.sort()) if (!name.startsWith(".")) await readEntry(reading, path, name);
}

async function readEntry(reading: Reading, path: readonly string[], name: string): Promise<void> {
  const file = [...path, name].join("/");
  const real = await attempt(file, () => realpath(join(reading.root, ...path, name)));
  const stats = await attempt(file, () => stat(real));
  const isModule = name.endsWith(".rego");
  const isWanted = isModule || name === "data.json";
  if (!stats.isDirectory() && !isWanted) return;
  if (real !== reading.root && !real.startsWith(reading.root + sep)) {
    throw new RegoError("directory", `${file} is a link to a place outside the folder`);
  }
  if (stats.isDirectory()) {
    // A folder that is linked into itself would have no end.
    if (join(reading.root, ...path, name).startsWith(real + sep)) return;
    await readFolder(reading, [...path, name]);
  } else if (!reading.seen.has(real)) {
    reading.seen.add(real);
    if (isModule) await readModule(reading, file, real, stats);
    else await readDocument(reading, path, real, stats);
  }
}

async function readModule(reading: Reading, file: string, real: string, stats: Stats): Promise<void> {
  const { maxModules, maxModuleBytes } = reading.limits;
  reading.moduleBytes += stats.size;
  if (reading.modules.length === maxModules) {
    throw new RegoError("limit", `there are more than ${maxModules} .rego files`);
  }
  if (reading.moduleBytes > maxModuleBytes) {
    throw new RegoError("limit", `${file}: the .rego files are larger than ${maxModuleBytes} bytes together`);
  }
  reading.modules.push({ file, text: await readText(file, real, stats) });
}

async function readDocument(
  reading: Reading,
  path: readonly string[],
  real: string,
  stats: Stats,
): Promise<void> {
  const file = [...path, "data.json"].join("/");
  const { maxDocumentBytes } = reading.limits;
  reading.documentBytes += stats.size;
  if (reading.documentBytes > maxDocumentBytes) {
    throw new RegoError(
      "limit",
      `${file}: the data.json files are larger than ${maxDocumentBytes} bytes together`,
    );
  }
  reading.documents.push({ file, path, text: await readText(file, real, stats) });
}

async function readText(file: string, real: string, stats: Stats): Promise<string> {
  // Reading a pipe or a device could wait for ever.
  if (!stats.isFile()) throw new RegoError("directory", `${file} is no regular file`);
  const bytes = await attempt(file, () => readFile(real));
  return attempt(file, async () => new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

async function attempt<T>(shown: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RegoError("directory", `${shown} cannot be read: ${why}`, { cause });
  }
}
