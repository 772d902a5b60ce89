/**
 * YAML text to a tree whose every key and value has a place in the text. Hostile documents end here: size,
 * depth, node count (aliases counted each time they stand for something) and duplicate keys are checked.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
} from "yaml";
import { isCredential, isGuard } from "./guards.ts";
import { type Environment, interpolate } from "./interpolate.ts";
import { lex } from "./lex-yaml.ts";
import { describeKey, isPublicName, isShownKey, showPath } from "./shown.ts";
import { type Source, showRange, type TextRange } from "./source.ts";
import { createTreeMap, type Path, pathKey, TextValue, type Tree, type TreeMap } from "./tree.ts";
import { describeFault } from "./yaml-faults.ts";
import { findOpeningFault } from "./yaml-openings.ts";
import { showOutline, showStructure } from "./yaml-outline.ts";

/** A configuration of more than this is none: in UTF-16 units. */
export const MAX_TEXT: number = 256 * 1024;
const MAX_DEPTH = 24;
const MAX_NODES = 10_000;

/** Where a key and its value stand. */
export interface Place {
  readonly path: Path;
  readonly key: TextRange | undefined;
  readonly value: TextRange;
}

/** What is wrong with the text itself, and the path that it concerns (`[]` when that is the whole). */
export interface TextIssue {
  readonly path: Path;
  readonly message: string;
  readonly range: TextRange;
}

export interface ReadDocument {
  readonly root: TreeMap;
  /** Of each key's and each item's value, by {@link pathKey}. */
  readonly places: ReadonlyMap<string, Place>;
  readonly issues: readonly TextIssue[];
}

interface Walk {
  readonly source: Source;
  readonly document: Document;
  readonly environment: Environment;
  readonly places: Map<string, Place>;
  readonly issues: TextIssue[];
  nodes: number;
}

/** Reads one document; what is wrong with it comes back as issues, never as an exception. */
export function readYaml(source: Source, environment: Environment): ReadDocument {
  const root = createTreeMap();
  if (source.text.length > MAX_TEXT) {
    return fail(root, `the file is larger than ${MAX_TEXT / 1024} KiB`);
  }
  let document: Document;
  try {
    // Duplicate keys are looked for in the walk below: the parser's own search is quadratic.
    document = parseDocument(source.text, { prettyErrors: false, uniqueKeys: false, logLevel: "error" });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail(root, "the file is nested too deeply");
  }
  const problems = [...document.errors, ...document.warnings];
  if (problems.some(({ code }) => code === "RESOURCE_EXHAUSTION")) {
    return fail(root, "the file is nested too deeply");
  }
  if (problems.length > 0) {
    showOutline(source, isPublicName);
    return { root, places: new Map(), issues: describeProblems(source, problems) };
  }
  showStructure(source);
  const walk: Walk = { source, document, environment, places: new Map(), issues: [], nodes: 0 };
  if (document.contents !== null) {
    if (isMap(document.contents)) {
      Object.assign(root, visit(walk, document.contents, []));
    } else if (!(isScalar(document.contents) && document.contents.value === null)) {
      note(walk, [], rangeOf(document.contents), "a configuration is a mapping of keys to values");
    }
  }
  return { root, places: walk.places, issues: walk.issues };
}

function describeProblems(source: Source, problems: readonly YAMLError[]): readonly TextIssue[] {
  const fault = findOpeningFault(source.text, lex(source.text), isPublicName);
  const first = fault?.range.start ?? Number.POSITIVE_INFINITY;
  const issues: TextIssue[] = [];
  for (const problem of problems) {
    const [start, end] = problem.pos;
    // The library begins some of what it says of a missing comma at the value before.
    if (end < first) issues.push({ path: [], message: describeFault(problem), range: { start, end } });
  }
  if (fault !== undefined)
    issues.push({ path: [], message: `not valid YAML: ${fault.message}`, range: fault.range });
  return issues;
}

function fail(root: TreeMap, message: string): ReadDocument {
  return { root, places: new Map(), issues: [{ path: [], message, range: { start: 0, end: 0 } }] };
}

