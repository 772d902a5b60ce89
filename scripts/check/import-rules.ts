/** Who may import whom. ARCHITECTURE.md says why; a rule here is one function from an import to an objection. */
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { packages, readManifest } from "./manifests.ts";
import type { Reference, Source } from "./sources.ts";

/** An import, with both ends resolved. */
export interface Import extends Reference {
  readonly from: string;
  /** The file that a relative import names, from the repository's root; `undefined` for any other import. */
  readonly target: string | undefined;
  /** The npm package that it names, `undefined` for relative and `node:` imports. */
  readonly dependency: string | undefined;
}

/** Says what is wrong with an import, or nothing. */
export type Rule = (it: Import) => string | undefined;

export function importsOf(source: Source): Import[] {
  return source.references.map((reference) => {
    const { specifier } = reference;
    const relative = specifier.startsWith(".");
    const parts = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1);
    return {
      ...reference,
      from: source.path,
      target: relative ? posix.normalize(posix.join(posix.dirname(source.path), specifier)) : undefined,
      dependency: relative || isBuiltin(specifier) ? undefined : parts.join("/"),
    };
  });
}

/** `pipeline` and `queue/memory.ts` for `packages/pipeline/src/queue/memory.ts`. */
function placeOf(path: string | undefined): { readonly name: string; readonly file: string } | undefined {
  const match = /^packages\/([^/]+)\/src\/(.+)$/.exec(path ?? "");
  return match === null ? undefined : { name: match[1] ?? "", file: match[2] ?? "" };
}

function folderOf(file: string): string {
  return file.includes("/") ? file.slice(0, file.indexOf("/")) : file.replace(/\.ts$/, "");
}

/** Each may import itself and those before it. */
const layers = ["errors", "event", "formats", "bindings"];

const layered: Rule = ({ from, target }) => {
  const here = placeOf(from);
  const there = placeOf(target);
  if (here?.name !== "cloudevents" || here.file === "index.ts" || there === undefined) return undefined;
  const below = layers.indexOf(folderOf(there.file));
  const own = layers.indexOf(folderOf(here.file));
  if (own < 0) return `belongs to none of the layers ${layers.join(" <- ")}`;
  return below > own ? `${layers[own]} may not import from the layer ${layers[below]} above it` : undefined;
};

const noOwnIndex: Rule = ({ from, target, dependency }) => {
  const here = placeOf(from);
  if (here === undefined) return undefined;
  const own = target === `packages/${here.name}/src/index.ts` || dependency === `@coresdk/${here.name}`;
  return own ? "nothing imports its own package's index" : undefined;
};

const stages = ["wrap", "mask", "policy", "queue", "deliver"];
/** The flow itself, and the entries of the package: all of it, and what settings are checked with. */
const combining = ["intake", "delivery", "pipeline", "index", "checks"];

/** The stage of the pipeline that a file imports from outside it. */
export function foreignStage({ from, target }: Import): string | undefined {
  const here = placeOf(from);
  const there = placeOf(target);
  if (here?.name !== "pipeline" || there === undefined) return undefined;
  const stage = folderOf(there.file);
  return stages.includes(stage) && stage !== folderOf(here.file) ? stage : undefined;
}

/** True for the few files that put stages together. */
export function combinesStages(path: string): boolean {
  return combining.includes(folderOf(placeOf(path)?.file ?? ""));
}

const stagesApart: Rule = (it) => {
  const stage = foreignStage(it);
  const own = folderOf(placeOf(it.from)?.file ?? "");
  if (stage === undefined || !stages.includes(own)) return undefined;
  return `the stage ${own} may not import the stage ${stage}: share contracts.ts`;
};

/** A package is entered by its exports, and only where the table of packages says so. */
const packagesApart: Rule = ({ from, target, dependency }) => {
  const owner = /^(packages\/[^/]+|[^/]+)\//.exec(from)?.[1] ?? "";
  const privileged = owner === "testing" || owner === "testing-otel2" || owner === "scripts";
  const inTests = /\/test\//.test(from) && /^testing\/|\/test\//.test(target ?? "");
  if (target !== undefined && !target.startsWith(`${owner}/`) && !privileged && !inTests) {
    return "imports another workspace by its path: use its package name";
  }
  const here = placeOf(from);
  const other = /^@coresdk\/(.+)$/.exec(dependency ?? "")?.[1];
  if (here === undefined || other === undefined || other === here.name) return undefined;
  return packages[here.name]?.includes(other) ? undefined : `${here.name} may not depend on ${other}`;
};

const declared: Rule = ({ from, dependency, typeOnly }) => {
  const here = placeOf(from);
  if (here === undefined || dependency === undefined || dependency === `@coresdk/${here.name}`)
    return undefined;
  const { dependencies = {}, peerDependencies = {} } = readManifest(here.name);
  if (dependency in dependencies || dependency in peerDependencies) return undefined;
  // The SDK's types are those of whichever major the application brings; see `otelTypesOnly`.
  if (here.name === "opentelemetry" && typeOnly && dependency.startsWith("@opentelemetry/")) return undefined;
  return `${dependency} is not among the dependencies of ${here.name}`;
};

const noNodeInCore: Rule = ({ from, specifier }) =>
  placeOf(from)?.name === "cloudevents" && isBuiltin(specifier)
    ? "the core runs outside Node too: no import from Node"
    : undefined;

/** What turns a record into bytes: clock and randomness are handed in, and it does no I/O. */
const pureFolders = ["wrap", "mask", "encode", "otlp"];

/** True for a file of the pipeline that is synchronous and pure (ARCHITECTURE.md). */
export function isPure(path: string): boolean {
  const here = placeOf(path);
  return here?.name === "pipeline" && pureFolders.includes(folderOf(here.file));
}

const noNodeInPureFolders: Rule = ({ from, specifier, typeOnly }) =>
  isPure(from) && isBuiltin(specifier) && !typeOnly
    ? "is pure: clock and randomness are handed in, and there is no I/O"
    : undefined;

const otelTypesOnly: Rule = ({ from, dependency, typeOnly }) =>
  placeOf(from)?.name === "opentelemetry" &&
  dependency?.startsWith("@opentelemetry/") &&
  dependency !== "@opentelemetry/api" &&
  !typeOnly
    ? "OpenTelemetry SDK packages are imported for their types only"
    : undefined;

const prefixedBuiltins: Rule = ({ specifier }) =>
  isBuiltin(specifier) && !specifier.startsWith("node:") ? `write node:${specifier}` : undefined;

export const importRules: readonly Rule[] = [
  layered,
  noOwnIndex,
  stagesApart,
  packagesApart,
  declared,
  noNodeInCore,
  noNodeInPureFolders,
  otelTypesOnly,
  prefixedBuiltins,
];
