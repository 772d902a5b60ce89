import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../src/config/units.ts";

test("durations are read with their unit, and in seconds without one", () => {
  assert.equal(parseDuration("500ms"), 500);
  assert.equal(parseDuration("1s"), 1_000);
  assert.equal(parseDuration("1.5s"), 1_500);
  assert.equal(parseDuration("2m"), 120_000);
  assert.equal(parseDuration("72h"), 259_200_000);
  assert.equal(parseDuration("5"), 5_000);
  assert.equal(parseDuration("0.5"), 500);
  assert.equal(parseDuration("0"), 0);
});

test("sizes are read in binary and decimal units, and in bytes without one", () => {
  assert.equal(parseSize("64MiB"), 67_108_864);
  assert.equal(parseSize("1GiB"), 1_073_741_824);
  assert.equal(parseSize("1gib"), 1_073_741_824);
  assert.equal(parseSize("1 MB"), 1_000_000);
  assert.equal(parseSize("512"), 512);
});

test("what is no amount is refused, and not read in part", () => {
  for (const text of ["", "s", "5x", "-1s", "1s2", "1e3", "0x10", "Infinity", "NaN", "1,5s", "5 parsecs"]) {
    assert.equal(parseDuration(text), undefined, text);
    assert.equal(parseSize(text), undefined, text);
  }
  assert.equal(parseSize("999999999999999TiB"), undefined);
});

test("a written amount is read back as the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (amount) => {
      assert.equal(parseDuration(formatDuration(amount)), amount);
      assert.equal(parseSize(formatSize(amount)), amount);
    }),
  );
});

test("reading any text ends and gives a whole number or nothing", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const read of [parseDuration(text), parseSize(text)]) {
        assert.ok(read === undefined || Number.isSafeInteger(read));
      }
    }),
  );
});
