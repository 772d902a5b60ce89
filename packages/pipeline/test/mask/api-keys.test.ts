import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";
import { FORMS } from "../../src/mask/rules/api-keys.ts";

const R = "[REDACTED]";
const masker = createMasker();

/** Longer than what the gate looks at. */
const LONG = "the order was sent. ".repeat(900);

describe("a key of each form is found", () => {
  for (const { prefix, least, body } of FORMS) {
    const upper = body === "upper";
    for (const begins of [upper ? "A2B" : "aB3", upper ? "9AB" : "9aB"]) {
      const key = prefix + begins.repeat(least).slice(0, Math.max(least, 16));
      test(`${prefix}, behind it ${begins}`, () => {
        assert.equal(masker.maskText(key), R);
        assert.equal(masker.maskText(`got ${key} from it`), `got ${R} from it`);
        assert.equal(masker.maskText(`x=${key}&y=1`), `x=${R}&y=1`);
        assert.equal(masker.maskText(`${LONG}${key}, it said`), `${LONG}${R}, it said`);
      });
    }
  }
});
