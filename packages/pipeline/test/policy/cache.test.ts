import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { PolicyInput } from "../../src/draft.ts";
import { DecisionCache } from "../../src/policy/decision-cache.ts";
import { compileInputDocument, compileInputKey } from "../../src/policy/input-key.ts";
import { inputOf } from "./rig.ts";

const FIELDS = ["event_type", "subject", "source", "tenant_id"] as const;

/** Short texts of few letters, so that runs which could be mistaken for one another come up. */
const text = fc.string({ unit: fc.constantFrom("a", "1", ":", "-", "\u0000"), maxLength: 4 });
const input: fc.Arbitrary<PolicyInput> = fc.record({
  event_type: text,
  subject: fc.option(text, { nil: undefined }),
  source: text,
  tenant_id: fc.option(text, { nil: undefined }),
});

test("inputs have one key exactly when they agree in the fields that the policy reads", () => {
  fc.assert(
    fc.property(fc.subarray([...FIELDS]), input, input, (fields, a, b) => {
      const keyOf = compileInputKey({ fields });
      const same = fields.every((field) => a[field] === b[field]);
      assert.equal(keyOf(a) === keyOf(b), same);
    }),
  );
});

/** Where a text is cut into the four fields. */
const cuts = fc
  .array(fc.nat(8), { minLength: 3, maxLength: 3 })
  .map((places) => places.sort((first, second) => first - second));

function cutUp(whole: string, [first = 0, second = 0, third = 0]: readonly number[]): PolicyInput {
  return {
    event_type: whole.slice(0, first),
    subject: whole.slice(first, second),
    source: whole.slice(second, third),
    tenant_id: whole.slice(third),
  };
}

test("inputs have different keys when one text is cut into their fields at different places", () => {
  const whole = fc.string({
    unit: fc.constantFrom("a", "1", ":", "-", "\u0000"),
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(whole, cuts, cuts, (text, at, elsewhere) => {
      const [one, other] = [cutUp(text, at), cutUp(text, elsewhere)];
      const keyOf = compileInputKey({ fields: "all" });
      assert.equal(keyOf(one) === keyOf(other), isDeepStrictEqual(one, other));
    }),
    { numRuns: 1_000 },
  );
});

test("an absent field has another key than an empty one, and than what an absent one is written as", () => {
  for (const fields of ["all", [...FIELDS], ["subject"], ["tenant_id"], ["subject", "tenant_id"]] as const) {
    const keyOf = compileInputKey({ fields });
    for (const field of ["subject", "tenant_id"] as const) {
      if (fields !== "all" && !fields.some((name) => name === field)) continue;
      const values = [undefined, "", "-", "--", "0:", "-0:", "null", "undefined", "\u0000"];
      const keys = values.map((value) => keyOf(inputOf("t", { [field]: value })));
      assert.equal(new Set(keys).size, values.length, `${field} of ${String(fields)}: ${keys.join(" ")}`);
    }
  }
});

/** What was put together of the first is as long as what was of the second, if the length ran into the value. */
const LONG = "d".repeat(28);

/** By what a key that was put together less carefully would hide: subject and source of two inputs. */
const MISTAKABLE: Readonly<Record<string, readonly [one: Pair, other: Pair]>> = {
  "a letter behind the border": [
    ["a", "bc"],
    ["ab", "c"],
  ],
  "an empty one in front": [
    ["", "ab"],
    ["ab", ""],
  ],
  "a length in the value": [
    ["", "1:a"],
    ["1:a", ""],
  ],
  "a length that runs into the value": [
    ["2bc", `${LONG}9${"d".repeat(9)}`],
    [`bc38${LONG}`, "d".repeat(9)],
  ],
  "a value that has the next one's length": [
    ["a1:b", "c"],
    ["a", "b1:c"],
  ],
  "texts of one length": [
    ["ab", "cd"],
    ["cd", "ab"],
  ],
  case: [
    ["a", "b"],
    ["A", "b"],
  ],
  spaces: [
    ["a ", "b"],
    [" a", "b"],
  ],
  quotes: [
    ['a","b', "c"],
    ["a", 'b","c'],
  ],
  "letters that look the same": [
    ["\u00e9", "b"],
    ["e\u0301", "b"],
  ],
};
type Pair = readonly [subject: string, source: string];

for (const [name, [one, other]] of Object.entries(MISTAKABLE)) {
  test(`inputs have different keys: ${name}`, () => assertApart(one, other));
}

test("an absent field has another key than one that is absent in another place", () => {
  const keyOf = compileInputKey({ fields: "all" });
  const one = { event_type: "t", subject: "a", source: "b", tenant_id: undefined };
  const other = { event_type: "t", subject: undefined, source: "a", tenant_id: "b" };
  assert.notEqual(keyOf(one), keyOf(other));
});

test("inputs have different keys whatever character could be a separator", () => {
  for (let code = 0; code < 256; code++) {
    const mark = String.fromCharCode(code);
    assertApart([`a${mark}b`, "c"], ["a", `b${mark}c`]);
    assertApart([`a${mark}${mark}b`, "c"], ["a", `b${mark}${mark}c`]);
  }
});

function assertApart(one: Pair, other: Pair): void {
  for (const fields of ["all", ["subject", "source"]] as const) {
    const [first, second] = [one, other].map(([subject, source]) =>
      compileInputKey({ fields })(inputOf("t", { subject, source })),
    );
    assert.notEqual(first, second);
  }
}

test("a policy that reads its input whole tells every field apart, one that reads foreign fields none", () => {
  const whole = compileInputKey({ fields: "all" });
  for (const field of FIELDS) assert.notEqual(whole(inputOf("t")), whole(inputOf("t", { [field]: "other" })));
  const foreign = compileInputKey({ fields: ["action", "data"] });
  assert.equal(foreign(inputOf("a")), foreign(inputOf("b", { subject: undefined })));
});

test("what an event does not have is absent from the policy's input, not null", () => {
  const documentOf = compileInputDocument({ fields: "all" });
  const document = documentOf(inputOf("t", { subject: undefined, tenant_id: undefined }));
  assert.deepEqual(document, { event_type: "t", source: "https://orders.acme.com" });
});

test("what the policy cannot read is not passed to it, and half a character is replaced", () => {
  const documentOf = compileInputDocument({ fields: ["tenant_id", "event_type", "action"] });
  assert.deepEqual(documentOf(inputOf("t", { tenant_id: "a\ud800" })), {
    event_type: "t",
    tenant_id: "a\ufffd",
  });
});

test("a flood of keys leaves the cache within its bounds and what is used in it", () => {
  const cache = new DecisionCache({ maxEntries: 100, maxBytes: 1_000_000 });
  cache.set("used", true);
  for (let i = 0; i < 10_000; i++) {
    cache.set(`once ${i}`, false);
    assert.equal(cache.get("used"), true);
    assert.ok(cache.size <= 100);
  }
  assert.equal(cache.get("once 0"), undefined);
  assert.equal(cache.get("once 9999"), false);
});

test("long keys count by their bytes, and one too long is not kept", () => {
  const cache = new DecisionCache({ maxEntries: 1_000, maxBytes: 20_000 });
  for (let i = 0; i < 100; i++) cache.set(`${i}`.padEnd(1_000), true);
  assert.ok(cache.size <= 10, `${cache.size} entries`);
  cache.set("x".repeat(10_000), true);
  assert.equal(cache.get("x".repeat(10_000)), undefined);
});
