import { constants, type Dirent } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { EngineLimits, PolicySet, RegoDocument, RegoModule } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { completeLimits } from "./limits.ts";

/** Folders in folders. */
const MAX_DEPTH = 32;
/** Files and folders, whatever they hold. */
const MAX_ENTRIES = 10_000;
/** Opening a pipe would wait for somebody who writes to it. Not there on Windows. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const CHUNK_BYTES = 64 * 1024;

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
 * @throws RegoError with the code `directory` when something cannot be read, or is a `data.yaml`; `limit` when it is too
 * much
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
  const entries = await attempt(shown, () => readdir(folder, { withFileTypes: true }));
  reading.entries += entries.length;
  if (reading.entries > MAX_ENTRIES) {
    throw new RegoError("limit", `there are more than ${MAX_ENTRIES} files and folders`);
  }
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const entry of entries) if (!entry.name.startsWith(".")) await readEntry(reading, path, entry);
}

/** Whether a file has the name of data that OPA reads and this package does not. */
function isYamlData(name: string): boolean {
  return name === "data.yaml" || name === "data.yml";
}

async function readEntry(reading: Reading, path: readonly string[], entry: Dirent): Promise<void> {
  const { name } = entry;
  const inner = [...path, name];
  const file = inner.join("/");
  const linked = join(reading.root, ...inner);
  // OPA takes it for data: without them a list of what is denied would be empty.
  if (isYamlData(name)) throw new RegoError("directory", `${file} is not read: write it as data.json`);
  const isWanted = name.endsWith(".rego") || name === "data.json";
  if (!isWanted && !(await isFolder(linked, entry))) return;
  const real = await attempt(file, () => realpath(linked));
  if (real !== reading.root && !real.startsWith(reading.root + sep)) {
    throw new RegoError("directory", `${file} is a link to a place outside the folder`);
  }
  if (await isFolder(linked, entry)) {
    // A folder that is linked into itself would have no end.
    if (!linked.startsWith(real + sep)) await readFolder(reading, inner);
  } else if (!reading.seen.has(real)) {
    reading.seen.add(real);
    if (name === "data.json") await readDocument(reading, path, file, real);
    else await readModule(reading, file, real);
  }
}

/** What cannot be looked at is none, and no concern of ours unless it is to be read. */
async function isFolder(linked: string, entry: Dirent): Promise<boolean> {
  if (entry.isDirectory() || entry.isFile()) return entry.isDirectory();
  const stats = await stat(linked).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}

async function readModule(reading: Reading, file: string, real: string): Promise<void> {
  const { maxModules, maxModuleBytes } = reading.limits;
  if (reading.modules.length === maxModules) {
    throw new RegoError("limit", `there are more than ${maxModules} .rego files`);
  }
  const bytes = await readBytes(file, real, maxModuleBytes - reading.moduleBytes);
  if (bytes === undefined) {
    throw new RegoError("limit", `${file}: the .rego files are larger than ${maxModuleBytes} bytes together`);
  }
  reading.moduleBytes += bytes.length;
  reading.modules.push({ file, text: await decode(file, bytes) });
}

async function readDocument(
  reading: Reading,
  path: readonly string[],
  file: string,
  real: string,
): Promise<void> {
  const { maxDocumentBytes } = reading.limits;
  const bytes = await readBytes(file, real, maxDocumentBytes - reading.documentBytes);
  if (bytes === undefined) {
    throw new RegoError(
      "limit",
      `${file}: the data.json files are larger than ${maxDocumentBytes} bytes together`,
    );
  }
  reading.documentBytes += bytes.length;
  reading.documents.push({ file, path, text: await decode(file, bytes) });
}

/** A file's bytes; `undefined` when there are more than so many, whatever becomes of the file meanwhile. */
async function readBytes(file: string, real: string, mostBytes: number): Promise<Buffer | undefined> {
  const handle = await attempt(file, () => open(real, WITHOUT_WAITING));
  try {
    const stats = await attempt(file, () => handle.stat());
    // Reading a pipe or a device could wait for ever.
    if (!stats.isFile()) throw new RegoError("directory", `${file} is no regular file`);
    const chunks: Buffer[] = [];
    let size = 0;
    while (size <= mostBytes) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, mostBytes + 1 - size));
      const { bytesRead } = await attempt(file, () => handle.read(chunk, 0, chunk.length, size));
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, bytesRead));
      size += bytesRead;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

function decode(file: string, bytes: Uint8Array): Promise<string> {
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
