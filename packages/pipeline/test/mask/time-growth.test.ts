import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { PIECES, repeat } from "./pieces.ts";
import { findTimeGrowth, TIMES } from "./time-growth.ts";

const SIZE = 10_000;

const masker = createMasker({
  categories: { phone: true, ip: true },
  literals: ["aaaaaaaaab", "aab", "4111 4112"],
  blockedKeys: ["staff"],
});

describe("no expression of a rule backtracks over a text again and again", () => {
  for (const piece of PIECES) {
    test(JSON.stringify(piece), () => {
      const mask = (text: string): unknown => masker.maskText(text);
      assert.equal(findTimeGrowth(mask, repeat(piece, SIZE), repeat(piece, TIMES * SIZE)), undefined);
    });
  }
});

/** As a rule must not look for something: from each `a` on over all that follow. */
const QUADRATIC = /a+b/g;
const quadratic: Readonly<Record<string, (text: string) => unknown>> = {
  exec: (text) => /a+b/.exec(text),
  test: (text) => /a+b/.test(text),
  match: (text) => text.match(QUADRATIC),
  matchAll: (text) => [...text.matchAll(QUADRATIC)],
  replace: (text) => text.replace(QUADRATIC, ""),
  replaceAll: (text) => text.replaceAll(QUADRATIC, ""),
  search: (text) => text.search(QUADRATIC),
  split: (text) => text.split(QUADRATIC),
  "a sticky one, at each place": (text) => {
    const sticky = /a+b/y;
    for (let i = 0; i < text.length; i++) {
      sticky.lastIndex = i;
      sticky.exec(text);
    }
  },
};

describe("a rule that takes quadratic time is found", () => {
  for (const [name, run] of Object.entries(quadratic)) {
    test(name, () => {
      assert.notEqual(findTimeGrowth(run, repeat("a", 2_000), repeat("a", TIMES * 2_000)), undefined);
    });
  }

  test("and one that takes linear time is not", () => {
    const linear = (text: string): unknown => text.replace(/[ab]+/g, "");
    assert.equal(findTimeGrowth(linear, repeat("a", 2_000), repeat("a", TIMES * 2_000)), undefined);
  });
});
