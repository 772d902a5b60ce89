import type { InputReads, PolicyFacts, PolicySet } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import type { Instance } from "./instance.ts";
import { functionsOf, type ModuleSummary, pathKey, summarise } from "./module-summary.ts";
import { dataPath, pathSegments } from "./rule-path.ts";

const everything: InputReads = { fields: "all", isVolatile: true };

/**
 * Reads what the modules touch out of the engine that has parsed them.
 *
 * The engine looks a function up when it is called, and takes the failure inside another function as undefined, whose
 * negation is true. So a call of a function that is not there is an error here, before anything is evaluated.
 *
 * @throws RegoError for a call of an unknown function, or when the engine breaks
 */
export function examine(instance: Instance, { modules }: PolicySet): ModuleSummary[] {
  const trees = modules.map((module, index) => {
    const { status, text } = instance.syntaxTree(index);
    if (status !== "value") throw new RegoError("compile", `${module.file}: ${text || "has no syntax tree"}`);
    const tree: unknown = JSON.parse(text);
    return { module, summary: summarise(tree), ...functionsOf(tree, module) };
  });
  const declared = new Set(trees.flatMap((tree) => tree.declared));
  const builtins = builtinNames(instance);
  for (const { module, calls } of trees) {
    for (const { name, candidates, argumentCount, span } of calls) {
      const isDeclared = candidates.some((path) => declared.has(path));
      const problem = isDeclared ? undefined : misuse(name, argumentCount, builtins);
      if (problem === undefined) continue;
      const { line = 1, col = 1 } = span ?? {};
      const sourceLine = module.text.split("\n")[line - 1]?.replace(/\r$/, "") ?? "";
      const place = { file: module.file, line, column: col, sourceLine };
      throw new RegoError("compile", problem, { place });
    }
  }
  return trees.map((tree) => tree.summary);
}

/** Builtins of our own; regorus neither checks their arguments beforehand nor lets them assign their result. */
const ownArguments: ReadonlyMap<string, number> = new Map([
  ["time.now_ns", 0],
  ["opa.runtime", 0],
  ["net.cidr_contains", 2],
  ["net.cidr_intersects", 2],
  ["net.cidr_is_valid", 1],
  ["net.cidr_expand", 1],
]);

function misuse(name: string, argumentCount: number, builtins: ReadonlySet<string>): string | undefined {
  if (!builtins.has(name)) return `there is no function ${name}`;
  const wanted = ownArguments.get(name);
  if (wanted === undefined || wanted === argumentCount) return undefined;
  return `${name} has ${wanted} arguments here, and its result is assigned with :=`;
}

function builtinNames(instance: Instance): Set<string> {
  const { status, text } = instance.builtins();
  const names: unknown = status === "value" ? JSON.parse(text) : [];
  return new Set(Array.isArray(names) ? names.filter((name) => typeof name === "string") : []);
}

/** Answers from summaries of all modules of a set. */
export function policyFacts(summaries: readonly ModuleSummary[]): PolicyFacts {
  const packages = new Set(summaries.map((summary) => dataPath(summary.package)));
  return {
    packages: [...packages].sort(),
    reads(rule) {
      const path = pathSegments(rule);
      return path === undefined ? everything : join(reach(summaries, path));
    },
  };
}

/**
 * The modules that evaluating a path can come to. One package is taken whole, and so is what stands below a path or
 * above it, whichever rule is meant.
 */
function reach(summaries: readonly ModuleSummary[], path: readonly string[]): ModuleSummary[] {
  const reached = new Set<ModuleSummary>();
  const open = new Map([[pathKey(path), path]]);
  for (const target of open.values()) {
    for (const summary of summaries) {
      if (reached.has(summary) || !touches(summary.package, target)) continue;
      reached.add(summary);
      for (const next of [summary.package, ...summary.dataPaths]) open.set(pathKey(next), next);
    }
  }
  return [...reached];
}

/** Whether one path begins with the other. */
function touches(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((name, index) => name === other[index]);
}

function join(summaries: readonly ModuleSummary[]): InputReads {
  const fields = new Set<string>();
  let readsAll = false;
  for (const { inputFields } of summaries) {
    if (inputFields === "all") readsAll = true;
    else for (const field of inputFields) fields.add(field);
  }
  const isVolatile = summaries.some((summary) => summary.isVolatile);
  return { fields: readsAll ? "all" : [...fields].sort(), isVolatile };
}
