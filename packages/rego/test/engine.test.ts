import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEngine } from "../src/engine.ts";
import { RegoError } from "../src/errors.ts";
import { rulePath } from "../src/rule-path.ts";
import { egress, engineWith, policies, tooDeep, valueOfX } from "./policies.ts";

/** A comprehension that would take a billion steps. */
const endless =
  "count([1 | some i in numbers.range(1, 1000); some j in numbers.range(1, 1000); some k in numbers.range(1, 1000); i + j == k]) > 0";

const allow = rulePath("acme/cloudevents-egress", "allow");
const order = { event_type: "com.acme.order.created", subject: "tenant/acme/user/1", tenant_id: "acme" };

test("a rule of a package with a dash in its name is evaluated", () => {
  const engine = createEngine(egress);
  assert.deepEqual(engine.packages, ['data.acme["cloudevents-egress"]']);
  assert.deepEqual(engine.evaluate(allow, order), { kind: "value", value: true });
  assert.deepEqual(engine.evaluate(allow, { ...order, tenant_id: "other" }), { kind: "value", value: false });
});

describe("undefined is no false and no error", () => {
  const engine = engineWith("x if input.a == 1");
  for (const [name, rule] of [
    ["a rule that does not hold", "data.t.x"],
    ["a rule that is not there", "data.t.y"],
    ["a package that is not there", 'data.acme["cloudevents-egress"].allow'],
  ] as const) {
    test(name, () => assert.deepEqual(engine.evaluate(rule, { a: 2 }), { kind: "undefined" }));
  }
});

test("no input is not an empty input", () => {
  const engine = engineWith("x if not input\ny if input == {}");
  assert.deepEqual(engine.evaluate("data.t.x", undefined), { kind: "value", value: true });
  assert.deepEqual(engine.evaluate("data.t.y", {}), { kind: "value", value: true });
  assert.deepEqual(engine.evaluate("data.t.y", undefined), { kind: "undefined" });
});

test("an input does not outlive its evaluation", () => {
  const engine = engineWith("x := input.a");
  assert.deepEqual(engine.evaluate("data.t.x", { a: 1 }), { kind: "value", value: 1 });
  assert.deepEqual(engine.evaluate("data.t.x", undefined), { kind: "undefined" });
});

test("documents stand at their path, beside rules", () => {
  const documents = [
    { file: "data.json", path: [], text: '{"top": 1}' },
    { file: "a/b-c/data.json", path: ["a", "b-c"], text: "[1, 12345678901234567890123]" },
  ];
  const engine = createEngine(policies('x := data.a["b-c"][0]', documents));
  assert.deepEqual(engine.evaluate("data.t.x", undefined), { kind: "value", value: 1 });
  assert.deepEqual(engine.evaluate("data.top", undefined), { kind: "value", value: 1 });
  assert.deepEqual(engine.evaluate('data.a["b-c"][1]', undefined), {
    kind: "value",
    value: 12345678901234567890123n,
  });
});

test("classes, word boundaries and letter case of regular expressions are there", () => {
  const patterns = [
    "^\\d+$",
    "^\\w\\d\\s?$",
    "\\b4",
    "(?i)^\\D?42$",
    "^\\p{Nd}+$",
    "^\\pN+$",
    "^[[:digit:]]+$",
  ];
  for (const pattern of patterns) {
    const engine = engineWith(`x := regex.match(${JSON.stringify(pattern)}, input)`);
    assert.deepEqual(engine.evaluate("data.t.x", "42"), { kind: "value", value: true }, pattern);
    assert.deepEqual(engine.evaluate("data.t.x", "-"), { kind: "value", value: false }, pattern);
  }
  const insensitive = engineWith('x := regex.match("(?i)^straße É$", input)');
  assert.deepEqual(insensitive.evaluate("data.t.x", "STRAßE é"), { kind: "value", value: true });
});

