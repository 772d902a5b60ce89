/**
 * What a policy set has to be refused for beside what the engine says of it: it would let a base document stand in the
 * place of a rule, which could allow what the policy denies.
 */
import type { PolicySet, RegoDocument, RegoModule } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import type { Instance } from "./instance.ts";
import { declaredIn, type ModuleSummary, summarise } from "./module-summary.ts";
import { dataPath } from "./rule-path.ts";
import { isNode } from "./syntax-tree.ts";

interface Examined {
  readonly module: RegoModule;
  readonly summary: ModuleSummary;
  /** Paths of its rules and functions below `data`, as far as they are spelled out. */
  readonly declared: readonly (readonly string[])[];
}

/**
 * Reads what the modules touch out of the engine that has parsed them.
 *
 * @throws RegoError for a document at a rule's path, or when the engine breaks
 */
export function examine(instance: Instance, { modules, documents = [] }: PolicySet): ModuleSummary[] {
  const examined = modules.map((module, index): Examined => {
    const { status, text } = instance.syntaxTree(index);
    if (status !== "value") throw new RegoError("compile", `${module.file}: ${text || "has no syntax tree"}`);
    const tree: unknown = JSON.parse(text);
    return { module, summary: summarise(tree), declared: declaredIn(tree) };
  });
  for (const document of documents) checkPaths(document, examined);
  return examined.map((one) => one.summary);
}

/** As OPA does: no document has a value at the path of a rule, or one that is no object above it. */
function checkPaths({ file, path, text }: RegoDocument, examined: readonly Examined[]): void {
  const document: unknown = JSON.parse(text);
  for (const { module, declared } of examined) {
    for (const rule of declared) {
      if (!holds(document, path, rule)) continue;
      throw new RegoError("document", `${file}: ${dataPath(rule)} is the path of a rule, in ${module.file}`);
    }
  }
}

/** Whether a document that stands at a path says something at, or instead of, what is at another. */
function holds(document: unknown, path: readonly string[], wanted: readonly string[]): boolean {
  const length = Math.min(path.length, wanted.length);
  if (path.slice(0, length).some((name, index) => name !== wanted[index])) return false;
  let value = document;
  for (const name of wanted.slice(length)) {
    if (!isNode(value)) return true;
    if (!Object.hasOwn(value, name)) return false;
    value = value[name];
  }
  return true;
}
