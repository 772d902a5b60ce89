import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../run-program.ts";
import { type Check, count, type Finding } from "./finding.ts";
import { type Manifest, packages, readManifest } from "./manifests.ts";

/** Manifests that are right in the checkout and in a tarball alike, and a documented word for each entry. */
export const manifestRules: Check = {
  name: "manifests",
  async run() {
    const names = Object.keys(packages);
    const entries = names.flatMap((name) => Object.keys(readManifest(name).exports ?? {}));
    return { findings: names.flatMap(judge), summary: `${count(entries.length, "exported path")}` };
  },
};

function judge(name: string): Finding[] {
  const place = `packages/${name}/package.json`;
  const manifest = readManifest(name);
  const messages = judgeManifest(name, manifest);
  return [...messages.map((message) => ({ place, message })), ...documentation(name, manifest)];
}

/** What is wrong with the manifest of `packages/NAME`. */
export function judgeManifest(name: string, manifest: Manifest): string[] {
  return [...shape(name, manifest), ...Object.entries(manifest.exports ?? {}).flatMap(entry)];
}

function shape(name: string, manifest: Manifest): string[] {
  const messages: string[] = [];
  if (manifest.engines?.["node"] === undefined) messages.push("engines.node is not set");
  // npm applies neither `exports` nor `bin` from there: what works here would not work when published.
  if (manifest.publishConfig !== undefined) messages.push("publishConfig: one manifest serves both lives");
  for (const script of ["preinstall", "install", "postinstall", "prepare"]) {
    if (manifest.scripts?.[script] !== undefined) messages.push(`the script ${script} runs on installation`);
  }
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    const own = /^@coresdk\/(.+)$/.exec(dependency)?.[1];
    if (own !== undefined && !packages[name]?.includes(own)) messages.push(`may not depend on ${dependency}`);
  }
  return messages;
}

/** `coresdk-source` before `types` before `default`, all for the same file. */
function entry([subpath, target]: [string, unknown]): string[] {
  if (typeof target === "string") return [];
  const conditions = Object.entries(target ?? {});
  const keys = conditions.map(([key]) => key).join(", ");
  if (keys !== "coresdk-source, types, default") return [`exports["${subpath}"] has the conditions ${keys}`];
  const stems = conditions.map(([, path]) =>
    String(path)
      .replace(/^\.\/(src|dist)\//, "")
      .replace(/(\.d\.ts|\.ts|\.js)$/, ""),
  );
  return new Set(stems).size === 1
    ? []
    : [`exports["${subpath}"] names different files: ${stems.join(", ")}`];
}

/** Each entry that a user would import stands in the package's README. */
function documentation(name: string, manifest: Manifest): Finding[] {
  const place = `packages/${name}/README.md`;
  if (!existsSync(join(root, place))) return [{ place, message: "is missing" }];
  const text = readFileSync(join(root, place), "utf8");
  return Object.keys(manifest.exports ?? {})
    .filter((subpath) => subpath !== "./package.json")
    .map((subpath) => manifest.name + subpath.slice(1))
    .filter((specifier) => !new RegExp(`${specifier}(?![\\w/-])`).test(text))
    .map((specifier) => ({ place, message: `says nothing about ${specifier}` }));
}
