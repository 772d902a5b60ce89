import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measureQuality, type Score } from "../../../../testing/bench/masking/quality.ts";
import { TARGETS } from "../../../../testing/bench/masking/targets.ts";

/** A few samples of each category in each placement; `npm run bench:masking` takes many. */
const { byCategory, byPlacement, examples } = measureQuality(6, 20_260_319);

function check(name: string, { precision, recall }: Score): void {
  const figures = `${name}: precision ${precision}, recall ${recall}\n${examples.join("\n")}`;
  assert.ok(precision >= TARGETS.precision && recall >= TARGETS.recall, figures);
}

describe("precision and recall on the labelled corpus", () => {
  for (const [name, score] of byCategory) test(name, () => check(name, score));
});

describe("in each placement", () => {
  for (const [name, score] of byPlacement) test(name, () => check(name, score));
});
