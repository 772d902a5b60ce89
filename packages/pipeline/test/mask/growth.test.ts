import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { countSteps } from "./count-steps.ts";
import { PIECES, repeat } from "./pieces.ts";

const SIZE = 100_000;

const maskers = {
  "by default": createMasker(),
  "with everything on": createMasker({
    categories: { phone: true, ip: true },
    literals: ["aaaaaaaaab", "aab", "4111 4112"],
    blockedKeys: ["staff"],
  }),
};

for (const [name, masker] of Object.entries(maskers)) {
  describe(`twice the text is at most about twice the work, ${name}`, () => {
    for (const piece of PIECES) {
      test(JSON.stringify(piece), () => {
        const steps = [SIZE / 4, SIZE / 2, SIZE].map((size) => {
          const text = repeat(piece, size);
          return countSteps(() => masker.maskText(text));
        });
        const [quarter = 0, half = 0, whole = 0] = steps;
        assert.ok(whole <= half * 2.3 + 2_000, `${half} steps, then ${whole}`);
        assert.ok(half <= quarter * 2.3 + 2_000, `${quarter} steps, then ${half}`);
        // And no rule is linear with a factor that would stop the pipeline.
        assert.ok(whole <= SIZE * 600, `${whole} steps`);
      });
    }
  });
}
