import assert from "node:assert/strict";
import { test } from "node:test";
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
