import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { RegoValue } from "../src/contracts.ts";
import { createEngine } from "../src/engine.ts";
import { engineWith } from "./policies.ts";

const echo = engineWith("x := input");

/** Everything that passes unchanged: no sets, and integers as numbers where these can hold them. */
const { value: anyValue } = fc.letrec<{ value: RegoValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
    fc.bigInt({ min: -(2n ** 200n), max: -(2n ** 53n) }),
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(
        fc.string().map((key) => key.toWellFormed()),
        fc.constantFrom("__proto__", "constructor", "toString"),
      ),
      tie("value"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

/** -0 has no meaning in JSON, and a large integer is the same whether written as a number or not. */
function normal(value: RegoValue): RegoValue {
  if (typeof value === "number" && Number.isInteger(value)) {
    return Number.isSafeInteger(value) ? value + 0 : BigInt(value);
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(normal);
  const entries = Object.entries(value).map(([key, inner]): [string, RegoValue] => [key, normal(inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

test("numbers, texts and keys pass through an evaluation unchanged", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const answer = echo.evaluate("data.t.x", value);
      assert.ok(answer.kind === "value", JSON.stringify(answer.kind === "error" && answer.error.message));
      // A number beyond 2^53 comes back as the digits that JavaScript writes for it.
      assert.deepEqual(rounded(normal(answer.value)), rounded(normal(value)));
    }),
    { numRuns: 500 },
  );
});

/** Large integers as the number next to them: 1e23 is written so, and is not that number. */
function rounded(value: RegoValue): RegoValue {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(rounded);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
}

test("integers keep every digit", () => {
  const value = 123456789012345678901234567890n;
  assert.deepEqual(engineWith("x := input + 1").evaluate("data.t.x", value), {
    kind: "value",
    value: value + 1n,
  });
  assert.deepEqual(echo.evaluate("data.t.x", -value), { kind: "value", value: -value });
  assert.deepEqual(echo.evaluate("data.t.x", Number.MAX_SAFE_INTEGER), {
    kind: "value",
    value: Number.MAX_SAFE_INTEGER,
  });
});

test("names of Object's properties are keys like any other", () => {
  const input = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
  const answer = echo.evaluate("data.t.x", input);
  assert.ok(answer.kind === "value");
  assert.equal(JSON.stringify(answer.value), '{"__proto__":{"a":1},"constructor":2}');
  assert.equal(Object.getPrototypeOf(answer.value), Object.prototype);
});

describe("what is no JSON value is an error of the input", () => {
  const loop: Record<string, RegoValue> = {};
  loop["loop"] = loop;
  const cases: readonly (readonly [string, RegoValue])[] = [
    ["a number that is not finite", { a: [Number.NaN] }],
    ["half a surrogate pair", { a: "\ud800" }],
    ["half a surrogate pair in a key", { "\udc00": 1 }],
    ["a value in itself", loop],
    ["a key that the engine's reader would take for a number", { "$serde_json::private::Number": "1" }],
    ["a text that is too long", "x".repeat(2 * 1024 * 1024)],
  ];
  for (const [name, input] of cases) {
    test(name, () => {
      const answer = echo.evaluate("data.t.x", input);
      assert.equal(answer.kind === "error" && answer.error.code, "input");
      assert.equal(echo.evaluate("data.t.x", 1).kind, "value");
    });
  }
});

test("sets are lists, and keys that are no texts are their JSON", () => {
  const engine = createEngine({
    modules: [{ file: "t.rego", text: 'package t\nx := {"s": {2, 1}, "o": {[1]: 2}}' }],
  });
  assert.deepEqual(engine.evaluate("data.t.x", {}), { kind: "value", value: { s: [1, 2], o: { "[1]": 2 } } });
});
