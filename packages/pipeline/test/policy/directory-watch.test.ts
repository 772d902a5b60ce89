import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { DirectoryWatch } from "../../src/policy/directory-watch.ts";
import { ManualClock } from "../deliver/manual-clock.ts";

interface WatchRig {
  readonly clock: ManualClock;
  /** What the folder is now. */
  state: string;
  /** The states that were loaded, with when. */
  readonly loads: { readonly state: string; readonly atMs: number }[];
  outcome: "loaded" | "changed" | "failed";
}

/** A watch over a folder that is not there, so that nothing but the clock says when to look. */
function watchOf(context: TestContext): WatchRig {
  const clock = new ManualClock();
  const rig: WatchRig = { clock, state: "first", loads: [], outcome: "loaded" };
  const watch = new DirectoryWatch("/nowhere/policies", "first", {
    clock,
    fingerprint: async () => rig.state,
    load: async (state) => {
      rig.loads.push({ state, atMs: clock.now() });
      return rig.outcome;
    },
  });
  context.after(() => watch.close());
  return rig;
}

test("a change is loaded within a second, once, and not before the folder has been still for 200 ms", async (t) => {
  const rig = watchOf(t);
  await rig.clock.pass(1_010);
  const changedAtMs = rig.clock.now();
  rig.state = "second";
  await rig.clock.pass(5_000);
  assert.deepEqual(
    rig.loads.map(({ state }) => state),
    ["second"],
  );
  const tookMs = (rig.loads[0]?.atMs ?? 0) - changedAtMs;
  assert.ok(tookMs >= 200 && tookMs <= 600, `after ${tookMs} ms`);
});

test("a folder that goes on changing is loaded when it is done", async (t) => {
  const rig = watchOf(t);
  for (let i = 0; i < 40; i++) {
    rig.state = `half ${i}`;
    await rig.clock.pass(100);
  }
  assert.deepEqual(rig.loads, []);
  rig.state = "whole";
  await rig.clock.pass(1_000);
  assert.deepEqual(
    rig.loads.map(({ state }) => state),
    ["whole"],
  );
});

test("what changes while it is loaded is loaded again", async (t) => {
  const rig = watchOf(t);
  rig.state = "second";
  rig.outcome = "changed";
  await rig.clock.passUntil(() => rig.loads.length === 1);
  rig.state = "third";
  rig.outcome = "loaded";
  await rig.clock.pass(2_000);
  assert.deepEqual(
    rig.loads.map(({ state }) => state),
    ["second", "third"],
  );
});

test("what does not compile is not compiled again until it changes, what cannot be read is tried again", async (t) => {
  const rig = watchOf(t);
  rig.state = "broken";
  await rig.clock.pass(20_000);
  assert.equal(rig.loads.length, 1);
  rig.state = "unreadable";
  rig.outcome = "failed";
  await rig.clock.pass(20_000);
  const tries = rig.loads.length - 1;
  assert.ok(tries >= 3 && tries <= 5, `${tries} tries`);
  rig.outcome = "loaded";
  await rig.clock.pass(6_000);
  const { length } = rig.loads;
  await rig.clock.pass(20_000);
  assert.equal(rig.loads.length, length);
});

test("a change that is taken back in time is no change", async (t) => {
  const rig = watchOf(t);
  await rig.clock.pass(260);
  rig.state = "second";
  await rig.clock.pass(260);
  rig.state = "first";
  await rig.clock.pass(5_000);
  assert.deepEqual(rig.loads, []);
});

test("a closed watch looks no more", async () => {
  const clock = new ManualClock();
  let looks = 0;
  const watch = new DirectoryWatch("/nowhere/policies", "first", {
    clock,
    fingerprint: async () => `state ${looks++}`,
    load: async () => "loaded",
  });
  await clock.pass(1_000);
  watch.close();
  const before = looks;
  await clock.pass(10_000);
  assert.equal(looks, before);
  assert.equal(clock.untilNextMs, Number.POSITIVE_INFINITY);
});
