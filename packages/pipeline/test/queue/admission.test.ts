import assert from "node:assert/strict";
import { test } from "node:test";
import { Admission } from "../../src/queue/admission.ts";

test("a queue that was left full by dead letters says so when it opens, before anything is refused", () => {
  const admission = new Admission(10_000, true);
  admission.resume(9_900, undefined);
  assert.equal(admission.refusing(), true);
  assert.match(admission.fullness(), /^the queue holds 9900 of 10000 bytes and has no room for \d+ more$/);
  admission.bytes = 5_000;
  assert.deepEqual([admission.refusing(), admission.fullness()], [false, ""]);
});

test("a queue that opens with less room than its newest batch took is full, and a small one that is empty is not", () => {
  const large = new Admission(10_000, true);
  large.resume(8_000, 3_000);
  assert.equal(large.refusing(), true);
  const small = new Admission(100, true);
  assert.equal(small.refusing(), false);
  small.resume(0, undefined);
  assert.equal(small.refusing(), false);
  const ring = new Admission(10_000, false);
  ring.resume(10_000, 3_000);
  assert.equal(ring.refusing(), false);
});
