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

test("what a statement computes from a variable waits for the index that gives the variable its value", () => {
  const input = {
    l: ["a", "C"],
    o: { a: "a", b: "x", C: "c" },
    r: [{ k: "C" }, { k: "a" }],
    teams: { Pay: "bob", ops: "eve" },
  };
  const owners = { pay: "ann", ops: "eve" };
  for (const [body, value] of [
    [
      `owners := ${JSON.stringify(owners)}
      x contains m if { some t; owners[lower(t)] != input.teams[t]; m := sprintf("%s: %s", [t, input.teams[t]]) }`,
      ["Pay: bob"],
    ],
    ["x contains i if { some i; p := i + 1; input.l[i] != input.l[p] }", [0]],
    ["x contains k if { some k; v := lower(k); input.o[v] == input.o[k] }", ["a", "b"]],
    ["x contains k if { some k; count(k) < count(input.teams[k]); v := input.teams[k]; v }", []],
    ["x contains k if { some k; upper(k) != input.o[k]; k = input.l[_] }", ["C", "a"]],
    ["x contains k if { some k, m; k = m.k; lower(k) == input.o[k]; m = input.r[_] }", ["C", "a"]],
    ["x contains k if { lower(k) == input.o[k]; v := input.o[k]; v }", ["C", "a"]],
    [
      "x contains v if { some k; v := concat(upper(k), ['<', input.o[k]]); k = input.l[_] }".replaceAll(
        "'",
        '"',
      ),
      ["<Aa", "<Cc"],
    ],
    [
      "x contains v if { some k; v = {upper(k): lower(input.o[k])}; k = input.l[_] }",
      [{ A: "a" }, { C: "c" }],
    ],
    ["x := count({k | some k; lower(k) == input.o[k]; k = input.l[_]})", 2],
    ["bad if { some k; lower(k) == input.o[k]; k = input.l[_] }\nx if not bad", "undefined"],
    ['x if { every n in ["c"] { some k; lower(k) == n; input.o[k] == n } }', true],
    [
      "x := l if { l := [v | v := input.o[lower(k)]; input.o[k] = v]; some k in input.l; k == 0 }",
      "undefined",
    ],
    ["x := [k | lower(k) == input.o[k] with input.o as {'Q': 'q'}]".replaceAll("'", '"'), ["Q"]],
    ["x contains k if { lower(k) = input.o[k] }", ["C", "a"]],
    ["x contains k if { input.l[_] = k; lower(k) = input.o[k] }", ["C", "a"]],
    ["x contains k if { k = input.r[i].k; lower(k) = input.o[k] }", ["C", "a"]],
    ["x contains k if { k = m.k; lower(k) = input.o[k]; m = input.r[_] }", ["C", "a"]],
    ['x contains k if { object.get(input.teams, k, "c") = input.o[k] }', ["C"]],
  ] as const) {
    assert.deepEqual(answers(body, [input]), [value], body);
  }
});

test("print with an argument that has no value holds nothing up", () => {
  const input = { l: ["a", "b"], o: { a: 1 }, u: "b" };
  for (const [body, value] of [
    ["x contains i if { v := input.l[i]; print(v, i, input.none[i]) }", [0, 1]],
    ["f(u) if { print(u, input.o[u]); u in input.l }\nx if f(input.u)", true],
    ["x := [v | v := input.l[i]; print(i, lower(input.none[i]))]", ["a", "b"]],
  ] as const) {
    assert.deepEqual(answers(body, [input]), [value], body);
  }
});

