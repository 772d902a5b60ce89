import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseRetryAfter } from "../../../src/deliver/http/retry-after.ts";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 0);

test("all forms of RFC 9110 are read", () => {
  assert.equal(parseRetryAfter("120", NOW), 120_000);
  assert.equal(parseRetryAfter(" 0 ", NOW), 0);
  assert.equal(parseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", NOW), 37_000);
  assert.equal(parseRetryAfter("Sunday, 06-Nov-94 08:49:37 GMT", NOW), 37_000);
  assert.equal(parseRetryAfter("Sun Nov  6 08:49:37 1994", NOW), 37_000);
});

test("a date in the past asks for no wait", () => {
  assert.equal(parseRetryAfter("Sun, 06 Nov 1994 08:48:37 GMT", NOW), 0);
});

test("what is neither form says nothing", () => {
  for (const value of [undefined, "", "soon", "-1", "1.5", "1e3", "2024-01-01", "Sun, never"]) {
    assert.equal(parseRetryAfter(value, NOW), undefined, String(value));
  }
});

test("whatever a peer sends, the wait is a number of milliseconds or nothing", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const asked = parseRetryAfter(value, NOW);
      return asked === undefined || (Number.isFinite(asked) && asked >= 0);
    }),
  );
});

test("a number of seconds is read however long it is, as a date far away is", () => {
  assert.equal(parseRetryAfter("999999999999", NOW), 999_999_999_999_000);
  assert.equal(parseRetryAfter("9".repeat(400), NOW), Number.MAX_SAFE_INTEGER);
  assert.ok((parseRetryAfter("Fri, 31 Dec 9999 23:59:59 GMT", NOW) ?? 0) > 1e14);
});
