import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEngine } from "../src/engine.ts";
import { RegoError } from "../src/errors.ts";
import { policies } from "./policies.ts";

function refusal(modules: readonly string[]): RegoError {
  try {
    createEngine({ modules: modules.map((text, index) => ({ file: `${index}.rego`, text })) });
  } catch (error) {
    if (error instanceof RegoError) return error;
    throw error;
  }
  assert.fail("the policy was taken");
}

test("a variable is refused that only what is called with it could give a value", () => {
  for (const body of [
    "x contains p if { some p; p in input.l; startswith(input.t, p) }",
    "x contains p if { some p; startswith(input.t, p) }",
    "x if { some p; startswith(input.t, p) }",
    "x if startswith(input.t, p)",
    'x := [1 | some p; glob.match("a*", [], p)]',
    "f(a) if a.b\nx if { some p; f(p); p == input.t }",
    'f(a, b) if a == b\nx if { some p; f(1, {"a": p}) }',
    "x if { every v in input.l { startswith(v, p) } }",
    "x if { input.t } else := 1 if { some p; is_string(p) }",
    "x if { some p; is_string(p) with input.t as 1 }",
    "x if { some p; print(p); input.t }",
    "x if { print(input.l[p]); input.t }",
  ]) {
    const error = refusal([`package t\n${body}`]);
    assert.match(error.message, /the variable p is unsafe: nothing gives it a value/, body);
  }
  for (const body of [
    "x contains p if { some p; startswith(input.t, p, true); p = input.l[_] }",
    "x := p if { some p; count(input.l, p) }",
    "f(a) := a + 1\nx := p if { some p; f(1, p) }",
    "x contains p if { startswith(input.t, p); p = input.l[_] }",
  ]) {
    assert.doesNotThrow(() => policies(body), body);
  }
});

test("a function that does not exist is named, not what it would give a value", () => {
  assert.match(
    refusal(["package t\nx if { nothing.like_it(input.t, y); y }"]).message,
    /there is no function nothing\.like_it/,
  );
});

test("print is refused where a value is wanted", () => {
  for (const body of ["x := print(1)", "x if print(1) == true", "x if not print(1)"]) {
    assert.match(refusal([`package t\n${body}`]).message, /print is a statement of its own/, body);
  }
});

test("a package within an object of rules is refused, since the object would lack what it holds", () => {
  for (const rule of ["o.y := 1", "o[k] := 1 if some k in input.l", "o.y.z contains 1"]) {
    for (const inside of ["p.o", "p.o.w"]) {
      const error = refusal([
        `package p\n${rule}\nbad if o[_] == "secret"`,
        `package ${inside}\nw := input.k`,
      ]);
      assert.equal(error.code, "compile");
      assert.match(error.message, /shares the beginning of its name with the package in 1\.rego/);
      assert.equal(error.place?.line, 2);
    }
  }
  const beside = [
    `package p\no.y := 1\nallow if true`,
    "package p.other\nw := 1",
    "package p.other.below\nv := 1",
  ];
  assert.doesNotThrow(() =>
    createEngine({ modules: beside.map((text, n) => ({ file: `${n}.rego`, text })) }),
  );
});

test("a default that OPA takes no notice of is refused: it stands in an object that a rule fills by computed names", () => {
  for (const [fallback, rule] of [
    ["default o.y := 1", "o[k] := 2 if some k in input.l"],
    ["default o.y.z := 1", "o[k].w := 2 if some k in input.l"],
  ]) {
    for (const modules of [
      [`package p\n${fallback}`, `package p\n${rule}`],
      [`package p\n${fallback}\n${rule}`],
    ]) {
      const error = refusal(modules);
      assert.equal(error.code, "compile");
      assert.match(error.message, /is a default of an object that the rule in \d\.rego:\d fills/);
      assert.deepEqual([error.place?.file, error.place?.line], ["0.rego", 2]);
    }
  }
  const beside = "package p\ndefault o.y := 1\no.x[k] := 2 if some k in input.l";
  const engine = createEngine({ modules: [{ file: "0.rego", text: beside }] });
  assert.deepEqual(engine.evaluate("data.p.o", { l: ["a"] }), {
    kind: "value",
    value: { x: { a: 2 }, y: 1 },
  });
});

