import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createEngine } from "../src/engine.ts";
import { RegoError } from "../src/errors.ts";
import { rulePath } from "../src/rule-path.ts";
import { egress } from "./policies.ts";

const allow = rulePath("acme/cloudevents-egress", "allow");
const original = egress.modules[0]?.text ?? "";

/** Pieces of policies, and of nothing. */
const piece = fc.oneof(
  fc.constantFrom(
    ..."package import default allow if else not some every in with as contains := = == { } [ ] ( ) | , . ; _ \n".split(
      " ",
    ),
    "input",
    "data",
    "input.event_type",
    '"text"',
    "`raw`",
    "# comment\n",
    "count(",
    "time.now_ns()",
    "12",
    "-0.5e3",
    "\\u0000",
    "é",
    "\u{1F600}",
  ),
  fc.string({ maxLength: 8, unit: "binary" }),
);
const edits = fc.array(fc.tuple(fc.nat(original.length), fc.nat(20), piece), { minLength: 1, maxLength: 4 });

test("whatever becomes of a policy's text, it is loaded or refused, and evaluations are answered", () => {
  const runs = Number(process.env["CORESDK_FUZZ_RUNS"] ?? 300);
  let loaded = 0;
  fc.assert(
    fc.property(edits, (changes) => {
      let text = original;
      for (const [at, length, put] of changes) text = text.slice(0, at) + put + text.slice(at + length);
      try {
        const engine = createEngine({ modules: [{ file: "fuzz.rego", text }] });
        loaded++;
        engine.reads(allow);
        for (const input of [
          undefined,
          {},
          { event_type: "com.acme.order.created", tenant_id: "acme", subject: "s" },
        ]) {
          const answer = engine.evaluate(allow, input);
          assert.ok(["value", "undefined", "error"].includes(answer.kind));
        }
      } catch (error) {
        if (!(error instanceof RegoError)) throw error;
        assert.ok(["compile", "limit"].includes(error.code), `${error.code}: ${error.message}`);
      }
    }),
    { numRuns: runs, seed: 20261122 },
  );
  assert.ok(loaded > 0, "some texts are policies still");
});
