/** Which variables have a value where: of `every`, of patterns, of `some`; and what a line begins with. Answers are OPA's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { answers, engineWith } from "./policies.ts";

const yes = true;
const no = "undefined";

test("an equation within every compares its variables, and gives them no other value", () => {
  const inputs = [{ l: ["eu", "eu"] }, { l: ["eu", "us"] }, { l: [] }];
  for (const equation of ['r = "eu"', '"eu" = r', '[r, 1] = ["eu", 1]', '{"a": r} = {"a": "eu"}']) {
    assert.deepEqual(answers(`x if every r in input.l { ${equation} }`, inputs), [yes, no, yes], equation);
  }
  assert.deepEqual(answers("x if every k, r in input.l { k = r }", [{ l: [0, 1] }, { l: [0, 2] }]), [
    yes,
    no,
  ]);
  const nested = "x if { some l in input.l; every r in l { every s in l { r = s } } }";
  assert.deepEqual(answers(nested, [{ l: [[1, 1]] }, { l: [[1, 2]] }]), [yes, no]);
});

test("a negated path within every asks for the member that its variable names", () => {
  const rules = 'm := {"a": {"z": 1}}\ns := {"a"}\nr[k] := {"z": 1} if k := "a"\n';
  for (const path of ["m[v]", "s[v]", "r[v]", "m[v].z", 'm[v]["z"]']) {
    const body = `${rules}x if every v in input.l { not ${path} }`;
    assert.deepEqual(answers(body, [{ l: ["b", "c"] }, { l: ["b", "a"] }]), [yes, no], path);
  }
  const some = `${rules}x if not bad\nbad if every v in input.l { not m[v] }`;
  assert.deepEqual(answers(some, [{ l: ["b"] }, { l: ["a"] }]), [no, yes]);
});

test("a negation waits for its variables, whichever kind of statement gives them a value", () => {
  const inputs = [{ l: [{ n: "a" }] }, { l: [{ n: "b" }] }, { l: [{ n: "a" }, { n: "b" }] }];
  const givers = [
    'some {"n": v} in input.l',
    '{"n": v} = input.l[_]',
    '[{"n": v}] = [input.l[_]]',
    "w := input.l[_].n; v = w",
    "lower(input.l[_].n, v)",
    "walk(input.l, [[_, _], v])",
  ];
  for (const giver of givers) {
    for (const path of ["m[v]", "m[v].z", "s[v]"]) {
      const body = `m := {"a": {"z": 1}}\ns := {"a"}\nx if { ${giver}; not ${path} }`;
      assert.deepEqual(answers(body, inputs), [no, yes, yes], `${giver}; not ${path}`);
    }
  }
  assert.deepEqual(answers("x if { not input.o[v].k == 1; v = input.w }", [{ w: "a", o: { a: { k: 1 } } }]), [
    no,
  ]);
});

test("an index is one of what is gone through where a statement declares it, wherever that stands", () => {
  const input = { o: [{ t: ["a"] }], m: { b: 2, a: 1 } };
  for (const body of [
    'x contains input.m[v] if { some {"t": t} in input.o; some v in t }',
    'x contains y if { some {"t": t} in input.o; some v in t; y := input.m[v] }',
    "x contains y if { t := input.o[_].t; some v in t; y := input.m[v] }",
    "x contains y if { t := input.o[_].t; v := t[_]; y := input.m[v] }",
  ]) {
    assert.deepEqual(answers(body, [input]), [[1]], body);
  }
});

test("an equation compares a variable of a pattern, and does not give it a value before the pattern does", () => {
  const givers = [
    'some {"n": v} in input.l',
    '{"n": v} = input.l[_]',
    '{"n": v} := input.l[_]',
    "walk(input.l, [[_, _], v])",
  ];
  for (const giver of givers) {
    for (const equation of ["v = upper(v)", "upper(v) = v", "v = object.get({}, 1, v)"]) {
      const body = `x if { ${giver}; ${equation} }`;
      const small = equation.includes("get") ? yes : no;
      assert.deepEqual(answers(body, [{ l: [{ n: "A" }] }, { l: [{ n: "a" }] }]), [yes, small], body);
    }
  }
});

test("a variable within a comprehension or every is another one than that which is declared below", () => {
  const input = { b: { p: ["a"], q: ["b"] }, l: ["a"], k: "q", n: 0 };
  for (const inside of [
    "count([1 | input.b[k][_] == input.l[_]]) > n",
    "every t in input.l { input.b[k][_] == t; n == 0 }",
  ]) {
    for (const between of ["\n", "; "]) {
      const body = ["x if {", inside, "k := input.k", "n = input.n", 'k == "q"', "}"];
      assert.deepEqual(answers(`${body[0]} ${body.slice(1, -1).join(between)} }`, [input]), [yes], inside);
    }
  }
  for (const body of [
    "x if { count([k | some k in input.l]) > 0; k := 1; k == 1 }",
    "x if { every k in input.l { k > 0 }; k := 1; k == 1 }",
    "x if { k := 1; count([1 | input.l[_] == k]) > 0 }",
  ]) {
    assert.deepEqual(answers(body, [{ l: [1] }]), [yes], body);
  }
});

test("an object without a variable is a value on either side of an equation", () => {
  const inputs = [{ a: 1 }, { a: 2 }, {}];
  assert.deepEqual(answers('x := v if [v, 1] = [{"k": input.a}, 1]', inputs), [{ k: 1 }, { k: 2 }, no]);
  assert.deepEqual(answers('x if {"a": 1} = input', inputs), [yes, no, no]);
});

test("a variable that some declares is a new one in each round of what is gone through in front", () => {
  const body = 'm := {"n": "b"}\nx if { w := input.l[_]; some name; m[name] == w }';
  assert.deepEqual(answers(body, [{ l: ["b"] }, { l: ["a", "b"] }, { l: ["a", "c"] }]), [yes, yes, no]);
  const two = "x if { some i; r := input.l[i]; some j; r[j] == 1; i == j }";
  assert.deepEqual(
    answers(two, [
      {
        l: [
          [0, 1],
          [0, 1],
        ],
      },
      { l: [[0], [1, 0]] },
    ]),
    [yes, no],
  );
});

test("else of a function without a value is none that holds", () => {
  for (const value of ["input.m[r]", "input.m[r] == 1", "g(r)", "[input.m[r]]"]) {
    const body = `f(r) if r == "a"\nelse := ${value}\ng(r) := input.m[r]\nx if f(input.r)`;
    const inputs = [{ r: "a" }, { r: "c", m: { b: 1 } }, { r: "b", m: { b: 1 } }];
    assert.deepEqual(answers(body, inputs), [yes, no, yes], value);
  }
  const more = 'f(r) if r == "a"\nelse := input.m[r] if r != "z"\nelse := "last"\nx := f(input.r)';
  assert.deepEqual(answers(more, [{ r: "a" }, { r: "b" }, { r: "b", m: { b: 3 } }]), [yes, "last", 3]);
});

test("what a line begins with is no argument of the path that the line above ends with", () => {
  const lines = [
    "input.n + 1 > 1",
    "count([1 | input.n]) > 0",
    'input.s & {"a"} == set()',
    "abs(input.n - 5) < 9",
    "(input.n + 1) > 1",
  ];
  for (const line of lines) {
    for (const above of [
      "input.a",
      "not input.zz",
      "y := input.a",
      "input.a == input.a",
      "input.a with input.b as input.a",
    ]) {
      const body = `x if {\n\t${above}\n\t${line.replace("input.s", "{input.n}")}\n}`;
      assert.deepEqual(answers(body, [{ a: true, n: 2 }]), [yes], body);
    }
  }
});

test("a step of a set's path may be an array, object or set of variables", () => {
  const subs = { a: { t: "t1", e: "x" }, b: { t: "t1", e: "y" } };
  for (const [step, asked] of [
    ["[t, e]", '["t1", "x"]'],
    ['{"t": t, "e": e}', '{"t": "t1", "e": "x"}'],
    ["{t, e}", '{"x", "t1"}'],
  ]) {
    const body = `s[${step}] contains n if { some n, sub in input.subs; t := sub.t; e := sub.e }\nx := s[${asked}]`;
    assert.deepEqual(answers(body, [{ subs }, { subs: {} }]), [["a"], no], step);
  }
});

test("a variable that is declared means itself, whatever rule or function has its name", () => {
  const rules = "k := 7\nm(n) := n + 1\ns contains 9";
  for (const [body, value] of [
    ["x := {v | some k; v := input.l[k]}", [1, 2]],
    ["x := {k | some k in input.l}", [1, 2]],
    ["x contains k if some k in input.l", [1, 2]],
    ["x[k] := v if some k, v in input.l", { 0: 1, 1: 2 }],
    ["x := v if { some v in input.l; v > 1 } else := k", 2],
    ["x := v if { some v in input.l; v > 2 } else := k", 7],
    ["x := v if { some k in input.l; k > 2; v := k } else := k", 7],
    ["x := {m | some m in input.l}", [1, 2]],
    ["x := {s | some i; s := input.l[i]}", [1, 2]],
    ["x if every s in input.l { s < 3 }", yes],
    ["x := m(s) if some s in [1]", 2],
    ["m2(k) := [k, m(k)]\nx := m2(1)", [1, 2]],
    ["x := v if { some k in [1]; v := [k, data.t.k] with data.t.k as 8 }", [1, 8]],
    ['x := k if { {"a": k} := {"a": 5} }', 5],
    ["x := v if { k := {k | input.l[k] = 1}; v := k }", [0]],
  ] as const) {
    assert.deepEqual(answers(`${rules}\n${body}`, [{ l: [1, 2] }]), [value], body);
  }
});

test("a variable that a comprehension or every declares is another one than that around it", () => {
  for (const [body, value] of [
    ["x := v if { input.l[i] == 2; v := [i | some i in input.l] }", [1, 2]],
    [
      "x := v if { input.l[i] == 2; v := [w | some i in input.l; w := [i | some i, _ in input.l]] }",
      [
        [0, 1],
        [0, 1],
      ],
    ],
    ["f(n) := v if { v := [n | some n in input.l] }\nx := f(5)", [1, 2]],
    ["f(n) := [n | some n in input.l]\nx := f(5)", [1, 2]],
    ["x := i if { i := 3; every i in input.l { i < 3 } }", 3],
    ["x := i if { i := 3; every i in input.l { every i in [i] { i < 3 } } }", 3],
    ["x := [i, v] if { input.l[i] == 2; v := {i: j | some i, j in input.l} }", [1, { 0: 1, 1: 2 }]],
  ] as const) {
    assert.deepEqual(answers(body, [{ l: [1, 2] }]), [value], body);
  }
});

test("what is assigned to a variable has the variables around it, of which one may have the same name", () => {
  for (const [body, value] of [
    ["x := v if { n := input.s; v := [n | n := upper(n)] }", ["A"]],
    ["x := v if { n := 1; v := [n | n := [n | n := n + 1][0] + n] }", [3]],
    ["x := v if { n := 1; v := [w | n := n + 1; w := [n | n := n + 1]] }", [[3]]],
    ['x if { n := input.s; every m in ["A"] { n := upper(n); m == n } }', yes],
    ["x := v if { input.l[n] == 2; v := [n | n := n + 1] }", [2]],
    ["x := v if { v := count({v | input.l[v] = 2}) }", 1],
    ["x := v if { v := {v | some v in input.l}; 2 in v }", [1, 2]],
    ["x := v if { n := input.s; v := {n: m | [n, m] := [upper(n), n]} }", { A: "a" }],
  ] as const) {
    assert.deepEqual(answers(body, [{ l: [1, 2], s: "a" }]), [value], body);
  }
});

test("above its declaration a name means the variable around, if there is one", () => {
  const input = {
    l: [
      { id: "a", of: "a" },
      { id: "b", of: "a" },
    ],
    s: "a",
  };
  const pairs = [
    ["a", ["a", "b"]],
    ["b", []],
  ];
  for (const [body, value] of [
    [
      "x contains [n, ids] if { n := input.l[_].id; ids := [n | some m in input.l; m.of == n; n := m.id] }",
      pairs,
    ],
    ["x := v if { n := input.s; v := [[n, m] | m := n; n := 1] }", [[1, "a"]]],
    ["x := v if { n = input.s; v := [[n, m] | m := n; n := 1] }", [[1, "a"]]],
    ["x := v if { n := input.s; v := [n | m := [n | input.l[_]]; n := [m, n]] }", [[["a", "a"], "a"]]],
    ["x if { n := input.s; every m in input.l { m.of == n; n := m.id; n != 1 } }", yes],
    ["x if { every n in [input.s] { v := [n | m := n; n := [m]]; v == [[input.s]] } }", yes],
    ["x := v if { n := input.s; v := [n | not n == 1; some n in [1]] }", [1]],
  ] as const) {
    assert.deepEqual(answers(body, [input]), [value], body);
  }
});

test("an error names a variable as it is written, and its place, though another has its name", () => {
  const engine = engineWith("k := 1\nx := v if { some k in input.l; v := to_number(k) }", {
    strictBuiltinErrors: true,
  });
  const answer = engine.evaluate("data.t.x", { l: ["a"] });
  assert.equal(answer.kind, "error");
  assert.ok(answer.kind === "error" && !answer.error.message.includes("__own"), "a name that was made up");
});

test("an equation of what is at an index with that index compares for each of them, whatever else the body says", () => {
  const input = {
    o: { a: "a", b: "x", C: "c" },
    plan: { a: "free", b: "free" },
    r: ["a"],
    s: "a",
    t: { n: { boss: "n" } },
  };
  for (const [body, value] of [
    ["x contains u if { some u; input.o[u] = u }", ["a"]],
    ["x contains u if input.o[u] = u", ["a"]],
    ["x contains u if { some u; u = input.o[u] }", ["a"]],
    ['x contains u if { some u; input.o[u] = u; input.plan[u] == "free"; u == input.s }', ["a"]],
    ["x contains u if { some u; input.o[u] = u; u = input.s }", ["a"]],
    ["x contains u if { some u; input.o[u] = u; input.r[_] = u }", ["a"]],
    ["x contains m if { some u; input.o[u] = u; m := input.plan[u] }", ["free"]],
    ["x contains u if { some u; input.o[u] = lower(u) }", ["C", "a"]],
    ["x contains n if { some n; n = input.t[n].boss }", ["n"]],
    ['x := l if { u := "x"; l := [u | some u; input.o[u] = u] }', ["a"]],
    ["x contains u if { some u in input.r; count([u | some u; input.o[u] = u]) == 1 }", ["a"]],
    ["x contains k if { some k in input.r; input.o[k] = k }", ["a"]],
  ] as const) {
    assert.deepEqual(answers(body, [input]), [value], body);
  }
});

test("an equation within a comprehension compares its own variable, though one with its name is declared below", () => {
  const input = { o: { a: "a", b: "x" } };
  for (const body of [
    "x contains k if { own := [k | input.o[k] = k]; k := own[_] }",
    "x contains k if { own := [k | k = input.o[k]]; some k in own }",
    "x contains k if { own := {k | input.o[k] = lower(k)}; some k; own[k] }",
    "x contains k if { own := {k | some k; input.o[k] = k}; some k in own }",
  ]) {
    assert.deepEqual(answers(body, [input]), [["a"]], body);
  }
});
