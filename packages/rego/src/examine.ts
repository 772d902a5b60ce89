/**
 * What a policy set has to be refused for beside what the engine says of it.
 *
 * The engine looks a function up when it is called, and takes the failure inside another function as undefined, whose
 * negation is true. It lets a base document stand in the place of a rule. Either could allow what a policy denies.
 */
import type { PolicySet, RegoDocument, RegoModule } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import type { Instance } from "./instance.ts";
import {
  type FunctionCall,
  functionsOf,
  type ModuleFunctions,
  type ModuleSummary,
  pathKey,
  summarise,
} from "./module-summary.ts";
import { dataPath } from "./rule-path.ts";
import { isNode } from "./syntax-tree.ts";

interface Examined extends ModuleFunctions {
  readonly module: RegoModule;
  readonly summary: ModuleSummary;
}

/**
 * Reads what the modules touch out of the engine that has parsed them.
 *
 * @throws RegoError for a call of an unknown function, for a document at a rule's path, or when the engine breaks
 */
export function examine(instance: Instance, { modules, documents = [] }: PolicySet): ModuleSummary[] {
  const examined = modules.map((module, index): Examined => {
    const { status, text } = instance.syntaxTree(index);
    if (status !== "value") throw new RegoError("compile", `${module.file}: ${text || "has no syntax tree"}`);
    const tree: unknown = JSON.parse(text);
    return { module, summary: summarise(tree), ...functionsOf(tree, module) };
  });
  checkCalls(examined, builtinNames(instance));
  for (const document of documents) checkPaths(document, examined);
  return examined.map((one) => one.summary);
}

function checkCalls(examined: readonly Examined[], builtins: ReadonlySet<string>): void {
  const declared = new Set(examined.flatMap((one) => one.declared.map(pathKey)));
  for (const { module, calls } of examined) {
    for (const call of calls) {
      const isDeclared = call.candidates.some((path) => declared.has(pathKey(path)));
      const problem = isDeclared ? undefined : misuse(call, builtins);
      if (problem === undefined) continue;
      const { line = 1, col: column = 1 } = call.span ?? {};
      const sourceLine = module.text.split("\n")[line - 1]?.replace(/\r$/, "") ?? "";
      throw new RegoError("compile", problem, { place: { file: module.file, line, column, sourceLine } });
    }
  }
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

function misuse({ name, argumentCount }: FunctionCall, builtins: ReadonlySet<string>): string | undefined {
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
