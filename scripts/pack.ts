import { join } from "node:path";
import { localCommand, root, runProgram } from "./run-program.ts";

/** A package as it would be published. */
export interface Tarball {
  /** Its folder under `packages/`. */
  readonly folder: string;
  /** The path of the tarball. */
  readonly path: string;
  /** The files in it, from the package's root. */
  readonly files: readonly string[];
}

/**
 * Builds all packages into their `dist`.
 * @throws Error with what the compiler said
 */
export async function buildPackages(): Promise<void> {
  const build = await runProgram(localCommand("tsc"), ["-b", "--pretty", "false"]);
  if (build.code !== 0) throw new Error(build.stdout.trim());
}

/**
 * Builds and packs packages as `npm publish` would.
 *
 * @param folders folders under `packages/`
 * @param destination a folder that is there, for the tarballs
 * @throws Error with what the compiler or npm said
 */
export async function packPackages(folders: readonly string[], destination: string): Promise<Tarball[]> {
  // Once for all beforehand: the `prepack` of each then finds nothing to do, and they do not meet in `dist`.
  await buildPackages();
  return Promise.all(folders.map((folder) => pack(folder, destination)));
}

async function pack(folder: string, destination: string): Promise<Tarball> {
  const args = ["pack", "--json", "--pack-destination", destination];
  const { code, stdout, stderr } = await runProgram("npm", args, join(root, "packages", folder));
  if (code !== 0) throw new Error(`npm pack of ${folder}: ${stderr.trim()}`);
  const [packed] = readPacked(stdout);
  if (packed === undefined) throw new Error(`npm pack of ${folder} names no tarball`);
  return {
    folder,
    path: join(destination, packed.filename),
    files: packed.files.map((file) => file.path),
  };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm 11 and older print a list, newer ones an object by package name. */
function readPacked(json: string): Packed[] {
  const parsed: Packed[] | Record<string, Packed> = JSON.parse(json);
  return Array.isArray(parsed) ? parsed : Object.values(parsed);
}
