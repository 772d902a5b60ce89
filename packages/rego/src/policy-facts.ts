import type { InputReads, PolicyFacts } from "./contracts.ts";
import { type ModuleSummary, pathKey } from "./module-summary.ts";
import { dataPath, pathSegments } from "./rule-path.ts";

const everything: InputReads = { fields: "all", isVolatile: true };

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
