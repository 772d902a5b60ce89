/**
 * Reading a module's syntax tree as the engine writes it: JSON in which an expression is an object with one entry, its
 * kind, such as `{ "RefDot": { span, refr, field } }`. What is not known here is walked through like everything else.
 */

/** An object of the tree. */
export interface Node {
  readonly [key: string]: unknown;
}

/** A variable and the path behind it, as far as the path is spelled out. */
export interface Reference {
  readonly root: string;
  readonly steps: readonly string[];
  /** False when the path goes on behind `steps` with something that is computed. */
  readonly isConstant: boolean;
}

/** What a walk meets. */
export interface Visitor {
  reference(reference: Reference): void;
}

/** Visits every reference below a node, in no certain order. */
export function walk(tree: unknown, visitor: Visitor): void {
  // No recursion: an expression can be as long as a file.
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const item = open.pop();
    if (Array.isArray(item)) for (const element of item) open.push(element);
    if (!isNode(item)) continue;
    const found = readReference(item);
    if (found === undefined) {
      for (const key of Object.keys(item)) open.push(item[key]);
    } else {
      if (found.reference === undefined) open.push(found.base);
      else visitor.reference(found.reference);
      for (const index of found.computed) open.push(index);
    }
  }
}

interface Found {
  /** Absent when the path does not begin with a variable. */
  readonly reference: Reference | undefined;
  /** What the path begins with. */
  readonly base: Node;
  /** The expressions in its brackets that are no plain text. */
  readonly computed: readonly unknown[];
}

/** Reads a variable, or a path behind anything; `undefined` for any other expression. */
function readReference(expression: Node | undefined): Found | undefined {
  const names: (string | undefined)[] = [];
  const computed: unknown[] = [];
  let base = expression;
  for (;;) {
    const dot = nodeAt(base, "RefDot");
    const bracket = nodeAt(base, "RefBrack");
    if (dot !== undefined) {
      const field = dot["field"];
      const name: unknown = Array.isArray(field) ? field[1] : undefined;
      names.push(typeof name === "string" ? name : undefined);
      base = nodeAt(dot, "refr");
    } else if (bracket !== undefined) {
      const index = nodeAt(bracket, "index");
      const text = (nodeAt(index, "String") ?? nodeAt(index, "RawString"))?.["value"];
      names.push(typeof text === "string" ? text : undefined);
      if (typeof text !== "string") computed.push(index);
      base = nodeAt(bracket, "refr");
    } else {
      break;
    }
  }
  if (base === undefined) return undefined;
  const root = nodeAt(base, "Var")?.["value"];
  if (typeof root !== "string")
    return names.length === 0 ? undefined : { reference: undefined, base, computed };
  names.reverse();
  const gap = names.indexOf(undefined);
  const steps = (gap < 0 ? names : names.slice(0, gap)).filter((name) => name !== undefined);
  return { reference: { root, steps, isConstant: gap < 0 }, base, computed };
}

/** The reference that an expression is, if it is one. */
export function referenceOf(expression: unknown): Reference | undefined {
  return isNode(expression) ? readReference(expression)?.reference : undefined;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object below a key, if there is one. */
export function nodeAt(node: Node | undefined, key: string): Node | undefined {
  const value = node !== undefined && Object.hasOwn(node, key) ? node[key] : undefined;
  return isNode(value) ? value : undefined;
}

/** The objects of a list below a key. */
export function nodesAt(node: Node | undefined, key: string): readonly Node[] {
  const value = node !== undefined && Object.hasOwn(node, key) ? node[key] : undefined;
  return Array.isArray(value) ? value.filter(isNode) : [];
}
