import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RegoValue } from "../src/contracts.ts";
import { engineWith } from "./policies.ts";

/** What OPA 1.2.0 gives; `undefined` where it has no value. */
type Case = readonly [text: string, input: RegoValue, expected: unknown];

function check(cases: readonly Case[]): void {
  for (const [text, input, expected] of cases) {
    test(`${text} of ${JSON.stringify(input)}`, () => {
      const answer = engineWith(text).evaluate("data.t.x", input);
      const wanted = expected === undefined ? { kind: "undefined" } : { kind: "value", value: expected };
      assert.deepEqual(answer, wanted);
    });
  }
}

describe("walk with one argument stands for each of its values", () => {
  const some = { a: [1, [2]] };
  check([
    ["x := count([1 | walk(input.a)])", some, 4],
    [
      "x := [[p, v] | [p, v] := walk(input.a)]",
      { a: { b: 1 } },
      [
        [[], { b: 1 }],
        [["b"], 1],
      ],
    ],
    ["x := [[p, v] | [p, v] = walk(input.a)]", { a: "y" }, [[[], "y"]]],
    ["bad if { [_, v] := walk(input.a); v == 1 }\nx if not bad", some, undefined],
    ["bad if { [_, v] := walk(input.a); v == 1 }\nx if not bad", { a: [2] }, true],
    ["bad if walk(input.a)[1] == 1\nx if not bad", some, undefined],
    ["bad if { some n; n = walk(input.a); n[1] == 1 }\nx if not bad", some, undefined],
    ["x := walk(input.a)", { a: "y" }, [[], "y"]],
    ["x := [walk(input.a)]", { a: "y" }, [[[], "y"]]],
    ['x if walk(input.a) == [[], "y"]', { a: "y" }, true],
    ["x if f(walk(input.a))\nf(n) if n[1] == 1", some, true],
    ["x if not walk(input.a)", some, undefined],
    ["x if walk(input.a)", {}, undefined],
    ["x := [v | walk(input.a, [_, v])]", { a: [1] }, [[1], 1]],
    ["walk(n) := [n]\nx := walk(input.a)", { a: "y" }, ["y"]],
  ]);
});

describe("a value of a rule can go through the members of something", () => {
  check([
    ["x contains input.a[_]", {}, []],
    ["x contains input.a[_]", { a: [] }, []],
    ["x contains input.a[_]", { a: [1, 2] }, [1, 2]],
    ["x contains input.a[_] if input.b", { a: [1, 2] }, []],
    ["x contains input.a[_] if { input.b }", { a: [1, 2], b: 1 }, [1, 2]],
    ["x contains upper(input.a[_].n)", { a: [{ n: "k" }, {}] }, ["K"]],
    ["x[input.a[_]] := 1", {}, {}],
    ["x[input.a[_]] := 1", { a: ["k"] }, { k: 1 }],
    ["x := input.a[_]", {}, undefined],
    ["x := input.a[_]", { a: [] }, undefined],
    ["x := input.a[_]", { a: [3, 3] }, 3],
    ["default x := 0\nx := data.missing[_]", {}, 0],
    ["x := 1 if { input.b } else := input.a[_] if { true }", { a: [5] }, 5],
    ["x := 1 if { input.b } else := input.a[_] if { true }", { a: [5], b: 1 }, 1],
    ["x := f(1)\nf(n) := [n, input.a[_]]", { a: [5] }, [1, 5]],
    ['x := f({"k": 1})\nf({"k": n}) := [n, input.a[_]]', { a: [5] }, [1, 5]],
    ["x := [n | n := input.a[_]]", { a: [5] }, [5]],
  ]);
  test("two values of one rule are an error", () => {
    assert.equal(engineWith("x := input.a[_]").evaluate("data.t.x", { a: [1, 2] }).kind, "error");
  });
});

describe("a value of a rule that is missing for one member leaves the others there", () => {
  const members = { a: [{ n: "k" }, {}, { n: "l" }] };
  check([
    ["x contains c.n if some c in input.a", members, ["k", "l"]],
    ["x contains upper(c.n) if { some c in input.a }", members, ["K", "L"]],
    ['x contains {"m": c.n} if some c in input.a', members, [{ m: "k" }, { m: "l" }]],
    ["x[c.n] := 1 if some c in input.a", members, { k: 1, l: 1 }],
    ["x[i] := c.n if some i, c in input.a", { a: { p: {}, q: { n: 1 } } }, { q: 1 }],
    ["x[c.n] contains 1 if some c in input.a", members, { k: [1], l: [1] }],
    ["x := c.n if { some c in input.a; c.n != 3 }", { a: [{}, { n: 2 }] }, 2],
    ["x := f(input.a)\nf(z) := c.n if { some c in z } else := 5", { a: [{}] }, 5],
    ["deny contains c.n if some c in input.a\nx if count(deny) == 0", { a: [{ n: 1 }, {}] }, undefined],
    ["deny contains c.n if {\n  some c in input.a # each\n}\nx if count(deny) == 0", { a: [{}] }, true],
    ["x contains q.n[_] if { q := input.a[_] }", { a: [{ n: [1] }, {}] }, [1]],
    ["x contains q.n[_] if q := input.a[_]", { a: [{ n: [1] }, {}] }, [1]],
    ["x := {c.n[_] | some c in input.a}", { a: [{ n: [1, 2] }, {}] }, [1, 2]],
    ["x := {k: c.n[_] | some k, c in input.a}", { a: { p: { n: [1] }, q: {} } }, { p: 1 }],
  ]);
});

