import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createEngine } from "../src/engine.ts";
import { RegoError } from "../src/errors.ts";
import { checkNesting } from "../src/module-text.ts";

function deep(levels: number, open = "[", close = "]"): string {
  return open.repeat(levels) + close.repeat(levels);
}

test("an engine takes brackets twelve deep, and no deeper unless it is allowed", () => {
  const nested = (levels: number, maxNesting?: number) => {
    const modules = [{ file: "a.rego", text: `package a\nx := ${deep(levels)}` }];
    createEngine({ modules }, maxNesting === undefined ? {} : { limits: { maxNesting } });
  };
  nested(12);
  assert.throws(() => nested(13), { code: "limit" });
  nested(13, 13);
});

test("brackets are counted up to the limit, and the one beyond it is named", () => {
  checkNesting("a.rego", `package a\nx := ${deep(12)}`, 12);
  assert.throws(
    () => checkNesting("a.rego", `package a\nx := ${deep(13)}`, 12),
    (error) =>
      error instanceof RegoError &&
      error.code === "limit" &&
      error.place?.line === 2 &&
      error.place.column === 18,
  );
});

test("a policy that would take the parser years is refused at once", () => {
  for (const [open, close] of [
    ["[", "]"],
    ["{", "}"],
    ["(", ")"],
    ["{[", "]}"],
  ] as const) {
    const text = `package a\nx := ${deep(60, open, close)}`;
    assert.throws(() => createEngine({ modules: [{ file: "a.rego", text }] }), { code: "limit" });
  }
});

test("brackets in strings, raw strings and comments do not count", () => {
  const many = "[".repeat(50);
  const text = `package a\n# ${many}\nx := "\\"${many}"\ny := \`${many}\n${many}\`\nz := 1 # "${many}`;
  checkNesting("a.rego", text, 12);
  createEngine({ modules: [{ file: "a.rego", text }] });
});

test("whatever stands around them, brackets that the parser would meet are counted", () => {
  const noise = fc.array(
    fc.constantFrom('"a"', '"[[["', '"\\""', "`[[[`", '`"`', '# "\u2028`\n', "# `[\n", "\n", " ", '"\\\\"'),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(noise, noise, (before, after) => {
      const text = `package a\nx := f(${before.join(" ")}\n${deep(20)}${after.join(" ")})`;
      assert.throws(() => checkNesting("a.rego", text, 12), { code: "limit" });
    }),
    { numRuns: 300 },
  );
});