describe("what would have another meaning than in OPA is refused, and what to write in its place is taken", () => {
  const cases: readonly (readonly [name: string, refused: string, message: RegExp, taken: string])[] = [
    [
      "a variable assigned from itself",
      "x if { n := lower(n) }",
      /the variable n is unsafe: nothing gives it a value/,
      "x if { m := input.n; n := lower(m) }",
    ],
    [
      "a variable assigned from the rule with its name",
      'n := "A"\nx if { n := lower(n); n == "a" }',
      /the variable n is unsafe/,
      'n := "A"\nx if { m := lower(n); m == "a" }',
    ],
    [
      "a variable assigned from itself within a comprehension",
      "x := n if { n := [m | m := n] }",
      /the variable n is unsafe/,
      "x := n if { n := [m | m := input.n] }",
    ],
    [
      "a variable with the name of an argument",
      "f(n) if { some n in [1]; n == 1 }\nx if f(2)",
      /there is a variable n already/,
      "f(n) if { some m in [1]; n == m }\nx if f(2)",
    ],
    [
      "a variable with the name of one of every",
      "x if every n in input.l { n := 1; n == 1 }",
      /there is a variable n already/,
      "x if every n in input.l { m := 1; n == m }",
    ],
    [
      "one variable on both sides of in",
      "x if { l := input.l; count([l | some l in l]) > 1 }",
      /the variable l is on both sides of in/,
      "x if { l := input.l; count([m | some m in l]) > 1 }",
    ],
    [
      "an equation of a pattern with an index in it and the member there",
      "x if { some i; [i, _] = input.l[i] }",
      /i has its value of an index/,
      "x if { some i; m := input.l[i]; [i, _] = m }",
    ],
    [
      "one variable for key and member",
      "x if some k, k in input.o",
      /the variable k is there twice/,
      "x if { some k, v in input.o; k == v }",
    ],
    [
      "an equation of an index with a pattern of which a part has no value yet",
      "x := w if { some u; input.l[u] = [w, u] }",
      /u has its value of an index on the other side of this =/,
      "x := w if { some u; m := input.l[u]; [w, u] = m }",
    ],
    [
      "an equation with an index that is computed from its other side",
      "x contains u if { some u; input.o[lower(u)] = u }",
      /u is needed here before the other side of this = gives it a value/,
      "x contains u if { some u in input.l; input.o[lower(u)] = u }",
    ],
    [
      "a negated walk",
      'x if not walk(input, [["a"], 1])',
      /walk itself is not negated here/,
      'x if not y\ny if walk(input, [["a"], 1])',
    ],
  ];
  for (const [name, refused, message, taken] of cases) {
    test(name, () => {
      const error = refusal([`package p\n${refused}`]);
      assert.deepEqual([error.code, error.place?.file], ["compile", "0.rego"]);
      assert.match(error.message, message);
      createEngine({ modules: [{ file: "0.rego", text: `package p\n${taken}` }] });
    });
  }
  test("beside names that mean the same here as there", () => {
    for (const rules of [
      "x if { some k; input.a[k] = input.b[k] }",
      "x if { some k in input.l; input.o[k] = upper(k) }",
      "x if { some k, v in input.o; input.w[k] = [k, v] }",
      "f(k) if input.o[k] = k\nx if f(1)",
      "x if { count := count(input.l); count > 1 }",
      "x if { l := [l | some l in input.l]; count(l) > 1 }",
      "x := {k: v | some k, v in input.o; v = k}",
    ]) {
      createEngine({ modules: [{ file: "0.rego", text: `package p\n${rules}` }] });
    }
  });
});

