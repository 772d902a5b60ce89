import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEngine } from "../src/engine.ts";
import { RegoError } from "../src/errors.ts";
import { policies } from "./policies.ts";

function refusal(body: string): RegoError {
  try {
    createEngine(policies(body));
  } catch (error) {
    if (error instanceof RegoError) return error;
    throw error;
  }
  assert.fail("the policy was taken");
}

describe("what is wrong with a policy is said with its place when it is loaded", () => {
  const cases: readonly (readonly [string, string, number, number, RegExp])[] = [
    ["a syntax error", "x if { input.a > }", 2, 18, /expecting expression/],
    ["a variable without a value", "\n\nx if { y > 1 }", 4, 8, /the variable y is unsafe/],
    ["Rego v0", "x { true }", 2, 3, /`if` keyword/],
    ["a function that does not exist", "x if { nothing(1) }", 2, 15, /no function nothing/],
    [
      "a function that does not exist, in a function",
      "f(n) if { data.u.g(n) }\nx if not f(1)",
      2,
      19,
      /data\.u\.g/,
    ],
    ["a builtin function that needs the network", 'x := http.send({"url": "u"})', 2, 15, /http\.send/],
    ["a network function that assigns", 'x if net.cidr_is_valid("10.0.0.0/8", true)', 2, 23, /1 arguments/],
    ["an input under another meaning", "input := 1", 2, 1, /input cannot be shadowed/],
    ["a string without an end", 'x := "abc', 2, 10, /invalid character in string/],
    ["a null character, in a comment too", "x := 1 # a\0b", 2, 11, /null character/],
    ["a lone carriage return", "x := 1\ry := 2", 2, 7, /must be followed by/],
    ["a line separator of Unicode", "x := \u20281", 2, 6, /invalid character/],
    ["a byte order mark inside", "x := 1\n\ufeffy := 2", 3, 1, /byte order mark/],
  ];
  for (const [name, body, line, column, message] of cases) {
    test(name, () => {
      const error = refusal(body);
      assert.equal(error.code, "compile");
      assert.match(error.message, message);
      const sourceLine = `package t\n${body}`.split("\n")[line - 1];
      assert.deepEqual(error.place, { file: "t.rego", line, column, sourceLine });
    });
  }
});

test("a file's name can have a line break", () => {
  const file = "a:1:2\n  |\n1.rego";
  assert.throws(() => createEngine({ modules: [{ file, text: "package t\nx := )" }] }), {
    place: { file, line: 2, column: 6, sourceLine: "x := )" },
  });
});

test("a text without a package is refused at its beginning", () => {
  assert.throws(
    () => createEngine({ modules: [{ file: "p/a.rego", text: "" }] }),
    (error) => error instanceof RegoError && error.place?.file === "p/a.rego" && error.place.line === 1,
  );
});

test("functions are found in the own package, by import, under another name, and by their full path", () => {
  const lib = { file: "lib.rego", text: 'package lib["a-b"]\nf(n) := n + 1\n' };
  const text = `package t
import data.lib
import data.lib["a-b"] as other
own(n) := n
x := [own(1), lib["a-b"].f(1), other.f(1), data.lib["a-b"].f(1), data.t.own(1)]`;
  const engine = createEngine({ modules: [lib, { file: "t.rego", text }] });
  assert.deepEqual(engine.evaluate("data.t.x", undefined), { kind: "value", value: [1, 2, 2, 2, 1] });
});

describe("a document that is wrong is named, and its values are not", () => {
  const twice = "1/data.json and another document have different values at one path";
  for (const [name, texts, message] of [
    ["no JSON", ['{"a":\n"s3cr3t" '], /^0\/data\.json:2:\d+: [^"]+$/],
    ["no object at the top", ['["s3cr3t"]'], "0/data.json: the whole must be an object"],
    ["two values for one path", ['{"a": "s3cr3t"}', '{"a": 2}'], twice],
  ] as const) {
    test(name, () => {
      const documents = texts.map((text, n) => ({ file: `${n}/data.json`, path: [], text }));
      assert.throws(() => createEngine({ modules: [], documents }), {
        code: "document",
        message,
      });
    });
  }
});

describe("a document never stands in the place of a rule", () => {
  for (const [name, text, path, document] of [
    ["at its path", "package acme\nallow if false", ["acme"], '{"allow": true}'],
    ["at its path, from above", "package acme\nallow if false", [], '{"acme": {"allow": true}}'],
    ["under its path", "package acme\nallow if false", ["acme", "allow"], '{"a": 1}'],
    ["above its path", "package acme.egress\nallow if false", [], '{"acme": 1}'],
    ["at a function's path", "package acme\nf(n) := n", ["acme"], '{"f": null}'],
    ["at a partial rule's path", "package acme\nallow contains 1", ["acme"], '{"allow": [2]}'],
  ] as const) {
    test(name, () => {
      const policies = {
        modules: [{ file: "a.rego", text }],
        documents: [{ file: "data.json", path, text: document }],
      };
      assert.throws(() => createEngine(policies), {
        code: "document",
        message: /is the path of a rule, in a\.rego$/,
      });
    });
  }

  test("beside it there is room", () => {
    const documents = [{ file: "data.json", path: ["acme"], text: '{"limit": 1, "allow2": true}' }];
    const text = "package acme\nallow if data.acme.limit == 1";
    const engine = createEngine({ modules: [{ file: "a.rego", text }], documents });
    assert.deepEqual(engine.evaluate("data.acme.allow", {}), { kind: "value", value: true });
  });
});
