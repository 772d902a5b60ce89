/**
 * Whatever bytes come in, what reads them takes or refuses them: it does not crash, hang, hold more than it may, or
 * touch a prototype. Longer: CORESDK_FUZZ_RUNS=100000, or `npm run fuzz -- --minutes 60` with new seeds.
 */
import "./freeze.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./target.ts";
import { targets } from "./targets.ts";

const RUNS = Number(process.env["CORESDK_FUZZ_RUNS"] ?? 3000);
/** Others read little, or are quick to refuse. */
const FEW_RUNS = Math.ceil(RUNS / 5);

test("what everything inherits from is frozen while the decoders are fuzzed", () => {
  for (const { prototype } of [Object, Array, Map]) assert.ok(Object.isFrozen(prototype));
});

for (const [i, target] of targets.entries()) {
  test(`mutated input is taken or refused: ${target.name}`, async () => {
    const runs = target.name.startsWith("intake") ? RUNS : FEW_RUNS;
    const { taken, refused } = await fuzz(target, 51 + i, runs);
    // A fuzzer that is never let in, or never turned away, looks at half of the code.
    const needed = target.name === "grpc-message" ? -1 : 0;
    assert.ok(taken > 0 && refused > needed, `${taken} taken, ${refused} refused`);
  });
}