test("what a comprehension is made of gives variables their values by its own indices", () => {
  const inputs = [
    { c: [{ n: "a", l: 1 }, { n: "b" }, { n: "c" }], l: ["x", "y"] },
    { c: [], l: [] },
  ];
  const without = [["b", "c"], []];
  const limited = "limited(i) if input.c[i].l\n";
  for (const [body, expected] of [
    [`${limited}x := {input.c[i].n | some i; not limited(i)}`, without],
    [`${limited}x := {input.c[i].n | not limited(i)}`, without],
    [`${limited}x := v if { some i; v := {input.c[i].n | not limited(i)} }`, without],
    [`${limited}x := v if { v := [n | n := {input.c[i].n | some i; not limited(i)}[_]] }`, without],
    ["x := v if { some i; v := [input.c[i].n | i > 0] }", without],
    ["x := v if { v := [input.c[i].n |\n\ti > 0] }", without],
    [`x := v if { v := {sprintf("%d%s", [i, input.c[i].n]) | i > 1} }`, [["2c"], []]],
    ["x := v if { v := [[i, input.c[i].n] | i > 1] }", [[[2, "c"]], []]],
    ["x := v if { v := {input.c[i].n: i | i > 1} }", [{ c: 2 }, {}]],
    ['x if { every v in {input.c[i].n | i > 1} { v != "c" } }', ["undefined", true]],
    ["x := count(v) if { some i; count(v) > 1; v = [y | y := input.l[i]] }", [2, "undefined"]],
    [
      'x := {"k": v} if { some i; w := {"k": v}; v = [y | y := input.l[i]]; w.k == v }',
      [{ k: ["x", "y"] }, { k: [] }],
    ],
    ["x if { some i; every v in input.l { input.l[i] == v } }", [true, true]],
    ["x := v if { some i in [1]; v := [input.l[i] | i > 0] }", [["y"], []]],
  ] as const) {
    assert.deepEqual(answers(body, inputs), expected, body);
  }
});

test("print holds no body up, whatever has no value in it", () => {
  const input = { l: ["a", "b"], o: { a: 1 } };
  for (const [body, expected] of [
    ["x contains v if { some v in input.l; print(v, input.none, input.none.n[v]) }", ["a", "b"]],
    ["x contains i if { print(i, input.none[i]); input.l[i] }", [0, 1]],
    ['x contains i if { some i; print(input.none[i]); input.l[i] == "a" }', [0]],
    ["x if { print(input.none)\n}", true],
    ["x if print(input.none)", true],
    ["x contains v if { print(input.none[_]); some v in input.l }", ["a", "b"]],
    ["x if { print(input.none) with input.l as 1; input.l }", true],
    ["x := [v | some v in input.l; print(upper(input.none[v]), {v: input.none}, [1, 2])]", ["a", "b"]],
    ["print(v) if v == 1\nx if { print(1); not print(2) }", true],
  ] as const) {
    assert.deepEqual(answers(body, [input]), [expected], body);
  }
});

test("the imports of the language itself take no variable's name", () => {
  const input = { l: ["a", "b"] };
  for (const [line, name] of [
    ["import rego.v1", "v1"],
    ["import future.keywords", "keywords"],
    ["import future.keywords.in", "in_"],
  ] as const) {
    for (const [body, expected] of [
      [`x contains ${name} if { some ${name}, w; input.l[${name}] != input.l[w] }`, [0, 1]],
      [`x contains ${name} if { some ${name} in input.l }`, ["a", "b"]],
      [`x := [${name} | some ${name}; input.l[${name}]]`, [0, 1]],
      [`x := ${name} if { [${name}, _] = split("a/b", "/") }`, "a"],
    ] as const) {
      assert.deepEqual(answers(`${line}\n${body}`, [input]), [expected], `${line}\n${body}`);
    }
  }
});

test("what a rule's head is made of gives variables their values by its own indices, behind a body", () => {
  const inputs = [{ c: [{ n: "a", l: 1 }, { n: "b" }] }, { c: [] }];
  const limited = "limited(i) if input.c[i].l\n";
  for (const [body, expected] of [
    ["x contains input.c[i].n if { some i; not limited(i) }", [["b"], []]],
    ["x contains input.c[i].n if { some i; limited(i) }", [["a"], []]],
    ["x contains input.c[i].n if limited(i)", [["a"], []]],
    ["x[i] := input.c[i].n if limited(i)", [{ 0: "a" }, {}]],
    ["x := input.c[i].n if { some i; limited(i) }", ["a", "undefined"]],
    ['x contains sprintf("%s!", [input.c[i].n]) if limited(i)', [["a!"], []]],
    ["x := 1 if { input.z } else := input.c[i].n if { limited(i) }", ["a", "undefined"]],
    ["f(m) := input.c[i].n if { limited(i); m == 1 }\nx := f(1)", ["a", "undefined"]],
  ] as const) {
    assert.deepEqual(answers(limited + body, inputs), expected, body);
  }
});
