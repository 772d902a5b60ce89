/** What an imported name means: the same as its whole path. Answers are OPA's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Engine, RegoValue } from "../src/contracts.ts";
import { createEngine } from "../src/engine.ts";

function engineOf(texts: readonly string[], data: RegoValue = {}): Engine {
  const modules = texts.map((text, index) => ({ file: `${index}.rego`, text }));
  return createEngine({ modules, documents: [{ file: "data.json", path: [], text: JSON.stringify(data) }] });
}

function told(answer: Answer): RegoValue | Answer["kind"] {
  return answer.kind === "value" ? answer.value : answer.kind;
}

/** The rules of `data.t`, by their names. */
function rules(
  texts: readonly string[],
  data: RegoValue = {},
  input: RegoValue = {},
): RegoValue | Answer["kind"] {
  return told(engineOf(texts, data).evaluate("data.t", input));
}

test("a package that is reached by iteration has what its modules import", () => {
  const size = "package rules.size\nimport data.rules\ndeny if input.size > rules.max";
  const texts = [
    "package t\ndenials contains name if data.rules[name].deny",
    "package rules\nmax := 100",
    size,
  ];
  assert.deepEqual(rules(texts, {}, { size: 500 }), { denials: ["size"] });
  assert.deepEqual(rules(texts, {}, { size: 50 }), { denials: [] });
  assert.deepEqual(told(engineOf(texts).evaluate("data.rules", { size: 500 })), {
    max: 100,
    size: { deny: true },
  });
});

test("an imported document is indexed by a number as by the text of it", () => {
  const text = "package t\nimport data.blocked\nno if not blocked[input.n]\nyes if blocked[input.n]";
  const data = { blocked: { "403": true } };
  assert.deepEqual(rules([text], data, { n: 403 }), { yes: true });
  assert.deepEqual(rules([text], data, { n: "403" }), { yes: true });
  assert.deepEqual(rules([text], data, { n: 404 }), { no: true });
});

test("modules can import each other, and a parent what imports it", () => {
  const one = "package t\nimport data.other\nok if other.ok\nlimit := 3";
  const other = "package other\nimport data.t\nok if input.n < t.limit";
  assert.deepEqual(rules([one, other], {}, { n: 1 }), { ok: true, limit: 3 });
  const child = "package t.size\nimport data.t\ndeny if input.n > t.limit";
  const parent = "package t\nallow if not data.t.size.deny\nlimit := 3";
  assert.equal(told(engineOf([parent, child]).evaluate("data.t.allow", { n: 1 })), true);
  assert.equal(told(engineOf([parent, child]).evaluate("data.t.allow", { n: 4 })), "undefined");
});

test("of an imported package only the rule is evaluated that is named", () => {
  const shared = "package shared\nok if input.a\ntier := 1 if input.x\ntier := 2 if input.y";
  const input = { a: 1, x: 1, y: 1 };
  assert.deepEqual(rules(["package t\nimport data.shared\nok if shared.ok", shared], {}, input), {
    ok: true,
  });
  assert.equal(rules(["package t\nimport data.shared\nok if shared.tier", shared], {}, input), "error");
});

test("a name is no import where it is an argument, a variable, a field or a text", () => {
  const text = `package t
import data.team
import input.user as who # "import data.team"
argument := f(2)
f(team) := team * 2 if team > 1
else := team
declared := x if { team := 3; x := team }
loop contains team if some team in input.l
member if every team in input.l { team != "z" }
inside := [team | some team in input.l; team != "b"]
key := {team: who | some who, team in input.l}
field := {"team": input.team.who, "x": who.team}
around := {team.n: "team" | who}
some_index contains team.l[who] if { some who; team.l[who] == "q" }
`;
  const data = { team: { n: "N", l: ["p", "q"] } };
  const input = { l: ["a", "b"], team: { who: 1 }, user: { team: 2 } };
  assert.deepEqual(rules([text], data, input), {
    argument: 4,
    declared: 3,
    loop: ["a", "b"],
    member: true,
    inside: ["a"],
    key: { a: 0, b: 1 },
    field: { team: 1, x: 2 },
    around: { N: "team" },
    some_index: ["q"],
  });
});