test("a query lists its results", () => {
  const engine = engineWith("x := [1, 2]");
  assert.deepEqual(engine.query("y := data.t.x[_]; y > input", 0), {
    kind: "results",
    results: [
      { bindings: { y: 1 }, values: [true, true] },
      { bindings: { y: 2 }, values: [true, true] },
    ],
  });
  assert.deepEqual(engine.query("y := data.t.x[_]; y > 5", 0), { kind: "results", results: [] });
  const answer = engine.query("y := ", 0);
  assert.equal(answer.kind === "error" && answer.error.code, "evaluation");
});

describe("an evaluation that fails is an error with its place", () => {
  test("two values for one rule", () => {
    const answer = engineWith("x := 1 if input.a\nx := 2 if input.b").evaluate("data.t.x", { a: 1, b: 1 });
    assert.ok(answer.kind === "error");
    assert.equal(answer.error.code, "evaluation");
    assert.equal(answer.error.place?.file, "t.rego");
  });

  test("a builtin function, if that is asked for", () => {
    const body = 'x := to_number("no")';
    assert.deepEqual(engineWith(body).evaluate("data.t.x", {}), { kind: "undefined" });
    const answer = engineWith(body, { strictBuiltinErrors: true }).evaluate("data.t.x", {});
    assert.ok(answer.kind === "error");
    assert.deepEqual([answer.error.code, answer.error.place?.line], ["evaluation", 2]);
  });

  test("a builtin function, with what it says and no text that is in no policy", () => {
    const answer = engineWith("x := 1 / input.n", { strictBuiltinErrors: true }).evaluate("data.t.x", {
      n: 0,
    });
    assert.ok(answer.kind === "error");
    assert.equal(answer.error.message, "t.rego:2:6: divide by zero");
  });

  test("an expression that is too long for the engine, by its file", () => {
    assert.throws(
      () => engineWith(`x := ${"1 + ".repeat(3_000)}1`),
      (error) =>
        error instanceof RegoError && error.code === "crash" && error.message.startsWith("t.rego: too much"),
    );
  });
});

describe("the clock", () => {
  // The second one would be true if the failure inside the function were only undefined.
  const engine = engineWith("x := time.now_ns()\ny if not f(5)\nf(n) if time.now_ns() > n");

  test("is the one passed in", () => {
    const nowNs = 1_700_000_000_123_456_789n;
    assert.deepEqual(engine.evaluate("data.t.x", {}, { nowNs }), { kind: "value", value: nowNs });
    assert.deepEqual(engine.evaluate("data.t.y", {}, { nowNs }), { kind: "undefined" });
  });

  for (const rule of ["data.t.x", "data.t.y"]) {
    test(`is missed by ${rule} when none is passed in, also after one was`, () => {
      engine.evaluate(rule, {}, { nowNs: 1n });
      const answer = engine.evaluate(rule, {});
      assert.equal(answer.kind === "error" && answer.error.code, "clock");
    });
  }

  test("leaves what needs none alone", () => {
    assert.deepEqual(valueOfX('x := time.clock([1700000000000000000, "America/New_York"])'), [17, 13, 20]);
  });
});

test("the network's addresses can be compared without a network", () => {
  const body = `x := [
    net.cidr_contains("10.0.0.0/8", "10.1.2.3"),
    net.cidr_contains("10.0.0.0/8", "11.0.0.0/16"),
    net.cidr_intersects("10.0.0.0/8", "10.1.0.0/16"),
    net.cidr_is_valid("10.0.0.0/33"),
    net.cidr_expand("192.168.0.0/31"),
  ]`;
  assert.deepEqual(valueOfX(body), [true, false, true, false, ["192.168.0.0", "192.168.0.1"]]);
});

