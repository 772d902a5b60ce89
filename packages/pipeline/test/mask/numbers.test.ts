import assert from "node:assert/strict";
import { test } from "node:test";
import { createMasker } from "../../src/mask/index.ts";

const R = "[REDACTED]";
const masker = createMasker();

test("a list that says it is longer than memory is looked through by what it holds", () => {
  const sparse: unknown[] = ["x"];
  sparse[7] = "a@b.co";
  sparse[3_999_999_999] = { password: "x" };
  assert.equal(sparse.length, 4e9);
  const masked = masker.maskValue(sparse);
  assert.ok(Array.isArray(masked));
  assert.equal(masked.length, 4e9);
  assert.deepEqual([masked[0], masked[7], masked[3_999_999_999]], ["x", R, { password: R }]);
  assert.equal(sparse[7], "a@b.co");
  assert.deepEqual(masker.find(sparse)[0], { path: "[7]", kind: "email" });
  const clean: unknown[] = [];
  clean.length = 4e9;
  assert.equal(masker.maskValue(clean), clean);
});

test("a long list is masked as a short one is", () => {
  const list: unknown[] = Array.from({ length: 70_000 }, () => "x");
  list[69_999] = "a@b.co";
  const masked = masker.maskValue(list);
  assert.ok(Array.isArray(masked));
  assert.deepEqual([masked.length, masked[0], masked[69_999]], [70_000, "x", R]);
});

test("patterns and literals of the user's are looked for in numbers as well", () => {
  const own = createMasker({ patterns: [{ name: "badge", regex: "^[0-9]{6}$" }], literals: ["98765"] });
  assert.deepEqual(own.maskValue({ a: 123_456, b: 987_654n, c: 1.5, d: -98_765, e: 1_234_567 }), {
    a: R,
    b: R,
    c: 1.5,
    d: R,
    e: 1_234_567,
  });
  assert.deepEqual(own.maskValue(new Float64Array([1, 123_456])), R);
  assert.deepEqual(own.find({ a: 123_456, b: [98_765] }), [
    { path: "a", kind: "pattern" },
    { path: "b[0]", kind: "literal" },
  ]);
  assert.equal(own.maskText('{"lit":98765,"ok":true,"n":7}'), `{"lit":"${R}","ok":true,"n":7}`);
});

test("a card's number is found however JSON writes it", () => {
  const text = '{"a":4111111111111111.0,"b":4.111111111111111e15,"c":4111111111111112.0,"d":1e3,"e":12.50}';
  const masked = `{"a":"${R}","b":"${R}","c":4111111111111112.0,"d":1e3,"e":12.50}`;
  assert.equal(masker.maskText(text), masked);
});

test("cards of Maestro and NAPAS are found in their longer forms", () => {
  for (const card of ["676770001234567892", "9704000000000018"]) {
    assert.equal(masker.maskText(`x ${card} y`), `x ${R} y`, card);
  }
});

test("keys of JSON that become the same as one that is there stay apart", () => {
  assert.equal(masker.maskText(`{"a@b.co":1,"${R}":2}`), `{"${R}":1,"${R}.2":2}`);
  assert.equal(masker.maskText(`{"${R}":2,"a@b.co":1,"c@d.co":3}`), `{"${R}":2,"${R}.2":1,"${R}.3":3}`);
  const twice = masker.maskText(`{"a@b.co":1,"${R}":{"c@d.co":2,"${R}":3}}`);
  assert.equal(twice, `{"${R}":1,"${R}.2":{"${R}":2,"${R}.2":3}}`);
  assert.equal(masker.maskText(twice), twice);
});

test("options that are none are refused by what they should be", () => {
  assert.throws(() => Reflect.apply(createMasker, undefined, [null]), /options must be an object/);
});
