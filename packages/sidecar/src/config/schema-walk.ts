/**
 * What can be asked of the schema beside validating: which keys are known at a place, which values say no more than
 * the schema does, and which single values there are.
 */
import * as z from "zod";
import { configSchema } from "./schema.ts";
import type { Path } from "./tree.ts";
import { amounts } from "./values.ts";

type Schema = z.core.$ZodType;

/** The keys known at a path; `[]` where keys are free or nothing is known. */
export function listKeys(path: Path): readonly string[] {
  return findSchemas(path).flatMap((schema) =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  );
}

/**
 * True when a value at the path can be nothing but a number, an amount, true or false, or one of some names, and the
 * text is such a one. Where free text is possible, no text is known to be no secret.
 */
export function isHarmlessValue(path: Path, text: string): boolean {
  const forms = findSchemas(path).map((schema) => isOfForm(schema, text));
  return forms.includes(true) && !forms.includes(undefined);
}

const NUMBER = /^-?\d{1,15}(?:\.\d{1,9})?$/;

/** `undefined` where the schema is of no such form. */
function isOfForm(schema: Schema, text: string): boolean | undefined {
  const parse = amounts.get(schema)?.parse;
  if (parse !== undefined) return parse(text) !== undefined;
  if (schema instanceof z.ZodEnum) return schema.options.includes(text);
  if (schema instanceof z.ZodBoolean) return text === "true" || text === "false";
  if (schema instanceof z.ZodNumber) return NUMBER.test(text);
  return schema instanceof z.ZodObject ? false : undefined;
}

/** Every key that stands anywhere in the schema. */
export function listNames(): ReadonlySet<string> {
  const names = new Set<string>();
  collectNames(configSchema, names);
  return names;
}

function collectNames(schema: Schema, names: Set<string>): void {
  for (const option of expand(schema)) {
    if (option instanceof z.ZodArray) collectNames(option.element, names);
    if (!(option instanceof z.ZodObject)) continue;
    for (const [name, value] of Object.entries(option.shape)) {
      names.add(name);
      collectNames(value, names);
    }
  }
}

/** A single value of the file and where it stands. */
export interface Leaf {
  readonly path: readonly string[];
}

/** Every value that a variable may set: single values, lists of texts, headers. */
export function listLeaves(): readonly Leaf[] {
  const leaves: Leaf[] = [];
  collect(configSchema, [], leaves);
  return leaves;
}

/** Whether this version does more with a key than to refuse it by name. */
export function isTaken(key: string): boolean {
  return key !== "sinks";
}

/** Where every key stands, sections included; not those within lists, nor what this version does not take. */
export function listPaths(): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = [];
  collectPaths(configSchema, [], paths);
  return paths;
}

function collectPaths(schema: Schema, path: readonly string[], paths: (readonly string[])[]): void {
  for (const option of expand(schema)) {
    if (!(option instanceof z.ZodObject)) continue;
    for (const [key, value] of Object.entries(option.shape)) {
      if (!isTaken(key)) continue;
      paths.push([...path, key]);
      collectPaths(value, [...path, key], paths);
    }
  }
}

/** Values that are structures of their own, and no variable's business. */
const NO_VARIABLE = new Set(["sinks", "patterns", "categories"]);

function collect(schema: Schema, path: readonly string[], leaves: Leaf[]): void {
  let leaf = false;
  for (const option of expand(schema)) {
    if (option instanceof z.ZodObject) {
      for (const [key, value] of Object.entries(option.shape)) {
        if (!NO_VARIABLE.has(key)) collect(value, [...path, key], leaves);
      }
    } else {
      leaf = true;
    }
  }
  if (leaf) leaves.push({ path });
}

function findSchemas(path: Path): readonly Schema[] {
  let schemas = expand(configSchema);
  for (const part of path) schemas = schemas.flatMap((schema) => descend(schema, part)).flatMap(expand);
  return schemas;
}

function descend(schema: Schema, part: string | number): readonly Schema[] {
  if (schema instanceof z.ZodArray) return typeof part === "number" ? [schema.element] : [];
  if (typeof part === "number") return [];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (!(schema instanceof z.ZodObject)) return [];
  const value: unknown = Object.hasOwn(schema.shape, part) ? schema.shape[part] : undefined;
  return value instanceof z.ZodType ? [value] : [];
}

/** The schemas behind optional, union and conversion: what the value itself must be. */
function expand(schema: Schema): readonly Schema[] {
  if (amounts.has(schema)) return [schema];
  if (schema instanceof z.ZodOptional) return expand(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(expand);
  if (schema instanceof z.ZodPipe)
    return expand(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  return [schema];
}
