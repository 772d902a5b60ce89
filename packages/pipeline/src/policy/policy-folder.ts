import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { type PolicySet, readPolicyDirectory } from "@coresdk/rego";
import { attemptLoad } from "./load-error.ts";

/** Readings at most, while no two that follow one another are alike. */
const MAX_READINGS = 5;

/** What a policy folder held at one time. */
export interface PolicyFolder {
  /** `undefined` when there is no folder. */
  readonly set: PolicySet | undefined;
  /** The same for the same files with the same contents. */
  readonly digest: string;
}

/**
 * Reads a policy folder.
 *
 * @throws PolicyLoadError when it cannot be read, or is too large
 */
export async function readFolder(dir: string): Promise<PolicyFolder> {
  if (await isMissing(dir)) return { set: undefined, digest: "" };
  const set = await attemptLoad(dir, () => readPolicyDirectory(dir));
  return { set, digest: digestOf(set) };
}

/**
 * Reads a policy folder that may be written to meanwhile, until two readings that follow one another are alike: then it
 * was not written to while it was read. Past some readings it is what was found last.
 *
 * @throws PolicyLoadError when it cannot be read, or is too large
 */
export async function readRestlessFolder(dir: string): Promise<PolicyFolder> {
  let before: PolicyFolder | undefined;
  for (let reading = 1; reading < MAX_READINGS; reading++) {
    // What is not there to be read any more, or not to be understood, may be so the next time.
    const folder = await readFolder(dir).catch(() => undefined);
    if (folder !== undefined && folder.digest === before?.digest) return folder;
    before = folder;
  }
  return readFolder(dir);
}

function digestOf({ modules, documents = [] }: PolicySet): string {
  const hash = createHash("sha256");
  for (const { file, text } of [...modules, ...documents]) {
    hash.update(JSON.stringify([file, text.length])).update(text);
  }
  return hash.digest("base64");
}

async function isMissing(dir: string): Promise<boolean> {
  try {
    await stat(dir);
    return false;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR";
  }
}
