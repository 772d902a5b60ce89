import assert from "node:assert/strict";
import { test } from "node:test";
import { OtlpDecodeError, OtlpTooLargeError } from "../../src/contracts.ts";
import { findRequestFault } from "../../src/thread/request-fault.ts";
import { TaskAbandonedError, TaskFailedError } from "../../src/thread/task-thread.ts";

test("what is wrong with a request keeps its kind over a thread: undecodable, or too large", () => {
  for (const Kind of [OtlpDecodeError, OtlpTooLargeError]) {
    const own = new Kind("byte 4: no");
    assert.equal(findRequestFault(own), own);
    const far = new TaskFailedError(own.name, own.message);
    const found = findRequestFault(far);
    assert.ok(found instanceof Kind);
    assert.deepEqual([found.name, found.message, found.cause], [own.name, own.message, far]);
  }
});

test("what is wrong with the sidecar is not laid at the request's door", () => {
  for (const error of [
    new TaskFailedError("RangeError", "x"),
    new TaskAbandonedError("late"),
    new Error("x"),
    1,
  ]) {
    assert.equal(findRequestFault(error), undefined);
  }
});

test("a request that costs more than one may is at fault itself: sent again it would cost the same", () => {
  const given = new TaskAbandonedError("it is not done after 20 seconds", { isCostly: true });
  const found = findRequestFault(given);
  assert.ok(found instanceof OtlpTooLargeError);
  assert.match(found.message, /costs too much: it is not done after 20 seconds/);
});
