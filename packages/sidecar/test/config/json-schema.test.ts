import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigError } from "../../src/config/issue.ts";
import { createJsonSchema } from "../../src/config/json-schema.ts";
import { readConfig } from "../../src/config/load.ts";
import { listLeaves, listPaths } from "../../src/config/schema-walk.ts";
import { createDirectory } from "./load.ts";

test("the JSON Schema knows each key, refuses others and marks secrets", () => {
  const schema: unknown = JSON.parse(JSON.stringify(createJsonSchema()));
  for (const { path } of listLeaves()) {
    assert.notEqual(find(schema, path), undefined, path.join("."));
  }
  assert.equal(Reflect.get(Object(schema), "additionalProperties"), false);
  assert.equal(find(schema, ["tennant"]), undefined);
  const password = find(schema, ["cloud_events", "kafka", "sasl", "password"]);
  assert.equal(Reflect.get(Object(password), "writeOnly"), true);
});

test("a typed value may be a substitution in an editor's eyes", () => {
  const batchSize = find(createJsonSchema(), ["cloud_events", "http", "batch_size"]);
  assert.match(
    JSON.stringify(batchSize),
    /"anyOf":\[\{"type":"integer".*\},\{"type":"string","pattern":"\\\\\$\\\\\{"\}/,
  );
});

test("a key without a value is taken by the JSON Schema exactly where validate takes it", (t) => {
  const schema: unknown = JSON.parse(JSON.stringify(createJsonSchema()));
  for (const path of listPaths()) {
    const text = path.map((key, depth) => `${" ".repeat(depth)}${key}:`).join("\n");
    assert.equal(admitsNull(find(schema, path)), isValid(t, text), text);
  }
});

function isValid(t: TestContext, text: string): boolean {
  const cwd = createDirectory(t);
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), `${text}\n`);
  try {
    readConfig({ flags: {}, environment: { XDG_CONFIG_HOME: cwd }, cwd });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function admitsNull(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if ("anyOf" in schema && Array.isArray(schema.anyOf)) return schema.anyOf.some(admitsNull);
  if (!("type" in schema)) return true;
  return Array.isArray(schema.type) ? schema.type.includes("null") : schema.type === "null";
}

function find(schema: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  if (typeof schema !== "object" || schema === null) return undefined;
  if ("properties" in schema) {
    const { properties } = schema;
    if (typeof properties !== "object" || properties === null || !Object.hasOwn(properties, key))
      return undefined;
    return find(Reflect.get(properties, key), rest);
  }
  if (!("anyOf" in schema) || !Array.isArray(schema.anyOf)) return undefined;
  return schema.anyOf.map((branch) => find(branch, path)).find((found) => found !== undefined);
}
