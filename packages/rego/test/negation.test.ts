import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RegoValue } from "../src/contracts.ts";
import { engineWith } from "./policies.ts";

/** What `data.t.x` is, in a word. */
function answers(body: string, inputs: readonly RegoValue[]): unknown[] {
  const engine = engineWith(`x if { ${body} }\nf(n) := n\ng(n) if n == 1\nh(n) if n == 2\nr if input.r`);
  return inputs.map((input) => {
    const answer = engine.evaluate("data.t.x", input);
    return answer.kind === "value" ? answer.value : answer.kind;
  });
}

const no = "undefined";

describe("an operand without a value makes a negation have none, as in OPA", () => {
  const none: readonly RegoValue[] = [{}, { a: "yz" }, { a: "xz" }];
  const cases: readonly (readonly [string, readonly RegoValue[], readonly unknown[]])[] = [
    ['not startswith(input.a, "x")', none, [no, true, no]],
    ['not input.a in {"xz"}', none, [no, true, no]],
    ['not input.a != "yz"', none, [no, true, no]],
    ['not "xz" in [input.a]', none, [no, true, no]],
    ['not lower(input.a) == "xz"', none, [no, true, no]],
    ['not f(input.a) == "xz"', none, [no, true, no]],
    ['not [input.a] == ["xz"]', none, [no, true, no]],
    ['not {"k": input.a} == {"k": "xz"}', none, [no, true, no]],
    ["not g(input.a)", none, [no, true, true]],
    ['not concat("", [input.a, "1"]) == "xz1"', none, [no, true, no]],
    ['not object.get(input, "a", "xz") == "xz"', none, [no, true, no]],
    ["not input.a > 1", [{}, { a: 1 }, { a: 2 }], [no, true, no]],
    ["not input.a + 1 == 2", [{}, { a: 2 }, { a: "x" }, { a: 1 }], [no, true, no, no]],
    ["not count(input.a) > 1", [{}, { a: [1] }, { a: 5 }], [no, true, no]],
    ["not {1, 2}[input.a]", [{}, { a: 3 }, { a: 2 }], [no, true, no]],
    ["not input[input.a]", [{}, { a: "b" }, { a: "a" }], [no, true, no]],
    ["not f(input.a).b", [{}, { a: {} }, { a: { b: true } }], [no, true, no]],
    ["not data.t.f(r) == 1", [{}, { r: true }], [no, true]],
    // A path alone, and either side of an equation, may have none.
    ["not input.a", [{}, { a: false }, { a: 0 }], [true, true, no]],
    ["not input.a.b.c", [{}, { a: 1 }, { a: { b: { c: 0 } } }], [true, true, no]],
    ['not input.a == "xz"', none, [true, true, no]],
    ["not input.a = input.b", [{}, { a: 1, b: 1 }, { a: 1, b: 2 }], [true, no, true]],
    ["not r", [{}, { r: true }], [true, no]],
    // Inside of other things, and with replacements.
    ["count([1 | not startswith(input.a, `x`)]) == 1", none, [no, true, no]],
    ["every n in input.l { not startswith(n.a, `x`) }", [{ l: [{}] }, { l: [{ a: "y" }] }], [no, true]],
    ["not startswith(input.a, `x`) with input.a as `y`", none, [true, true, true]],
    ["not startswith(input.a, `x`) with input as {}", none, [no, no, no]],
    ["not r with input.r as input.a", [{}, { a: true }, { a: false }], [no, no, true]],
    ["not g(1) with data.t.g as h", [{}], [true]],
    ["not g(2) with g as data.t.h", [{}], [no]],
  ];
  for (const [body, inputs, expected] of cases) {
    test(body, () => assert.deepEqual(answers(body, inputs), expected));
  }
});

describe("what is missing has no value outside of negations either", () => {
  const cases: readonly (readonly [string, readonly RegoValue[], readonly unknown[]])[] = [
    ["(input.a in [1]) == false", [{}, { a: 2 }], [no, true]],
    ['"k", input.a in {"b": 1}', [{}], [no]],
    ["some n in input.l; n == 1", [{}, { l: "text" }, { l: [1] }], [no, no, true]],
    ["input.a | {1} == {1, 2}", [{}, { a: 2 }], [no, no]],
    ["1 % input.a == 0", [{ a: 0 }, { a: 0.5 }, { a: 1 }], [no, no, true]],
    ['{"a": n} = input; n == 1', [{ a: 1 }, { a: 1, b: 2 }], [true, no]],
    ['some {"a": n} in input.l; n == 1', [{ l: [{ a: 1 }] }, { l: [{ a: 1, b: 2 }] }], [true, no]],
  ];
  for (const [body, inputs, expected] of cases) {
    test(body, () => assert.deepEqual(answers(body, inputs), expected));
  }
});

test("an object of rules by their paths is there though none of them has a value", () => {
  const engine = engineWith("o.a.b if input.b\nx if not o.a\ny := o.a");
  assert.deepEqual(engine.evaluate("data.t.x", {}), { kind: "undefined" });
  assert.deepEqual(engine.evaluate("data.t.y", {}), { kind: "value", value: {} });
  assert.deepEqual(engine.evaluate("data.t.y", { b: 1 }), { kind: "value", value: { b: true } });
});

test("an object that rules fill several steps deep is there though none of them has a value", () => {
  const heads = ["o[k] contains n", "o[k][n] := 1", "o[k].z := n", "o[k].z contains n", "o[k][3] := n"];
  for (const head of heads) {
    const engine = engineWith(`${head} if some k, n in input.b\nx if not o\ny := o\nz := count(o)`);
    assert.deepEqual(engine.evaluate("data.t.x", {}), { kind: "undefined" }, head);
    assert.deepEqual(engine.evaluate("data.t.y", {}), { kind: "value", value: {} }, head);
    assert.deepEqual(engine.evaluate("data.t.z", {}), { kind: "value", value: 0 }, head);
    assert.deepEqual(engine.evaluate("data.t.z", { b: { a: "n" } }), { kind: "value", value: 1 }, head);
    const inside = engineWith(`${head.replace("o", "q.o")} if some k, n in input.b\nx if not q.o\ny := q`);
    assert.deepEqual(inside.evaluate("data.t.x", {}), { kind: "undefined" }, head);
    assert.deepEqual(inside.evaluate("data.t.y", {}), { kind: "value", value: { o: {} } }, head);
  }
});

test("two values of a function are an error, also where another definition has a value", () => {
  const engine = engineWith(
    "two(n) := 1 if n\ntwo(n) := 2 if n\nk(n) if two(n) == 3\nk(_) if true\nx if k(1)",
  );
  assert.equal(engine.evaluate("data.t.x", {}).kind, "error");
});

test("a place of an evaluation's error is the one in the policy as it was written", () => {
  const body = `y := 1 if input.a\ny := 2 if { not startswith(input.b, "x"); input.a }\nx if {
  # a comment with "quotes"
  not input.c in {"x", "y"}
  not startswith(input.c,
    "z")
  y == 1
}`;
  const answer = engineWith(body).evaluate("data.t.x", { a: 1, b: "b", c: "c" });
  assert.ok(answer.kind === "error");
  assert.deepEqual([answer.error.place?.line, answer.error.place?.column], [3, 1]);
  assert.match(answer.error.place?.sourceLine ?? "", /^y := 2 if \{ not startswith/);
});
