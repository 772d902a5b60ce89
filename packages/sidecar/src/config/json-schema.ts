import * as z from "zod";
import { configSchema } from "./schema.ts";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A value that a variable gives has its type only later. */
const SUBSTITUTION: JsonSchema = { type: "string", pattern: "\\$\\{" };

/** The JSON Schema (draft 7, which editors read) of `coresdk-sidecar.yaml`. */
export function createJsonSchema(): JsonSchema {
  const schema: JsonSchema = z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
  return allowSubstitutions(schema);
}

function allowSubstitutions(schema: JsonSchema): JsonSchema {
  const { properties, items, anyOf, additionalProperties, ...rest } = schema;
  const walked: JsonSchema = { ...rest };
  if (properties !== undefined) {
    walked.properties = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, walk(value)]),
    );
  }
  if (items !== undefined) walked.items = Array.isArray(items) ? items : walk(items);
  if (anyOf !== undefined) walked.anyOf = anyOf.map(allowSubstitutions);
  if (additionalProperties !== undefined) walked.additionalProperties = walk(additionalProperties);
  const typed = walked.type === "integer" || walked.type === "boolean" || walked.enum !== undefined;
  if (!typed) return walked;
  const { description, ...value } = walked;
  return { ...(description === undefined ? {} : { description }), anyOf: [value, SUBSTITUTION] };
}

function walk(schema: JsonSchema | boolean): JsonSchema | boolean {
  return typeof schema === "object" ? allowSubstitutions(schema) : schema;
}
