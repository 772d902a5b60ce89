/** Where statements wait for one another, and which variable of a pattern has its value of which. Answers are OPA's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answers } from "./policies.ts";

test("statements are evaluated in the order of the text, whatever their variables are called", () => {
  const input = { l: [{ t: "a" }, { t: "c" }], o: { a: "b", c: "c" } };
  for (const first of ['some {"t": w} in input.l', '{"t": w} = input.l[_]', '{"t": w} := input.l[_]']) {
    for (const [second, name] of [
      ["w = k", "k"],
      ["k = lower(w)", "k"],
      ["w = z", "z"],
      ["z = lower(w)", "z"],
    ] as const) {
      for (const last of [
        `lower(${name}) == input.o[${name}]`,
        `startswith(lower(${name}), input.o[${name}])`,
      ]) {
        const body = `x contains ${name} if { ${first}; ${second}; ${last} }`;
        assert.deepEqual(answers(body, [input]), [["c"]], body);
      }
    }
  }
  const within = `x := v if { v := {k | some {"t": w} in input.l; w = k; lower(k) == input.o[k]}; k := 1; k == 1 }`;
  assert.deepEqual(answers(within, [input]), [["c"]]);
});

test("a variable that an object pattern has twice is compared, and one that another field needs is known there", () => {
  const inputs = [
    { c: { sub: "a", iss: "a" }, l: [{ p: "a", q: "a" }], o: { a: "a" } },
    { c: { sub: "a", iss: "b" }, l: [{ p: "a", q: "b" }], o: { a: "b" } },
  ];
  const [same, other] = [["a"], []];
  for (const [body, expected] of [
    ['x contains s if { {"sub": s, "iss": s} = input.c }', [same, other]],
    ['x contains s if { input.c = {"sub": s, "iss": s} }', [same, other]],
    ['x contains s if { some s; {"sub": s, "iss": s} = input.c }', [same, other]],
    ['x contains s if { c := input.c; {"sub": s, "iss": s} = c }', [same, other]],
    ['x contains s if { some c, s; c = input.c; {"sub": s, "iss": s} = c }', [same, other]],
    ['x contains s if { some m in input.l; {"p": s, "q": s} = m }', [same, other]],
    ['x contains s if { {"p": s, "q": s} = input.l[_] }', [same, other]],
    ['x contains s if { input.l[i] = {"p": s, "q": s} }', [same, other]],
    ['f(c) := s if { {"sub": s, "iss": s} = c }\nx contains f(input.c)', [same, other]],
    ['x := [s | {"sub": s, "iss": s} = input.c with input.c as {"sub": 1, "iss": 1}]', [[1], [1]]],
    ['x contains s if { {"sub": s, "iss": input.o[s]} = input.c }', [same, same]],
    ['x contains s if { {"iss": lower(s), "sub": s} = input.c }', [same, other]],
    ['x contains s if { {"sub": s, "iss": input.o[s]} = input.c with input.o as {"a": "b"} }', [other, same]],
  ] as const) {
    assert.deepEqual(answers(body, inputs), expected, body);
  }
});

test("an object of variables is a value where it is what gives the other side its own", () => {
  const value = { a: "v", b: "v" };
  for (const body of [
    'x := r if { s := "v"; r = {"a": s, "b": s} }',
    'x := r if { r = {"a": s, "b": s}; s = "v" }',
    'x := r if { some r, s; s = "v"; {"a": s, "b": s} = r }',
    'x := r if { s = input.l[_]; r = {"a": s, "b": s} }',
  ]) {
    assert.deepEqual(answers(body, [{ l: ["v"] }]), [value], body);
  }
});

test("an equation computes from what a statement above has given its index", () => {
  const input = { l: ["a", "C"], o: { a: "a", b: "b", C: "c" }, r: [{ k: "C" }] };
  for (const [body, value] of [
    ["x contains k if { input.l[_] = k; lower(k) = input.o[k] }", ["C", "a"]],
    ["x contains k if { k = input.r[i].k; lower(k) = input.o[k] }", ["C"]],
    ["x contains k if { some m in input.r; m.k = k; lower(k) = input.o[k] }", ["C"]],
    ["x contains k if { input.o[k]; lower(k) = input.o[k] }", ["C", "a", "b"]],
  ] as const) {
    assert.deepEqual(answers(body, [input]), [value], body);
  }
});
