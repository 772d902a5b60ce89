import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { PolicySet, RegoValue } from "../src/contracts.ts";
import { createEngine } from "../src/engine.ts";
import { egress, policies } from "./policies.ts";

function reads(body: string, more: PolicySet["modules"] = []): unknown {
  const { modules } = policies(body);
  const { fields, isVolatile } = createEngine({ modules: [...modules, ...more] }).reads("data.t.x");
  return isVolatile ? [fields, "volatile"] : fields;
}

describe("the fields that a policy names", () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ["none", "x := 1", []],
    [
      "with dots and brackets",
      'x if { input.a == input["b"]; input.c.d[_] == input[`e`][input.f] }',
      ["a", "b", "c", "e", "f"],
    ],
    [
      "in a function, a comprehension and a default",
      "default x := false\nx if f([input.a | true])\nf(n) if n[_] == input.b",
      ["a", "b"],
    ],
    ["in a rule that it uses", "x if y\ny if z[input.a]\nz contains input.b", ["a", "b"]],
    [
      "in an else and an every",
      "x := 1 if input.a\nelse := 2 if { every v in input.b { v == input.c } }",
      ["a", "b", "c"],
    ],
    ["by an import", "import input.a as n\nx if n.b == 1", ["a"]],
    ["of input by another name", "import input as i\nx if i.a", ["a"]],
    ["in a replacement", "x if y with input.a as input.b\ny if input.c", ["a", "b", "c"]],
    ["in a call", 'x if startswith(input.a, "b")', ["a"]],
    ["in a rule's head", "x[input.a] := input.b", ["a", "b"]],
    ["in an assignment of a part", "x if { y := input.a; y.b == 1 }", ["a"]],
  ];
  for (const [name, body, fields] of cases) test(name, () => assert.deepEqual(reads(body), fields));
});

describe("all fields, when it cannot be told", () => {
  for (const body of [
    "x := input",
    "x if { y := input; y.a }",
    "x if { some k; input[k] == 1 }",
    "x if input[input.a]",
    'x if input[concat("", ["a", "b"])]',
    "x if { walk(input, [_, 1]) }",
    'x := object.get(input, "a", 1)',
    "x if f(input)\nf(n) if n.a",
    "x if { y with input as {} }\ny if input.a",
    "import input as i\nx := i",
    "x if { [input, 1][0].a }",
    "x if 1 in input",
    "x := count({k | input[k]})",
    "x if input[1]",
    "x := json.marshal(input)",
    "x if { some a, b in input; a == b }",
  ]) {
    test(body, () => assert.equal(reads(body), "all"));
  }
});

describe("other packages count when they can be come to", () => {
  const other = (name: string): PolicySet["modules"] => [
    { file: "o.rego", text: `package ${name}\nv if input.o\nf(n) if input.p == n\nw if time.now_ns() > 1` },
  ];
  test("not when they are not named", () => assert.deepEqual(reads("x if input.a", other("o")), ["a"]));
  for (const [name, body] of [
    ["by a path", "x if data.o.v"],
    ["by a function", "x if data.o.f(1)"],
    ["by an import", "import data.o\nx if o.v"],
    ["by a computed path", "x if data.o[input.o]"],
    ["by a whole package", "x := data.o"],
    ["by a replacement", "x if y with data.a as data.o.v\ny if data.a"],
  ] as const) {
    test(name, () => {
      const [fields, isVolatile] = [reads(body, other("o"))].flat(1) as readonly unknown[];
      assert.deepEqual([reads(body, other("o"))].flat(2).includes("o"), true, `${fields} ${isVolatile}`);
      assert.equal([reads(body, other("o"))].flat().at(-1), "volatile");
    });
  }
  test("those below its own", () =>
    assert.deepEqual(reads("x if input.a", other("t.o")), [["a", "o", "p"], "volatile"]));
});

describe("an answer that can differ from one evaluation to the next", () => {
  test("time", () => assert.deepEqual(reads("x if time.now_ns() > 1"), [[], "volatile"]));
  test("no time", () =>
    assert.deepEqual(reads('x if time.parse_rfc3339_ns("2026-01-01T00:00:00Z") > 1'), []));
});

test("a rule that is not named plainly reads everything", () => {
  const engine = createEngine(egress);
  assert.deepEqual(engine.reads('data.acme["cloudevents-egress"].allow').fields, [
    "event_type",
    "subject",
    "tenant_id",
  ]);
  for (const rule of ["data[x].allow", "data.acme; true", "x"]) {
    assert.deepEqual(engine.reads(rule), { fields: "all", isVolatile: true });
  }
  assert.deepEqual(engine.reads("data.other.allow"), { fields: [], isVolatile: false });
});

/** Parts that are put together to policies; each uses the input in one way. */
const conditions = fc.constantFrom(
  'input.a == "1"',
  'input["b"] != "2"',
  "count(input.c) > 1",
  "some v in input.d; v == 1",
  "input.e.f == 1",
  "not input.g",
  "helper(input.h)",
  "data.lib.holds(input.i)",
  "lib.rule",
  "input[input.j]",
  "some k; input[k] == 3",
  'object.get(input, "a", "none") == "none"',
  "y := input; y.b",
  "inner with input.a as 1",
  "inner with input as {}",
  "every v in input.d { v != input.b }",
  'walk(input, [["a"], "1"])',
  "data.lib[input.h]",
  "not startswith(input.a, input.b)",
  "not input.a in input.d",
);
const small: fc.Arbitrary<RegoValue> = fc.constantFrom<RegoValue>(
  "1",
  "2",
  1,
  3,
  null,
  "rule",
  [1, 2],
  { f: 1 },
  "a",
);
const names = ["a", "b", "c", "d", "e", "g", "h", "i", "j", "z"] as const;
const inputs = fc.array(fc.option(small, { nil: undefined }), {
  minLength: names.length,
  maxLength: names.length,
});

function inputOf(values: readonly (RegoValue | undefined)[]): { [key: string]: RegoValue } {
  const entries = names.map((name, index): [string, RegoValue | undefined] => [name, values[index]]);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

test("fields that a policy does not read never change its answer", () => {
  const bodies = fc.array(fc.uniqueArray(conditions, { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  });
  let compared = 0;
  fc.assert(
    fc.property(
      bodies,
      fc.array(fc.tuple(inputs, inputs), { minLength: 4, maxLength: 8 }),
      (rules, pairs) => {
        const text = `package t
import data.lib
helper(n) if n == input.c
inner if input.b == "2"
${rules.map((body) => `x if {\n  ${body.join("\n  ")}\n}`).join("\n")}`;
        const engine = createEngine({
          modules: [
            { file: "t.rego", text },
            { file: "lib.rego", text: 'package lib\nrule if input.z == "1"\nholds(n) if n == input.j' },
          ],
        });
        const { fields } = engine.reads("data.t.x");
        for (const [one, other] of fields === "all" ? [] : pairs) {
          const mixed = one.map((value, index) =>
            fields.includes(names[index] ?? "") ? value : other[index],
          );
          assert.deepEqual(
            engine.evaluate("data.t.x", inputOf(mixed)),
            engine.evaluate("data.t.x", inputOf(one)),
            text,
          );
          compared++;
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(compared > 0);
});
