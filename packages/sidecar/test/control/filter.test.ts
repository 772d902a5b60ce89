import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileFilters, compileGlob, FilterError } from "../../src/control/filter.ts";
import { createBatch } from "./events.ts";

const batch = createBatch(
  { id: "1", type: "io.coresdk.auth.denied", tenant: "acme" },
  { id: "2", type: "io.coresdk.auth.verified" },
  { id: "3", type: "com.acme.order", tenant: "acme", user: "u" },
);

function chosen(...filters: string[]): readonly string[] {
  const filter = compileFilters(filters);
  return [0, 1, 2].filter((i) => filter(batch, i)).map((i) => batch.id(i));
}

test("no filter wants every event", () => {
  assert.deepEqual(chosen(), ["1", "2", "3"]);
});

test("one attribute matches exactly, and * stands for anything", () => {
  assert.deepEqual(chosen("type=com.acme.order"), ["3"]);
  assert.deepEqual(chosen("type=com.acme"), []);
  assert.deepEqual(chosen("type=io.coresdk.*"), ["1", "2"]);
  assert.deepEqual(chosen("type=*denied"), ["1"]);
  assert.deepEqual(chosen("subject=tenant/*/user/*"), ["3"]);
  assert.deepEqual(chosen("subject=*"), ["1", "3"]);
  assert.deepEqual(chosen("source=/te*"), ["1", "2", "3"]);
  assert.deepEqual(chosen("specversion=1.0", "id=2"), ["2"]);
});

test("several of one attribute are any of them, of different ones all of them", () => {
  assert.deepEqual(chosen("type=*denied", "type=com.*"), ["1", "3"]);
  assert.deepEqual(chosen("type=io.*", "subject=tenant/acme"), ["1"]);
});

test("an attribute that no event has matches none, and data is none", () => {
  assert.deepEqual(chosen("nothere=*"), []);
  assert.deepEqual(chosen("data=*"), []);
});

test("what is no filter is refused", () => {
  for (const filter of ["", "type", "Type=x", "=x", "a.b=c"]) {
    assert.throws(() => compileFilters([filter]), FilterError, filter);
  }
});

test("a pattern matches as the regular expression with .* would", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
  fc.assert(
    fc.property(word, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 }), (pattern, value) => {
      const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "s");
      assert.equal(compileGlob(pattern)(value), expression.test(value));
    }),
    { numRuns: 2_000 },
  );
});
