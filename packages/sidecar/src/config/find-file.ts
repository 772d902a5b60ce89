import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, relative, resolve } from "node:path";
import { hidePathTokens } from "@coresdk/pipeline/checks";
import type { Environment } from "./interpolate.ts";
import { ConfigError } from "./issue.ts";
import type { ConfigFile } from "./merge.ts";
import { MAX_TEXT } from "./read-yaml.ts";

const NAME = "coresdk-sidecar.yaml";

/**
 * The configuration file: `--config`, `CORESDK_CONFIG`, then the first there is of `./`,
 * `$XDG_CONFIG_HOME/coresdk/` and `/etc/coresdk/` (semantics, section 5).
 *
 * @returns `undefined` when none is named and none is there
 * @param inForce the file that was found before; it must still be there
 * @throws ConfigError when a named file or the one in force is not there, or a file cannot be read
 */
export function findConfigFile(
  flag: string | undefined,
  environment: Environment,
  cwd: string,
  inForce?: string,
): ConfigFile | undefined {
  const named = flag ?? (environment["CORESDK_CONFIG"] || undefined);
  if (named !== undefined) {
    const file = readConfigFile(resolve(cwd, named), cwd);
    const asked = flag === undefined ? "CORESDK_CONFIG" : "--config";
    if (file === undefined) throw failure(`${asked}: there is no file ${hidePathTokens(named)}`);
    return file;
  }
  if (inForce !== undefined && !existsSync(resolve(cwd, inForce))) {
    throw failure(`the configuration file ${inForce} is gone; restart to run without it`);
  }
  for (const path of listSearchPath(environment, cwd)) {
    const file = readConfigFile(path, cwd);
    if (file !== undefined) return file;
  }
  return undefined;
}

/** The files that are looked for where none is named, in this order. */
export function listSearchPath(environment: Environment, cwd: string): readonly string[] {
  const xdg = environment["XDG_CONFIG_HOME"];
  // XDG Base Directory Specification: unset, empty or relative, it is $HOME/.config.
  const personal = xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".config");
  return [cwd, join(personal, "coresdk"), "/etc/coresdk"].map((directory) => join(directory, NAME));
}

function readConfigFile(path: string, cwd: string): ConfigFile | undefined {
  const near = relative(cwd, path);
  const name = near === "" || near.startsWith("..") || isAbsolute(near) ? path : near;
  let bytes: Buffer;
  try {
    bytes = readBounded(path, MAX_TEXT * 4 + 1);
  } catch (error) {
    if (isMissing(error)) return undefined;
    const shown = existsSync(path) ? name : hidePathTokens(name);
    const why = error instanceof Error && "code" in error ? error.code : "unknown";
    throw failure(`${shown} cannot be read: ${why}`, error);
  }
  try {
    return { name, path, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    throw failure(`${name} is not UTF-8 text`, error);
  }
}

/** Reads no further than `limit`, so that a device or a pipe in the file's place cannot fill the memory. */
function readBounded(path: string, limit: number): Buffer {
  const chunks: Buffer[] = [];
  const descriptor = openSync(path, "r");
  try {
    for (let total = 0; total < limit; ) {
      const chunk = Buffer.alloc(Math.min(64 * 1024, limit - total));
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
  } finally {
    closeSync(descriptor);
  }
  return Buffer.concat(chunks);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function failure(message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ message, origin: undefined }], { cause });
}
