import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";

/** Texts by what is special about them, each with what is left of it. */
export type Cases = Readonly<Record<string, readonly (readonly [text: string, masked: string])[]>>;

/** Texts in which `§` stands for what goes. */
export function gone(value: string, ...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text.replaceAll("§", value), text.replaceAll("§", "[REDACTED]")]);
}

/** What stays, as it is. */
export function kept(...texts: readonly string[]): Cases[string] {
  return texts.map((text) => [text, text]);
}

/** A test for each text: that it is masked so by default, and that to mask it again changes nothing. */
export function testCases(cases: Cases): void {
  const masker = createMasker();
  for (const [name, pairs] of Object.entries(cases)) {
    describe(name, () => {
      for (const [text, masked] of pairs) {
        test(JSON.stringify(text), () => {
          assert.equal(masker.maskText(text), masked);
          assert.equal(masker.maskText(masked), masked);
        });
      }
    });
  }
}
