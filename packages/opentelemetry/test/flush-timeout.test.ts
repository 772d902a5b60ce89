import assert from "node:assert/strict";
import { test } from "node:test";
import { readFlushTimeout } from "../src/flush-timeout.ts";

test("a time-out that no timer can be set to is as long as a timer can be", () => {
  for (const timeoutMillis of [1e12, Number.POSITIVE_INFINITY, 2 ** 31]) {
    assert.equal(readFlushTimeout({ timeoutMillis }), 2_147_483_647);
  }
  assert.equal(readFlushTimeout({ timeoutMillis: -5 }), 0);
  assert.equal(readFlushTimeout({ timeoutMillis: 1.5 }), 1.5);
});

test("without a time-out it is the emitter's", () => {
  for (const options of [undefined, null, {}, { timeoutMillis: undefined }, { timeoutMillis: null }]) {
    assert.equal(readFlushTimeout(options), undefined);
  }
});

test("a time-out that is no number is refused by name", () => {
  for (const timeoutMillis of [Number.NaN, "5", {}, 5n, true]) {
    assert.throws(() => readFlushTimeout({ timeoutMillis }), {
      name: "TypeError",
      message: "CloudEventEmitter: forceFlush's timeoutMillis must be a number of milliseconds",
    });
  }
  assert.throws(() => readFlushTimeout(5), /forceFlush's options must be an object/);
});