describe("a name in a rule's path is there only with a value", () => {
  const grants = "r[input.user] contains p if some p in input.grants[input.user]\n";
  check([
    [`${grants}x if r[input.user]`, { user: "bo", grants: {} }, undefined],
    [`${grants}x := r`, { user: "bo", grants: { bo: ["read"] } }, { bo: ["read"] }],
    ["r[[n | n := input.a[_]]] := 1 if input.b\nx := r[[1, 2]]", { a: [1, 2], b: 1 }, 1],
    ["o[k] := n if some k, n in input.a\no.y[k] := n if some k, n in input.b\nx := o", {}, {}],
    ["o[k] contains n if some k, n in input.a\no.y contains 1 if input.b\nx := o", {}, {}],
    ["o[k] contains n if some k, n in input.a\no.y contains 1 if input.b\nx := o", { b: 1 }, { y: [1] }],
    ["o[k] := 9 if some k in input.a\no.z := 1 if input.b else := 2\nx := o", { a: ["m"] }, { m: 9, z: 2 }],
    ['o[k] := 9 if some k in input.a\no["z"] := 1 if input.b else := 2 if true\nx := o', { b: 1 }, { z: 1 }],
    ['o[k] contains n if some k, n in input.a\no["y"] contains 1 if { input.b }\nx := o.y', { b: 1 }, [1]],
  ]);
});

describe("an answer does not depend on an evaluation before it that ended with an error", () => {
  const policies = [
    'bad if { walk(input.a, [_, v]); kind(v) == "secret" }\nkind(v) := "secret" if contains(v, "secret")\nkind(v) := "key" if contains(v, "key")\nx if not bad',
    'bad if { [_, v] := walk(input.a); v == "secret"; two(input.b) }\ntwo(n) := 1 if n\ntwo(n) := 2 if n\nx if not bad',
    'x contains c.n if { some c in input.a; two(c) }\ntwo(n) := true if n.m\ntwo(n) := "t" if n.m',
  ];
  const inputs: readonly RegoValue[] = [
    { a: ["secretkey"] },
    { a: "secret" },
    { a: ["other", { n: 1, m: 1 }], b: 1 },
    { a: ["secret"], b: true },
    { a: [{ n: 1, m: 2 }, {}] },
    {},
  ];
  for (const text of policies) {
    test(text, () => {
      const engine = engineWith(text);
      for (const before of inputs) {
        for (const input of inputs) {
          const fresh = engineWith(text).evaluate("data.t.x", input);
          engine.evaluate("data.t.x", before);
          const answer = engine.evaluate("data.t.x", input);
          assert.equal(answer.kind, fresh.kind);
          if (answer.kind === "value") assert.deepEqual(answer, fresh);
        }
      }
    });
  }
});

describe("with replaces what the names around mean", () => {
  check([
    ["n := 1\nx := y if { y := n with n as 3 }", {}, 3],
    ["n := 1\nm := n\nx := y if { y := m with n as 3 }", {}, 3],
    ["n := 1\nx := y if { y := n with data.t.n as 3 }", {}, 3],
    ["n contains 1\nx := y if { y := n with n as {3} }", {}, [3]],
    ['x := y if { y := input.a with input as {"a": 7} }', {}, 7],
    ["x := y if { y := input.a with input.a as 7 }", {}, 7],
  ]);
});

test("a text of JSON nested too deep to be read is an error, and no reason to allow", () => {
  const text = `{"role":"admin","z":${"[".repeat(200)}${"]".repeat(200)}}`;
  for (const rule of [
    'bad if json.unmarshal(input.n).role == "admin"\nx if not bad',
    "x if not json.is_valid(input.n)",
  ]) {
    const engine = engineWith(rule);
    const answer = engine.evaluate("data.t.x", { n: text });
    assert.match(
      answer.kind === "error" ? answer.error.message : "",
      /nested more than 127 deep is not supported/,
    );
    assert.equal(engine.evaluate("data.t.x", { n: "{" }).kind, "value");
  }
});
