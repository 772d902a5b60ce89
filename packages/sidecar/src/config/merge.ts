/**
 * One tree out of file, environment and flags, in that order of precedence, in which each value still knows
 * where it came from.
 */
import { dirname } from "node:path";
import { type Override, readEnvironment } from "./environment.ts";
import { type FlagOverride, readFlags } from "./flags.ts";
import type { Environment } from "./interpolate.ts";
import type { ConfigIssue, Origin } from "./issue.ts";
import { type Place, readYaml } from "./read-yaml.ts";
import { isHarmlessValue } from "./schema-walk.ts";
import { isShownKey } from "./shown.ts";
import { createSource, locate, type Source, showRange, type TextRange } from "./source.ts";
import {
  createTreeMap,
  formatPath,
  type Path,
  pathKey,
  readAt,
  TextValue,
  type Tree,
  type TreeMap,
  writeAt,
} from "./tree.ts";
import { unquote } from "./yaml-outline.ts";

/** An issue before its place is looked up. */
export interface PathIssue {
  readonly path: Path;
  readonly message: string;
  /** The key is meant, not its value. */
  readonly atKey?: boolean;
}

export interface ConfigFile {
  /** As it is named in messages. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

export interface MergeInput {
  readonly file: ConfigFile | undefined;
  readonly environment: Environment;
  readonly flags: Readonly<Record<string, unknown>>;
  /** What relative paths of variables and flags are relative to. */
  readonly cwd: string;
}

/** The merged configuration, and what can be asked about its origins. */
export interface Merged {
  readonly tree: TreeMap;
  readonly issues: readonly { readonly path: Path; readonly issue: ConfigIssue }[];
  readonly warnings: readonly string[];
  /** Gives an issue its place: that of the path, else of what encloses it. */
  place(issue: PathIssue): ConfigIssue;
  /** Who set the value at a path; `undefined` when nobody did. */
  setBy(path: Path): Origin["kind"] | undefined;
  /** The text that one of them gives a path, also where another's is in force. */
  givenBy(kind: Origin["kind"], path: Path): string | undefined;
  /** The directory that a relative path in the value at `path` starts from. */
  baseDir(path: Path): string;
}

export function mergeConfig(input: MergeInput): Merged {
  const { file, environment, cwd } = input;
  const source = createSource(file?.name ?? "", file?.text ?? "");
  const read = readYaml(source, environment);
  const places = new Map(read.places);
  const tree = file === undefined ? createTreeMap() : read.root;
  showHarmless(source, places);

  const overrides = new Map<string, Origin>();
  const given = new Map<string, Tree>();
  const originOf = (path: Path, atKey: boolean): Origin | undefined => {
    for (let length = path.length; length > 0; length--) {
      const key = pathKey(path.slice(0, length));
      const origin = overrides.get(key);
      if (origin !== undefined) return origin;
      const place = places.get(key);
      if (place === undefined) continue;
      // Of an enclosing mapping the key is shown: its value may go over many lines.
      const useKey = atKey || length < path.length;
      return locate(source, useKey ? (place.key ?? place.value) : place.value);
    }
    return undefined;
  };
  const override = ({ path, text, name }: Override | FlagOverride, kind: "environment" | "flag"): void => {
    given.set(pathKey([originOf(path, false)?.kind ?? "", ...path]), readAt(tree, path));
    writeAt(tree, path, new TextValue(text));
    forget(places, path);
    forget(overrides, path);
    overrides.set(pathKey(path), { kind, name });
  };
  const fromEnvironment = readEnvironment(environment);
  for (const one of fromEnvironment.overrides) override(one, "environment");
  for (const one of readFlags(input.flags)) override(one, "flag");

  return {
    tree,
    issues: [
      ...fromEnvironment.empty.map(({ path, name }) => ({ path, issue: describeEmpty(path, name) })),
      ...read.issues.map(({ path, message, range }) => ({
        path,
        issue: { message, origin: locate(source, range) },
      })),
    ],
    warnings: fromEnvironment.warnings,
    place: ({ path, message, atKey = false }) => ({ message, origin: originOf(path, atKey) }),
    setBy(path) {
      if (readAt(tree, path) === undefined) return undefined;
      const origin = originOf(path, false);
      return origin?.kind;
    },
    givenBy(kind, path) {
      const inForce = originOf(path, false)?.kind === kind;
      const value = inForce ? readAt(tree, path) : given.get(pathKey([kind, ...path]));
      if (value instanceof TextValue) return value.text;
      return typeof value === "string" ? value : undefined;
    },
    baseDir: (path) =>
      file !== undefined && originOf(path, false)?.kind === "file" ? dirname(file.path) : cwd,
  };
}

function describeEmpty(path: Path, name: string): ConfigIssue {
  const message = `${formatPath(path)} is empty; leave the variable out if that is meant`;
  return { message, origin: { kind: "environment", name } };
}

/** What a variable or flag has replaced is no longer anybody's place. */
function forget(places: Map<string, unknown>, path: Path): void {
  const own = pathKey(path);
  const below = `${own.slice(0, -1)},`;
  for (const key of places.keys()) {
    if (key === own || key.startsWith(below)) places.delete(key);
  }
}

/** Of the keys and values those that are known to be no secret, each as it stands in the file. */
function showHarmless(source: Source, places: ReadonlyMap<string, Place>): void {
  const read = ({ start, end }: TextRange): string => unquote(source.text.slice(start, end));
  for (const { path, key, value } of places.values()) {
    const name = path.at(-1);
    if (key !== undefined && read(key) === name && isShownKey(path.slice(0, -1), name))
      showRange(source, key);
    // A key without a value has its own place as the value's.
    if (value !== key && isHarmlessValue(path, read(value))) showRange(source, value);
  }
}
