import { isNode, type Node, nodeAt, nodesAt, referenceOf, walk } from "./syntax-tree.ts";

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

/** The paths below `data` of the rules and functions that a module declares, as far as they are spelled out. */
export function declaredIn(tree: unknown): (readonly string[])[] {
  const home = packageOf(tree);
  return rulesOf(tree)
    .map((head) => referenceOf(head["refr"]))
    .filter((reference) => reference !== undefined)
    .map(({ root, steps }) => [...home, root, ...steps]);
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