function visit(walk: Walk, node: Node | null, path: Path): Tree {
  walk.nodes++;
  if (walk.nodes > MAX_NODES) {
    if (walk.nodes === MAX_NODES + 1)
      note(walk, path, rangeOf(node), `more than ${MAX_NODES} values, aliases included`);
    return undefined;
  }
  if (path.length > MAX_DEPTH) {
    note(walk, path, rangeOf(node), `nested more than ${MAX_DEPTH} levels deep`);
    return undefined;
  }
  if (isAlias(node)) return visitAlias(walk, node, path);
  if (isMap(node)) return visitMap(walk, node.items, path);
  if (isSeq(node)) return node.items.map((item, i) => visitItem(walk, item, [...path, i]));
  if (isScalar(node)) return readScalar(walk, node.value, rangeOf(node), path);
  return undefined;
}

/** The parser does not say that an alias stands for nothing: taken as unset, a misspelt one would go unnoticed. */
function visitAlias(walk: Walk, alias: Alias, path: Path): Tree {
  const meant = alias.resolve(walk.document);
  if (meant !== undefined) return visit(walk, meant, path);
  // The name is not repeated: it may be a password that begins with a star.
  const why = "there is no such anchor before this alias; text that begins with * must be in quotes";
  note(walk, path, rangeOf(alias), why);
  return undefined;
}

function visitItem(walk: Walk, item: unknown, path: Path): Tree {
  const node = asNode(item);
  walk.places.set(pathKey(path), { path, key: undefined, value: rangeOf(node) });
  return visit(walk, node, path);
}

function visitMap(walk: Walk, pairs: readonly Pair[], path: Path): TreeMap {
  const map = createTreeMap();
  for (const pair of pairs) {
    const keyNode = asNode(pair.key);
    const keyRange = rangeOf(keyNode);
    const key = isScalar(keyNode) ? keyNode.value : undefined;
    if (typeof key !== "string" && typeof key !== "number" && typeof key !== "boolean") {
      note(walk, path, keyRange, "a key must be plain text");
      continue;
    }
    const name = String(key);
    const below = [...path, name];
    const valueNode = asNode(pair.value);
    const place = { path: below, key: keyRange, value: valueNode === null ? keyRange : rangeOf(valueNode) };
    if (name === "__proto__" || Object.hasOwn(map, name)) {
      const message =
        name === "__proto__"
          ? `unknown key "__proto__"`
          : `a key ${describeKey(path, name)} stands here twice`;
      if (isShownKey(path, name)) showRange(walk.source, keyRange);
      note(walk, below, keyRange, message);
      continue;
    }
    walk.places.set(pathKey(below), place);
    const issues = walk.issues.length;
    map[name] = visit(walk, valueNode, below);
    if (map[name] === undefined && walk.issues.length === issues && isGuard(below)) {
      note(walk, below, place.value, `${showPath(below)} is empty; leave the key out if that is meant`);
    }
  }
  return map;
}

function readScalar(walk: Walk, value: unknown, range: TextRange, path: Path): Tree {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value === null) return undefined;
  if (typeof value !== "string") {
    note(walk, path, range, "this kind of value is not read here");
    return undefined;
  }
  const result = interpolate(value, walk.environment);
  if (!result.ok) {
    note(walk, path, range, result.message);
    return undefined;
  }
  if (result.empty !== undefined && isCredential(path)) {
    note(walk, path, range, result.empty);
    return undefined;
  }
  if (!result.substituted) return result.text;
  // A substitution that came out empty is as good as a key left out.
  return result.text === "" ? undefined : new TextValue(result.text);
}

function note(walk: Walk, path: Path, range: TextRange, message: string): void {
  walk.issues.push({ path, message, range });
}

function asNode(item: unknown): Node | null {
  return isAlias(item) || isMap(item) || isSeq(item) || isScalar(item) ? item : null;
}

function rangeOf(node: Node | null): TextRange {
  const [start, end] = node?.range ?? [0, 0];
  return { start, end };
}
