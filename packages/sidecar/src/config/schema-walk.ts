/**
 * What can be asked of the schema beside validating: which keys are known at a place, which values are
 * secret, and which single values there are.
 */
import * as z from "zod";
import { configSchema } from "./schema.ts";
import type { Path } from "./tree.ts";

type Schema = z.core.$ZodType;

/** The keys known at a path; `[]` where keys are free or nothing is known. */
export function listKeys(path: Path): readonly string[] {
  return findSchemas(path).flatMap((schema) =>
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
  );
}

/** True when the schema knows the path and its value is no secret. */
export function isShowable(path: Path): boolean {
  let schemas: readonly Schema[] = [configSchema];
  for (const part of path) schemas = schemas.flatMap(expand).flatMap((schema) => descend(schema, part));
  return schemas.length > 0 && !schemas.some(isSecret);
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
  if (schema instanceof z.ZodOptional) return expand(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(expand);
  if (schema instanceof z.ZodPipe)
    return expand(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  return [schema];
}

/** Marked so itself, or anywhere in what it is made of. */
function isSecret(schema: Schema): boolean {
  if (schema instanceof z.ZodType && schema.meta()?.["writeOnly"] === true) return true;
  if (schema instanceof z.ZodOptional) return isSecret(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.some(isSecret);
  return schema instanceof z.ZodPipe && (isSecret(schema.in) || isSecret(schema.out));
}
