/**
 * What some tests need beside Node: each thing by name, how to find it, and how to get it. A test that lacks
 * one is skipped by that name; in CI it fails instead, so that nothing goes unseen there.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { findOldestNode } from "./oldest-node.ts";
import { findOpaCases } from "./opa.ts";
import { findPython } from "./python.ts";

/** The repository's root. */
export const repositoryRoot: string = join(import.meta.dirname, "..");

/** Where the official conformance data lies, beside the repository. */
export const conformanceDir: string = join(repositoryRoot, "..", "shared", "conformance");

export type ComponentName =
  | "java"
  | "maven"
  | "openssl"
  | "python"
  | "python packages"
  | "conformance data"
  | "npm registry"
  | "Node.js 22.0"
  | "OPA's cases";

/** A component that is there, with the path or command to use; or why it is not, and how to get it. */
export type Component =
  | { readonly available: true; readonly name: ComponentName; readonly path: string }
  | {
      readonly available: false;
      readonly name: ComponentName;
      readonly reason: string;
      readonly howToGet: string;
    };

interface Search {
  /** The path or command, or an error that says why there is none. */
  readonly find: () => string | Error | Promise<string | Error>;
  readonly howToGet: string;
}

const searches: Readonly<Record<ComponentName, Search>> = {
  java: {
    find: () => command("java", ["-version"], /version "(\d+)/, 17),
    howToGet: "install a Java runtime, 17 or newer (Debian: apt-get install openjdk-17-jre-headless)",
  },
  maven: {
    find: () => command("mvn", ["--version"], /Apache Maven (\d+)/, 3),
    howToGet: "install Apache Maven 3 (Debian: apt-get install maven)",
  },
  openssl: {
    find: () => command("openssl", ["version"], /(?:OpenSSL|LibreSSL) (\d+)/, 1),
    howToGet: "install OpenSSL's command line (Debian: apt-get install openssl)",
  },
  python: {
    find: () => command("python3", ["--version"], /Python (\d+)/, 3),
    howToGet: "install Python 3.9 or newer with venv (Debian: apt-get install python3-venv)",
  },
  "python packages": {
    find: async () => {
      const python = await findPython();
      return python.available ? python.path : new Error(python.reason);
    },
    howToGet: "with Python 3 and PyPI in reach they are installed into .cache/venv on first use",
  },
  "conformance data": {
    find: () => (existsSync(conformanceDir) ? conformanceDir : new Error(`no folder ${conformanceDir}`)),
    howToGet: "put the CloudEvents conformance data into ../shared/conformance, beside the repository",
  },
  "npm registry": {
    find: () => {
      // One answer that gets lost is no reason to say that there is none.
      const patience = ["--fetch-retries=3", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"];
      const ping = spawnSync("npm", ["ping", ...patience], { encoding: "utf8", timeout: 60_000 });
      return ping.status === 0 ? "npm" : new Error("npm ping gets no answer");
    },
    howToGet: "connect to an npm registry: packages are installed as a user would",
  },
  "Node.js 22.0": {
    find: findOldestNode,
    howToGet: "with an npm registry in reach it is installed into .cache/node-22.0.0 on first use",
  },
  "OPA's cases": {
    find: findOpaCases,
    howToGet: "with Go on the PATH and its module proxy in reach they are fetched on first use",
  },
};

const found = new Map<ComponentName, Promise<Component>>();

/** Looks for a component, once a process. */
export function component(name: ComponentName): Promise<Component> {
  let answer = found.get(name);
  if (answer === undefined) {
    answer = search(name);
    found.set(name, answer);
  }
  return answer;
}

/** True where a missing component fails the test that needs it: in CI, or with `CORESDK_REQUIRE_ALL=1`. */
export function allRequired(): boolean {
  return process.env["CI"] === "true" || process.env["CORESDK_REQUIRE_ALL"] === "1";
}

/**
 * The path or command of a component that a test needs; `undefined` when it is not there, and then the test
 * has been marked as skipped, by the component's name, and should return.
 *
 * @throws Error when the component is missing where all are required
 */
export async function requireComponent(t: TestContext, name: ComponentName): Promise<string | undefined> {
  const answer = await component(name);
  if (answer.available) return answer.path;
  const message = `needs ${name}: ${answer.reason}; ${answer.howToGet}`;
  if (allRequired()) throw new Error(message);
  t.skip(message);
  return undefined;
}

async function search(name: ComponentName): Promise<Component> {
  const { find, howToGet } = searches[name];
  const answer = await find();
  return typeof answer === "string"
    ? { available: true, name, path: answer }
    : { available: false, name, reason: answer.message, howToGet };
}

function command(
  program: string,
  args: readonly string[],
  versionPattern: RegExp,
  oldest: number,
): string | Error {
  const run = spawnSync(program, args, { encoding: "utf8", timeout: 30_000 });
  if (run.error !== undefined) return new Error(`${program} is not on the PATH`);
  const version = versionPattern.exec(`${run.stdout}\n${run.stderr}`)?.[1];
  if (version === undefined) return new Error(`${program} does not say its version`);
  return Number(version) >= oldest ? program : new Error(`${program} ${version} is older than ${oldest}`);
}