test("a network of too many addresses is an error, and no reason to allow", () => {
  const engine = engineWith("bad if input.ip in net.cidr_expand(input.net)\nx if not bad");
  const answer = engine.evaluate("data.t.x", { ip: "10.0.0.5", net: "10.0.0.0/15" });
  assert.ok(answer.kind === "error");
  assert.match(answer.error.message, /net\.cidr_expand of more than 65536 addresses is not supported/);
  assert.deepEqual(engine.evaluate("data.t.x", { ip: "10.0.0.5", net: "10.0.0.0/16" }), {
    kind: "undefined",
  });
});

test("the engine says nothing of the machine that it runs on", () => {
  assert.deepEqual(valueOfX("x := opa.runtime()"), {});
});

describe("an engine that breaks down is made anew", () => {
  for (const [name, body, code] of [
    ["too deep a call", `${tooDeep}\nx if { input.bad; deep(1) }`, "crash"],
    ["too much memory", "x if { input.bad; count(numbers.range(1, 100000000)) > 0 }", "memory"],
    ["too many steps", `x if { input.bad; ${endless} }`, "steps"],
  ] as const) {
    test(name, () => {
      const engine = engineWith(`${body}\nx if input.good`);
      for (let round = 0; round < 3; round++) {
        const answer = engine.evaluate("data.t.x", { bad: true });
        assert.equal(answer.kind === "error" && answer.error.code, code);
        assert.deepEqual(engine.evaluate("data.t.x", { good: true }), { kind: "value", value: true });
      }
    });
  }
});

test("an engine that broke down many times still answers, and knows no time that it was not given", () => {
  const engine = engineWith(`${tooDeep}\nx if { input.bad; deep(1) }\nx := time.now_ns() if input.good`);
  const broken: string[] = [];
  for (let round = 0; round < 300; round++) {
    const answer = engine.evaluate("data.t.x", { bad: true }, { nowNs: 5n });
    broken.push(answer.kind === "error" ? answer.error.code : answer.kind);
  }
  assert.deepEqual(new Set(broken), new Set(["crash"]));
  const answer = engine.evaluate("data.t.x", { good: true });
  assert.equal(answer.kind === "error" && answer.error.code, "clock");
  assert.deepEqual(engine.evaluate("data.t.x", { good: true }, { nowNs: 7n }), { kind: "value", value: 7 });
});

test("an evaluation that ran out of steps inside a function is an error, not undefined", () => {
  const answer = engineWith(`f(n) if { ${endless} }\nx if not f(1)`).evaluate("data.t.x", {});
  assert.equal(answer.kind === "error" && answer.error.code, "steps");
});

test("a limit that is lowered holds", () => {
  const engine = engineWith("x := count([n | some n in numbers.range(1, 500)])", {
    limits: { maxSteps: 100 },
  });
  const answer = engine.evaluate("data.t.x", {});
  assert.equal(answer.kind === "error" && answer.error.code, "steps");
});

test("many evaluations do not use up the memory", () => {
  const engine = engineWith('x := concat("-", [input.a, "b"])', {
    limits: { maxMemoryBytes: 2 * 1024 * 1024 },
  });
  for (let n = 0; n < 5_000; n++) {
    const answer = engine.evaluate("data.t.x", { a: `${n}${"-".repeat(500)}` });
    assert.equal(answer.kind, "value");
  }
});

test("policies that are too large, too many or too deep are refused by name of the limit", () => {
  const module = { file: "a.rego", text: "package a\n" };
  const refused = (run: () => unknown): unknown => assert.throws(run, { name: "RegoError", code: "limit" });
  refused(() => createEngine({ modules: [module, module] }, { limits: { maxModules: 1 } }));
  refused(() => createEngine({ modules: [module] }, { limits: { maxModuleBytes: 5 } }));
  const documents = [{ file: "data.json", path: [], text: "{}" }];
  refused(() => createEngine({ modules: [], documents }, { limits: { maxDocumentBytes: 1 } }));
});

test("an error names its place first", () => {
  const place = { file: "a.rego", line: 3, column: 7, sourceLine: "allow if x" };
  assert.equal(new RegoError("compile", "unsafe", { place }).message, "a.rego:3:7: unsafe");
});
