import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EngineLimits, RegoValue } from "../src/contracts.ts";
import { createEngine } from "../src/engine.ts";
import { createGuardedEngine } from "../src/guarded-engine.ts";
import { engineWith, policies } from "./policies.ts";

const option = { name: "RegoError", code: "option" };

describe("limits that are none are refused by their name", () => {
  const wrong: readonly (readonly [keyof EngineLimits, number])[] = [
    ["maxSteps", Number.NaN],
    ["maxSteps", -1],
    ["maxSteps", 1.5],
    ["maxMemoryBytes", 1],
    ["maxMemoryBytes", 2 ** 40],
    ["maxNesting", 1_000],
    ["maxModules", Number.POSITIVE_INFINITY],
    ["maxInputLength", 0],
    ["maxAnswerLength", 2 ** 40],
  ];
  for (const [name, value] of wrong) {
    test(`${name}: ${value}`, () => {
      assert.throws(() => createEngine(policies("x := 1"), { limits: { [name]: value } }), {
        ...option,
        message: new RegExp(`limits\\.${name}`),
      });
    });
  }
});

for (const deadline of [Number.POSITIVE_INFINITY, Number.NaN, 0, -1, 2 ** 40]) {
  test(`a deadline of ${deadline} ms is refused`, async () => {
    for (const name of ["deadlineMs", "loadDeadlineMs"]) {
      await assert.rejects(createGuardedEngine(policies("x := 1"), { [name]: deadline }), option);
    }
  });
}

describe("a time that the clock cannot hold is an error", () => {
  const engine = engineWith("x := time.now_ns()");
  for (const nowNs of [10n ** 30n, -1n, 2n ** 63n]) {
    test(String(nowNs), () => {
      const answer = engine.evaluate("data.t.x", {}, { nowNs });
      assert.equal(answer.kind === "error" && answer.error.code, "option");
    });
  }
  test("the last one is none", () => {
    const nowNs = 2n ** 63n - 1n;
    assert.deepEqual(engine.evaluate("data.t.x", {}, { nowNs }), { kind: "value", value: nowNs });
  });
});

describe("whatever an input does when it is read, the answer is an error of the input", () => {
  const fails = (): never => {
    throw new TypeError("no");
  };
  let shared: RegoValue = ["x"];
  for (let level = 0; level < 60; level++) shared = [shared, shared];
  const inputs: readonly (readonly [string, RegoValue])[] = [
    ["a proxy that throws", new Proxy({}, { ownKeys: fails })],
    ["a field that throws", Object.defineProperty({}, "a", { enumerable: true, get: fails })],
    ["a list that throws", new Proxy([], { get: fails })],
    ["a list of four thousand million", new Array(2 ** 32 - 1)],
    ["a list that holds another one twice, sixty times", shared],
    ["a revoked proxy", revoked()],
  ];
  for (const [name, input] of inputs) {
    test(name, async () => {
      const engine = engineWith("x := 1");
      const answer = engine.evaluate("data.t.x", input);
      assert.equal(answer.kind === "error" && answer.error.code, "input");
    });
  }

  test("in a guarded engine its neighbours are answered", async () => {
    const engine = await createGuardedEngine(policies("x := 1"), {
      deadlineMs: 60_000,
      loadDeadlineMs: 60_000,
    });
    const answers = await engine.evaluate("data.t.x", [1, ...inputs.map(([, input]) => input), 2]);
    assert.deepEqual(
      answers.map((answer) => (answer.kind === "error" ? answer.error.code : answer.kind)),
      ["value", ...inputs.map(() => "input"), "value"],
    );
    const late = await engine.evaluate("data.t.x", [1], { nowNs: 10n ** 30n });
    assert.deepEqual(
      late.map((answer) => answer.kind === "error" && answer.error.code),
      ["option"],
    );
    await engine.close();
  });
});

test("inputs that are no array are refused, and not waited for", async () => {
  const engine = await createGuardedEngine(policies("x := 1"));
  for (const inputs of [new Set([1]), { length: 1 }, "text", undefined]) {
    const asked = async (): Promise<unknown> => Reflect.apply(engine.evaluate, engine, ["data.t.x", inputs]);
    await assert.rejects(asked, { name: "TypeError", message: /inputs must be an array/ });
  }
  await engine.close();
});

function revoked(): RegoValue {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test("options and limits that there are not, and what is none, are refused by their names", async () => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ limits: { maxStep: 5 } }, /^limits has no maxStep; there are maxSteps,/],
    [{ limits: null }, /^limits must be an object/],
    [{ strict: true }, /^options has no strict; there are limits, strictBuiltinErrors/],
    [{ strictBuiltinErrors: "yes" }, /^strictBuiltinErrors is true or false, not a string/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => createEngine(policies("x := 1"), options), { ...option, message });
    await assert.rejects(createGuardedEngine(policies("x := 1"), options), { ...option, message });
  }
});

test("dates, maps and sets in an input are an error, and not objects without members", () => {
  const engine = engineWith("x := input");
  for (const value of [new Date(0), new Map([["a", 1]]), new Set([1]), new Error("x")]) {
    const input: RegoValue = JSON.parse('{"at":null}');
    const answer = engine.evaluate("data.t.x", Object.assign(input ?? {}, { at: value }));
    assert.ok(answer.kind === "error" && answer.error.code === "input");
    assert.match(answer.error.message, /the input holds a (?:Date|Map|Set|Error), which is no JSON/);
  }
  const bare = Object.assign(Object.create(null), { a: 1 });
  assert.deepEqual(engine.evaluate("data.t.x", bare), { kind: "value", value: { a: 1 } });
});
