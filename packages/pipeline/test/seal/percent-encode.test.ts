import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeSegment } from "../../src/seal/percent-encode.ts";

test("a segment is legal, and decodes to what it was made of", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const segment = encodeSegment(text) ?? "";
      assert.match(segment, /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-F]{2})*$/);
      assert.equal(decodeURIComponent(segment), text);
    }),
    { seed: 62, numRuns: 500 },
  );
});

test("only what a segment does not allow is encoded", () => {
  assert.equal(encodeSegment("-._~!$&'()*+,;=:@aZ09"), "-._~!$&'()*+,;=:@aZ09");
  assert.equal(encodeSegment("a/b?c#d[e]f%g h\u0000é"), "a%2Fb%3Fc%23d%5Be%5Df%25g%20h%00%C3%A9");
  assert.equal(encodeSegment("%2B"), "%252B");
});

test("a lone surrogate has no encoding", () => {
  assert.equal(encodeSegment("a\ud800"), undefined);
});
