import assert from "node:assert/strict";
import { test } from "node:test";
import { createEngine, RegoError } from "@coresdk/rego";
import { recordedAnswers, SEEDS } from "./opa-answers.ts";
import { inputs, makePolicy } from "./opa-policies.ts";

/** A letter for each input, as OPA's answers have it. */
function ownAnswers(seed: number): string {
  const { modules, data } = makePolicy(seed);
  try {
    const engine = createEngine({
      modules: modules.map((text, index) => ({ file: `${index}.rego`, text })),
      documents: [{ file: "data.json", path: [], text: JSON.stringify(data) }],
    });
    const words = inputs.map((input) => {
      const answer = engine.evaluate("data.p.allow", input);
      if (answer.kind !== "value") return answer.kind === "undefined" ? "u" : "e";
      return typeof answer.value === "boolean" ? String(answer.value).slice(0, 1) : "v";
    });
    return words.join("");
  } catch (error) {
    if (error instanceof RegoError) return `R ${error.message}`;
    throw error;
  }
}

test("no policy allows here what OPA does not, and few answers differ at all", (t) => {
  const recorded = recordedAnswers();
  assert.equal(recorded.length, SEEDS);
  const leaks: string[] = [];
  // OPA knows more of the types of what several rules hold: see the package's README.
  const untyped: number[] = [];
  let [compared, differ, refusedHere] = [0, 0, 0];
  for (const [seed, wanted] of recorded.entries()) {
    const got = ownAnswers(seed);
    if (got.startsWith("R")) {
      if (!wanted.startsWith("R")) refusedHere++;
      continue;
    }
    if (wanted === "R rego_type_error") {
      untyped.push(seed);
      continue;
    }
    for (const [index, word] of [...got].entries()) {
      const expected = wanted.startsWith("R") ? wanted : wanted[index];
      compared++;
      if (word !== expected) differ++;
      if (word === "t" && expected !== "t") leaks.push(`seed ${seed}, input ${index}: ${expected} in OPA`);
    }
  }
  assert.deepEqual(leaks, []);
  assert.ok(untyped.length <= SEEDS / 50, `policies that OPA refuses for their types: ${untyped.join(", ")}`);
  assert.ok(compared > SEEDS, `${compared} answers`);
  assert.ok(
    differ < compared / 20 && refusedHere < SEEDS / 20,
    `${differ} differ, ${refusedHere} refused here alone`,
  );
  t.diagnostic(
    `${compared} answers, ${differ} differ, ${refusedHere} of ${SEEDS} policies are refused here alone`,
  );
});
