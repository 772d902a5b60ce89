/** Rules with more than one body, and rules that are called as functions. Answers are OPA's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, RegoValue } from "../src/contracts.ts";
import { RegoError } from "../src/errors.ts";
import { engineWith } from "./policies.ts";

function answers(body: string, inputs: readonly RegoValue[]): readonly (RegoValue | Answer["kind"])[] {
  const engine = engineWith(body);
  return inputs.map((input) => {
    const answer = engine.evaluate("data.t.x", input);
    return answer.kind === "value" ? answer.value : answer.kind;
  });
}

test("an else without a value is true, whatever value the body in front of it has", () => {
  const inputs = [{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }];
  for (const [value, shown] of [
    ["false", false],
    ['"v"', "v"],
    ["n", 1],
  ] as const) {
    const clauses = `f(n) := ${value} if { n == 1 } else if { n == 2 } else := "z" if n == 3`;
    assert.deepEqual(answers(`${clauses}\nx := f(input.a)`, inputs), [shown, true, "z", "undefined"], value);
    const withDefault = `default f(_) := "none"\n${clauses}\nx := f(input.a)`;
    assert.deepEqual(answers(withDefault, inputs), [shown, true, "z", "none"], value);
  }
  const chain = 'x := "v" if { input.a == 1 } else if { input.a == 2 } else if input.a == 3';
  assert.deepEqual(answers(chain, inputs), ["v", true, true, "undefined"]);
  const named = 'r["k"] := "v" if input.a == 1 else if input.a == 2\nx := r.k';
  assert.deepEqual(answers(named, inputs), ["v", true, "undefined", "undefined"]);
  assert.deepEqual(answers("f(n) if { n == 1 } else if { n == 2 }\nx := f(input.a)", inputs), [
    true,
    true,
    "undefined",
    "undefined",
  ]);
});

test("a second body of a rule has the value that is written in front of the first one", () => {
  const inputs = [{ a: 1 }, { a: 2 }, { a: 3 }];
  const bodies = "{ input.a == 1; w := input.a } {\n  input.a == 2\n  w := input.a + 1\n}";
  assert.deepEqual(answers(`x := "v" if ${bodies}`, inputs), ["v", "v", "undefined"]);
  assert.deepEqual(answers(`x := w if ${bodies}`, inputs), [1, 3, "undefined"]);
  assert.deepEqual(answers(`default x := true\nx := false if # whatever\n${bodies}`, inputs), [
    false,
    false,
    true,
  ]);
  assert.deepEqual(answers(`x contains w if ${bodies}`, inputs), [[1], [3], []]);
  assert.deepEqual(answers(`f(n) := n if { n == 1 } { n == 2 } { n == 9 }\nx := f(input.a)`, inputs), [
    1,
    2,
    "undefined",
  ]);
  assert.deepEqual(answers(`x if ${bodies}`, inputs), [true, true, "undefined"]);
});

test("an error within a second body names its own place", () => {
  const text = "x := 1 if { input.a } {\n  missing(input.a)\n}";
  assert.throws(() => engineWith(text), /t\.rego:3:10: there is no function missing/);
});

test("the place of an error is the same whether or not something else in the module is written again", () => {
  const every = "x if {\n\tevery v in input.l {\n\t\tv in alowd\n\t\tv > 1\n\t}\n}\n";
  const letters = `x if { input.s == "${"日本語".repeat(20)}"; nofn(1) }\n`;
  const conflict =
    "x if {\n\tevery v in input.l {\n\t\t\tg(v)\n\t}\n}\ng(n) := 1 if n == 1\ng(n) := 2 if n == 1\n";
  const rewritten = [
    "f(n) := 1 if { n == 1 } else if { n == 2 }",
    "y := 1 if { input.a } { input.b }",
    'z if not startswith(input.s, "x")',
    "w := [k | k := 1; some l in [k | k := 3]]",
  ];
  const placeOf = (text: string) => {
    try {
      const answer = engineWith(text).evaluate("data.t.x", { l: [1] });
      return answer.kind === "error" ? answer.error.place : undefined;
    } catch (error) {
      return error instanceof RegoError ? error.place : undefined;
    }
  };
  for (const [text, line] of [
    [every, 4],
    [letters, 2],
    [conflict, 4],
  ] as const) {
    const place = placeOf(text);
    assert.equal(place?.line, line, text);
    for (const more of rewritten) assert.deepEqual(placeOf(`${text}${more}`), place, more);
  }
});

test("an error tells no values", () => {
  const input = { token: "s3cret", o: { a: "a" }, l: ["s3cret", "s3cret2"] };
  for (const [body, message] of [
    ["x contains k if { some v in [input.token]; v; input.o[lower(k)][k] }", /var k is unsafe$/],
    ["x := {1: v | some v in input.l}", /two values for one key of an object$/],
    ["x := {v: i | some i, v in [input.token, input.token]}", /two values for one key of an object$/],
    ["f(n) := v if some v in input.l\nx := f(1)", /function produced multiple outputs$/],
    ["x := max(input.token)", /`max` requires array\/set argument$/],
    ["x := input.token + 1", /`add` expects numeric argument$/],
    ["x := upper(input.l)", /`upper` expects string argument$/],
    ["x := time.date(input.token)", /`array\[number, string\]`$/],
    ["x := time.parse_duration_ns(input.token)", /invalid duration$/],
    [
      "x := graph.reachable_paths({input.token: 1}, {input.token})",
      /the neighbors of a node must be array\/set$/,
    ],
  ] as const) {
    const answer = engineWith(body, { strictBuiltinErrors: true }).evaluate("data.t.x", input);
    assert.ok(answer.kind === "error", body);
    assert.match(answer.error.message, message, body);
    assert.equal(answer.error.message.includes("s3cret"), false, body);
  }
});

test("a function takes an object as an argument wherever it stands on its line", () => {
  for (const head of [
    'f(\n\t{"id": i, "b": y},\n\t"ü",\n)',
    '\tf({"id": i, "b": y}, "ü")',
    'f({"id": i, "b": y}, "ü")',
  ]) {
    assert.deepEqual(answers(`${head} := i if y == 2\nx := f({"id": 1, "b": 2}, "ü")`, [{}]), [1], head);
  }
  const behind = 'f("Zürich", {"id": i, "b": y}) := i if y == 2\nx := f("Zürich", {"id": 1, "b": 2})';
  assert.deepEqual(answers(behind, [{}]), [1]);
});

test("a rule that is called without arguments has its value", () => {
  // OPA refuses it of a rule whose values can only be numbers or the like.
  const rules =
    "limit := v if v := input.a\nallowed := v if { limit() > 1; v := input.yes }\nf() := v if v := input.a";
  for (const [body, values] of [
    ["x := limit()", [1, 2]],
    ["x := [v | v := limit()]", [[1], [2]]],
    ["x if allowed()", ["undefined", true]],
    ["x if not allowed()", [true, "undefined"]],
    ["x if limit() in [2, 3]", ["undefined", true]],
    ['x := sprintf("%d", [data.t.limit()])', ["1", "2"]],
    ["x := f()", [1, 2]],
  ] as const) {
    assert.deepEqual(
      answers(`${rules}\n${body}`, [
        { a: 1, yes: true },
        { a: 2, yes: true },
      ]),
      values,
      body,
    );
  }
});

test("sums, differences, products and quotients of decimal numbers are exact before they are rounded", () => {
  const values = {
    "0.1 + 0.2": 0.3,
    "100 * 1.1": 110,
    "0.3 - 0.2": 0.1,
    "876.05 - 770.63": 105.42,
    "409.27 * 57.497": 23531.79719,
    "1669.1 / 246": 6.784959349593496,
    "1 / 3": 1 / 3,
    "-0.1 - 0.2": -0.3,
    "0.1 - 0.1": 0,
    "0.000015 * 0.1": 0.0000015,
    "0 / 0.5": 0,
    "0.5 / 0": "undefined",
    "sum([0.1, 0.2, 0.3])": 0.6,
    "sum({0.1, 0.2})": 0.3,
    "product([1.1, 100])": 110,
    "sum([])": 0,
    "product([])": 1,
    "round(2.675 * 100)": 268,
  };
  for (const [expression, value] of Object.entries(values)) {
    assert.deepEqual(answers(`x := ${expression}`, [{}]), [value], expression);
    const first = /\d[\d.]*/.exec(expression)?.[0];
    if (first === undefined || expression.startsWith("-")) continue;
    const computed = expression.replace(first, "input.n");
    assert.deepEqual(answers(`x := ${computed}`, [{ n: Number(first) }]), [value], computed);
  }
  assert.deepEqual(answers("x if input.n * 1.1 <= 110", [{ n: 100 }, { n: 100.01 }]), [true, "undefined"]);
});
