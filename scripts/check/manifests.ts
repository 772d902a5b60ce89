import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../run-program.ts";

/** The published packages, each with the packages of this project that it may depend on. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  cloudevents: [],
  rego: [],
  pipeline: ["cloudevents", "rego"],
  opentelemetry: ["cloudevents", "pipeline"],
  sidecar: ["cloudevents", "pipeline"],
};

/** What the checks read of a `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** The manifest of `packages/NAME`. */
export function readManifest(name: string): Manifest {
  return readJson(`packages/${name}/package.json`);
}

/** A JSON file of the project, from the repository's root; its shape is the project's own and trusted. */
export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
