import assert from "node:assert/strict";
import { test } from "node:test";
import { createJsonSchema } from "../../src/config/json-schema.ts";
import { listLeaves } from "../../src/config/schema-walk.ts";

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
    /"anyOf":\[\{"type":"integer".*\},\{"type":"string","pattern":"\\\\\$\\\\\{"\}\]/,
  );
});

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
