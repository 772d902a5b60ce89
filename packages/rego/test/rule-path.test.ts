import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createEngine } from "../src/engine.ts";
import { packagePath, pathSegments, rulePath } from "../src/rule-path.ts";

test("slashes become the steps of a path", () => {
  assert.equal(rulePath("acme/cloudevents-egress", "allow"), 'data.acme["cloudevents-egress"].allow');
  assert.equal(packagePath("authz"), "data.authz");
  assert.equal(packagePath("a/default/x.y"), 'data.a["default"]["x.y"]');
});

test("a name with an empty part is refused", () => {
  for (const name of ["", "/a", "a/", "a//b"]) assert.throws(() => packagePath(name), { code: "path" });
  assert.throws(() => rulePath("a", ""), { code: "path" });
});

test("a path leads back to its names", () => {
  const name = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("/"));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      assert.deepEqual(pathSegments(packagePath(names.join("/"))), names);
    }),
  );
  for (const path of ["x", "data.", "data[x]", "data.a b", 'data["a]', "data.a; true"]) {
    assert.equal(pathSegments(path), undefined, path);
  }
});

test("a package that has any printable name is found by its path", () => {
  const name = fc.stringMatching(/^[ -.0-~]{1,12}$/);
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (names) => {
      const path = packagePath(["p", ...names].join("/"));
      const text = `package ${path.slice("data.".length)}\nx := 1\n`;
      const engine = createEngine({ modules: [{ file: "p.rego", text }] });
      assert.deepEqual(engine.packages, [path]);
      assert.deepEqual(engine.evaluate(rulePath(["p", ...names].join("/"), "x"), {}), {
        kind: "value",
        value: 1,
      });
    }),
    { numRuns: 40 },
  );
});
