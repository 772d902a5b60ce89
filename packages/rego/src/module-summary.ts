import type { RegoModule } from "./contracts.ts";
import {
  isNode,
  type Node,
  nodeAt,
  nodesAt,
  type Reference,
  readSpan,
  referenceOf,
  type Span,
  walk,
} from "./syntax-tree.ts";

/** What a module touches; plain data, so that it can cross a thread. */
export interface ModuleSummary {
  /** The path of its package below `data`. */
  readonly package: readonly string[];
  /** The top-level fields of `input` that it names, or `"all"`. */
  readonly inputFields: readonly string[] | "all";
  /** The paths below `data` that it names, each as far as it is spelled out. */
  readonly dataPaths: readonly (readonly string[])[];
  readonly isVolatile: boolean;
}

/** A call, and the names that its callee can have below `data`, or as a builtin. */
export interface FunctionCall {
  /** As the policy names it. */
  readonly name: string;
  /** Paths below `data`. */
  readonly candidates: readonly (readonly string[])[];
  readonly argumentCount: number;
  readonly span: Span | undefined;
}

/** The rules and functions that a module declares, and the functions that it calls. */
export interface ModuleFunctions {
  /** Paths below `data`, as far as they are spelled out. */
  readonly declared: readonly (readonly string[])[];
  readonly calls: readonly FunctionCall[];
}

/** Builtins whose answer depends on more than their arguments: by name, or all that begin so. */
const volatileNames = ["time.now_ns", "opa.runtime", "net.lookup_ip_addr"];
const volatileRoots = ["http", "io", "providers", "rand", "uuid"];

/** Says what a module reads. Whatever the tree does not show plainly counts as everything. */
export function summarise(tree: unknown): ModuleSummary {
  const fields = new Set<string>();
  const dataPaths = new Map<string, readonly string[]>();
  let [readsAll, isVolatile] = [false, false];
  walk(tree, {
    reference({ root, steps }) {
      const [first] = steps;
      if (root === "input" && first === undefined) readsAll = true;
      else if (root === "input" && first !== undefined) fields.add(first);
      else if (root === "data") dataPaths.set(pathKey(steps), steps);
      const name = [root, ...steps].join(".");
      isVolatile ||= volatileRoots.includes(root) || volatileNames.includes(name);
    },
  });
  return {
    package: packageOf(tree),
    inputFields: readsAll ? "all" : [...fields].sort(),
    dataPaths: [...dataPaths.values()],
    isVolatile,
  };
}

/** Lists the rules and functions that a module declares, and the functions that it calls. */
export function functionsOf(tree: unknown, { text }: RegoModule): ModuleFunctions {
  const home = packageOf(tree);
  const aliases = importsOf(tree, text);
  const declared = rulesOf(tree)
    .map((head) => referenceOf(head["refr"]))
    .filter((reference) => reference !== undefined)
    .map(({ root, steps }) => [...home, root, ...steps]);
  const calls: FunctionCall[] = [];
  walk(tree, {
    call(callee, argumentCount, span) {
      if (callee?.isConstant !== true) return;
      const { root, steps } = callee;
      const imported = aliases.get(root);
      const paths =
        root === "data"
          ? [steps]
          : [[...home, root, ...steps], ...(imported === undefined ? [] : [[...imported, ...steps]])];
      calls.push({ name: [root, ...steps].join("."), candidates: paths, argumentCount, span });
    },
  });
  return { declared, calls };
}

/** A path as a key that no other path has. */
export function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

function packageOf(tree: unknown): readonly string[] {
  const reference = isNode(tree) ? referenceOf(nodeAt(tree, "package")?.["refr"]) : undefined;
  return reference === undefined ? [] : [reference.root, ...reference.steps];
}

/** The heads of rules and functions, defaults included. */
function rulesOf(tree: unknown): Node[] {
  const rules = isNode(tree) ? nodesAt(tree, "rules") : [];
  return rules.flatMap((rule) => {
    const preset = nodeAt(rule, "Default");
    if (preset !== undefined) return [preset];
    const head = nodeAt(nodeAt(rule, "Spec"), "head");
    return Object.values(head ?? {}).filter(isNode);
  });
}

/** The paths below `data` that a module imports, by the name that it gives them. */
function importsOf(tree: unknown, text: string): Map<string, readonly string[]> {
  const imports = new Map<string, readonly string[]>();
  for (const item of isNode(tree) ? nodesAt(tree, "imports") : []) {
    const reference: Reference | undefined = referenceOf(item["refr"]);
    if (reference?.root !== "data") continue;
    const span = readSpan(nodeAt(item, "as"));
    const given = span === undefined ? undefined : Buffer.from(text).toString("utf8", span.start, span.end);
    const name = given ?? reference.steps.at(-1);
    if (name !== undefined) imports.set(name, reference.steps);
  }
  return imports;
}