describe("what OPA's compiler refuses is refused when it is loaded, with its place", () => {
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    ["all of data as a value", "x if { d := data; d.o.y }", 2, /all of data holds this rule/],
    ["a computed name below data", "x if data[input.k]", 2, /all of data/],
    ["any name below data", "x if data[_].y", 2, /all of data/],
    ["an import of all of data", "import data as d\nx if d.o", 2, /cannot be imported/],
    ["a function without a call", "f(n) if n\nx if not f", 3, /is a function, and is not called/],
    ["too few arguments", "f(n, m) if n == m\nx if not f(1)", 3, /f has 2 arguments here, not 1/],
    ["too many arguments", "f(n) if n\nx if not g(f(1, 2))\ng(n) if n", 3, /f has 1 arguments/],
    ["too few arguments of a builtin", 'x if not startswith("a")', 2, /startswith has 2/],
    ["a computed default", "default x := input.subject", 2, /default is a constant/],
    [
      "a rule that depends on itself",
      "x if y\ny if not x",
      3,
      /data\.t\.x -> data\.t\.y -> data\.t\.x|data\.t\.y -> /,
    ],
    ["a function that calls itself", "f(n) := f(n - 1)\nx := f(3)", 2, /depends on itself/],
    ["any item in a negation", 'x if not input.l[_] == "a"', 2, /unsafe in a negation/],
    ["an assignment in a negation", "x if not y := 1", 2, /nothing can be assigned/],
    ["a variable that nothing uses", "x if { some y; input.a }", 2, /declared and not used/],
    ["a variable before it is declared", "x if { not y == 1; y := input.a }", 2, /used above/],
    ["text that is compared with a number", 'y := "a"\nx if y == 1', 3, /never holds/],
    [
      "a builtin function of another type",
      "x if not startswith(1, `a`)",
      2,
      /takes a string here, never a number/,
    ],
    ["a field of text", 'y := "a"\nx if not y.z', 3, /has no fields/],
    ["a part of a rule that is replaced", "y := {}\nx if y with data.t.y.z as 1", 3, /part of the rule/],
    ["a builtin function that is not there", "x if not http.sent({})", 2, /no function http\.sent/],
    ["two imports of one name", "import data.a.n\nimport data.b.n\nx if n", 3, /another import/],
  ];
  for (const [name, body, line, message] of cases) {
    test(name, () => {
      const error = refusal([`package t\n${body}`]);
      assert.equal(error.code, "compile", error.message);
      assert.match(error.message, message);
      const sourceLine = `package t\n${body}`.split("\n")[line - 1];
      assert.deepEqual(
        [error.place?.file, error.place?.line, error.place?.sourceLine],
        ["0.rego", line, sourceLine],
      );
    });
  }
});

describe("modules that contradict each other are refused, whichever comes first", () => {
  const pairs: readonly (readonly [string, string, string, RegExp])[] = [
    ["two defaults", "default x := true", "default x := false", /another default/],
    ["a rule and a function", "x if input.a", "x(n) if n", /is a function and a rule|in another way/],
    ["functions of different arguments", "x(n) if n", "x(n, m) if n == m", /arguments/],
    ["a set and a value", "x := {1}", "x contains 2", /in another way/],
    ["a function in two files", "x(n) if n == 1", "x(n) if n == 2", /put them into one file/],
  ];
  for (const [name, one, other, message] of pairs) {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ]) {
      test(`${name}: ${first}`, () => {
        const error = refusal([`package t\n${first}`, `package t\n${second}`]);
        assert.match(error.message, message);
        assert.equal(error.place?.line, 2);
      });
    }
  }

  test("a rule and a package of one path", () => {
    const error = refusal(["package t\nx := {}", "package t.x\ny := 1"]);
    assert.match(error.message, /is also a package, in 1\.rego/);
    assert.equal(error.place?.file, "0.rego");
  });

  test("a rule and a package below it", () => {
    assert.match(refusal(["package t\nx := {}", "package t.x.y\nz := 1"]).message, /other rules inside it/);
  });
});

test("more imports than anybody writes are refused at once", () => {
  const imports = Array.from({ length: 20_000 }, (_, n) => `import data.a.b${n}`);
  const error = refusal([`package t\n${imports.join("\n")}\nx := 1`]);
  assert.equal(error.code, "limit");
  assert.match(error.message, /more than 200 imports/);
  assert.equal(error.place?.line, 202);
});

test("rules of one package in several modules, and what looks like a refusal and is none, are taken", () => {
  const engine = createEngine({
    modules: [
      { file: "a.rego", text: "package t\nimport data.lib\nx if { y; lib.f(1); some i; input.l[i] == 1 }" },
      {
        file: "b.rego",
        text: "package t\nx if input.b\ny if { [v | v := input.a] == [1] }\nz.k := 1\nz.l := 2",
      },
      { file: "c.rego", text: "package lib\nf(n) if n == 1\nf(n) if n == 2\ndefault g(_) := false" },
    ],
  });
  assert.deepEqual(engine.evaluate("data.t.x", { a: 1, l: [0, 1] }), { kind: "value", value: true });
});

test("a byte order mark in front of a policy or a document is none of their text", () => {
  const { modules } = policies("x := data.d.k");
  const engine = createEngine({
    modules: modules.map(({ file, text }) => ({ file, text: `\ufeff${text}` })),
    documents: [{ file: "data.json", path: ["d"], text: '\ufeff{"k": 1}' }],
  });
  assert.deepEqual(engine.evaluate("data.t.x", {}), { kind: "value", value: 1 });
});