test("an imported name is its path in calls, replacements, indexes, patterns and heads of rules", () => {
  const text = `package t
import data.lib
import data.lib.limits as l
import data.lib.twice
import data["odd name"]["1"] as odd
import input.user
call := [twice(2), lib.twice(3)]
other(n) := n
replaced := x if x := lib.small with l.max as 1
function := x if x := twice(2) with twice as other
input_too := x if x := user.n with user as {"n": 5}
index := input.l[odd.n]
equal if user = {"n": odd.n}
head[odd.k] := odd.n
key[odd.k].x[odd.n] := user.n if true
negated if not user.missing
`;
  const library = "package lib\nimport data.lib.limits\ntwice(n) := n * 2\nsmall := limits.max < 5";
  const data = { lib: { limits: { max: 9 } }, "odd name": { "1": { n: 1, k: "K" } } };
  assert.deepEqual(rules([text, library], data, { user: { n: 1 }, l: [7, 8] }), {
    call: [4, 6],
    replaced: true,
    function: 2,
    input_too: 5,
    index: 8,
    equal: true,
    head: { K: 1 },
    key: { K: { x: { "1": 1 } } },
    negated: true,
  });
});

test("errors say where they are in the text with its imports", () => {
  const imports = "package t\nimport data.a.long.path as p # one\nimport input.q\n";
  const at = (rule: string, marked: string): void => {
    const text = `${imports}${rule}\n`;
    const place = { file: "0.rego", line: 4, column: rule.indexOf(marked) + 1, sourceLine: rule };
    let thrown: unknown;
    try {
      const answer = engineOf([text], { a: { long: { path: [1, 2] } } }).evaluate("data.t.x", { q: 1 });
      thrown = answer.kind === "error" ? answer.error : undefined;
    } catch (error) {
      thrown = error;
    }
    assert.ok(thrown instanceof Error && "place" in thrown, rule);
    assert.deepEqual(thrown.place, place);
  };
  at("x if p.f(q, 1)", "(q");
  at("x if [p, q, wrong]", "wrong");
  at("x if { q in p; p == q; y }", "y }");
  at("x := p[_] if p != q", "x :=");
  at("x if { not p.z; input[q].z; [p, q] == p + w }", "w }");
});

test("a keyword may be imported in more than one way, and an import may stand behind a rule", () => {
  for (const imports of [
    "import future.keywords\nimport future.keywords.in",
    "import future.keywords.if\nimport future.keywords.in\nimport rego.v1",
    "import rego.v1\nimport future.keywords.every",
  ]) {
    assert.deepEqual(
      rules([`package t\n${imports}\nx if 1 in input.l`], {}, { l: [1] }),
      { x: true },
      imports,
    );
  }
  const behind = "package t\nx if 1 in named\nimport input.l as named\ny if 2 in named";
  assert.deepEqual(rules([behind], {}, { l: [1] }), { x: true });
});

test("an import with the name of a rule is what the name means, and the rule is at its path", () => {
  const library =
    'package lib\ndeny contains "lib" if true\nf(n) := n + 1\nstate := {"a": 1}\nuser := "lib"\nok if input.ok';
  for (const [text, r] of [
    [
      "import data.lib.deny\ndeny contains m if { some n in deny; m := upper(n) }\nr := [deny, data.t.deny]",
      [["lib"], ["LIB"]],
    ],
    ["import data.lib.f\nf(n) := n + 10\nr := [f(1), data.t.f(1)]", [2, 11]],
    [
      'import data.lib.state as state\nstate["b"] := state.a\nr := [state, data.t.state]',
      [{ a: 1 }, { b: 1 }],
    ],
    ['import input.user\nuser := "rule"\nr := [user, data.t.user]', ["u", "rule"]],
    ["import data.lib.ok\ndefault ok := false\nok if input.none\nr := [ok, data.t.ok]", [true, false]],
    [
      'import data.lib.user\nuser := "own"\nr := [v, w] if { v := user with user as 1; w := data.t.user with user as 1 }',
      [1, "own"],
    ],
    ['import data.lib.user\nuser := "own"\nr := [u | some user in ["a"]; u := user]', ["a"]],
    ["import data.lib.none\nnone := 1\nr := [1 | not none]", [1]],
  ] as const) {
    const answer = engineOf([`package t\n${text}`, library]).evaluate("data.t.r", { ok: true, user: "u" });
    assert.deepEqual(told(answer), r, text);
  }
});
