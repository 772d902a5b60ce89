/**
 * A configuration before it is validated: the document's tree, into which environment and flags are laid.
 */

/** Text that did not come as a literal of the file: a variable, a flag or a substitution. It has no type yet. */
export class TextValue {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Tree = string | number | boolean | undefined | TextValue | readonly Tree[] | TreeMap;

/** A mapping without a prototype, so that no key of a file means anything but itself. */
export interface TreeMap {
  [key: string]: Tree;
}

/** A place in the tree. */
export type Path = readonly (string | number)[];

export function createTreeMap(): TreeMap {
  const map: TreeMap = Object.create(null);
  return map;
}

export function isTreeMap(tree: unknown): tree is TreeMap {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof TextValue);
}

/** One string for one path; keys may hold any character. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/** The path as messages write it: `cloud_events.kafka.brokers[1]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    text += typeof part === "number" ? `[${part}]` : text === "" ? part : `.${part}`;
  }
  return text;
}

/** What stands at a path; `undefined` when nothing does. */
export function readAt(tree: Tree, path: Path): Tree {
  let at: Tree = tree;
  for (const part of path) {
    if (typeof part === "number") at = Array.isArray(at) ? at[part] : undefined;
    else at = isTreeMap(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return at;
}

/** Puts a value at a path of mapping keys; what is in the way and no mapping is replaced. */
export function writeAt(root: TreeMap, path: readonly string[], value: Tree): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let at = root;
  for (const part of path.slice(0, -1)) {
    const existing = at[part];
    const next = isTreeMap(existing) ? existing : createTreeMap();
    at[part] = next;
    at = next;
  }
  at[last] = value;
}
