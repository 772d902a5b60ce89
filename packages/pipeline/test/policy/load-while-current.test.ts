import assert from "node:assert/strict";
import { test } from "node:test";
import { loadWhileCurrent } from "../../src/policy/load-while-current.ts";
import { ManualClock, settle } from "../deliver/manual-clock.ts";

/** A load that goes on until it is given up. */
function loadForEver(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

test("a load that takes long is given up when its files have changed, so that it holds up no other", async () => {
  const clock = new ManualClock();
  let isStale = false;
  let outcome: unknown = "under way";
  const loading = loadWhileCurrent(loadForEver, () => Promise.resolve(isStale), clock).then((loaded) => {
    outcome = loaded;
  });
  await clock.pass(5_000);
  assert.equal(outcome, "under way");
  isStale = true;
  await clock.pass(200);
  await loading;
  assert.equal(outcome, undefined);
  assert.equal(clock.untilNextMs, Number.POSITIVE_INFINITY);
});

test("what is loaded in time is given, what fails throws, and nothing is looked at any more", async () => {
  const clock = new ManualClock();
  const never = (): Promise<boolean> => Promise.resolve(false);
  assert.equal(await loadWhileCurrent(() => Promise.resolve(1), never, clock), 1);
  const failing = loadWhileCurrent(() => Promise.reject(new TypeError("wrong")), never, clock);
  await assert.rejects(failing, TypeError);
  await settle();
  assert.equal(clock.untilNextMs, Number.POSITIVE_INFINITY);
});

test("a folder that cannot be looked at does not end a load", async () => {
  const clock = new ManualClock();
  const done = Promise.withResolvers<number>();
  const loading = loadWhileCurrent(
    () => done.promise,
    () => Promise.reject(new Error("gone")),
    clock,
  );
  await clock.pass(1_000);
  done.resolve(2);
  assert.equal(await loading, 2);
});
