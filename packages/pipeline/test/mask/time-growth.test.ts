import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { PIECES, repeat } from "./pieces.ts";
import { findTimeCost, findTimeGrowth, TIMES } from "./time-growth.ts";

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

const ORDINARY = "2026-01-02 03:04:05 INFO login user=ada token=a1b2c3d4 took 5ms\n";
const COSTLY = 20_000;
/** Often in one line, with more blanks behind it than any expression goes over at once. */
const inLongLine = (piece: string, blanks = 2_000): string =>
  `password=a\n  ~ ${piece.repeat(42)}${" ".repeat(blanks)}x\n`;

describe("no expression of a rule goes over a part of a text from many places", () => {
  const mask = (text: string): unknown => masker.maskText(text);
  const findCost = (run: (text: string) => unknown, piece: string): string | undefined => {
    const text = repeat(piece, COSTLY);
    return findTimeCost(run, repeat(ORDINARY, text.length), text);
  };
  for (const piece of PIECES) {
    test(JSON.stringify(piece), () => {
      assert.equal(findCost(mask, piece), undefined);
      assert.equal(findCost(mask, inLongLine(piece)), undefined);
    });
  }

  test("one that did, for each place so far from which it may begin, is found", () => {
    const NAMED = /^[ \t]*~ (?:\S.{0,256})?<<[A-Z](?: # .{0,256})?[ \t]*$/;
    const run = (text: string): unknown => {
      masker.maskText(text);
      // A plan is read as it was and as it is, and masked again.
      return Array.from({ length: 4 }, () => text.split("\n").map((line) => NAMED.test(line)));
    };
    assert.notEqual(findCost(run, inLongLine("<<E # ", COSTLY - 1_000)), undefined);
  });
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
