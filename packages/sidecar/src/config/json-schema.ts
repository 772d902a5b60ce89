import * as z from "zod";
import { isGuard } from "./guards.ts";
import { configSchema } from "./schema.ts";
import type { Path } from "./tree.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A value that a variable gives has its type only later. */
const SUBSTITUTION: JsonSchema = { type: "string", pattern: "\\$\\{" };

/** A key without a value is as good as one left out, but for what keeps somebody out. */
const NOTHING: JsonSchema = { type: "null" };

/** The JSON Schema (draft 7, which editors read) of `coresdk-sidecar.yaml`. */
export function createJsonSchema(): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
  return allowSubstitutions(schema, []);
}

function allowSubstitutions(schema: JsonSchema, path: Path): JsonSchema {
  const { properties, items, anyOf, additionalProperties, ...rest } = schema;
  const walked: JsonSchema = { ...rest };
  if (properties !== undefined) {
    walked.properties = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => {
        const property = walk(value, [...path, key]);
        const isOptional = !schema.required?.includes(key) && !isGuard([...path, key]);
        return [key, isOptional && typeof property === "object" ? allowNothing(property) : property];
      }),
    );
  }
  if (items !== undefined) walked.items = Array.isArray(items) ? items : walk(items, [...path, 0]);
  if (anyOf !== undefined) walked.anyOf = anyOf.map((branch) => allowSubstitutions(branch, path));
  if (additionalProperties !== undefined)
    walked.additionalProperties = walk(additionalProperties, [...path, ""]);
  const typed = walked.type === "integer" || walked.type === "boolean" || walked.enum !== undefined;
  if (!typed) return walked;
  const { description, ...value } = walked;
  return { ...(description === undefined ? {} : { description }), anyOf: [value, SUBSTITUTION] };
}

function walk(schema: JsonSchema | boolean, path: Path): JsonSchema | boolean {
  return typeof schema === "object" ? allowSubstitutions(schema, path) : schema;
}

function allowNothing(schema: JsonSchema): JsonSchema {
  const { type, anyOf } = schema;
  if (anyOf !== undefined) return { ...schema, anyOf: [...anyOf, NOTHING] };
  if (type === undefined) return schema;
  return { ...schema, type: [...(Array.isArray(type) ? type : [type]), "null"] };
}
