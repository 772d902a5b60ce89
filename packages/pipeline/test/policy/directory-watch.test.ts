import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { DirectoryWatch } from "../../src/policy/directory-watch.ts";
import type { Fingerprint } from "../../src/policy/fingerprint.ts";
import { ManualClock, settleUntil } from "../deliver/manual-clock.ts";
import { makeFolder, writeFiles } from "./rig.ts";

const NOTHING: Fingerprint = new Map();

interface Load {
  /** What the state says about the file `main`. */
  readonly main: string;
  readonly isRestless: boolean;
  readonly atMs: number;
}

interface WatchRig {
  readonly clock: ManualClock;
  readonly files: Map<string, string>;
  readonly loads: Load[];
  outcome: "loaded" | "changed" | "failed";
  /** How long a load takes. */
  loadMs: number;
}

/** Without a folder, one that is not there is watched, so that nothing but the clock says when to look. */
function watchOf(context: TestContext, dir = "/nowhere/policies"): WatchRig {
  const clock = new ManualClock();
  const files = new Map([["main", "first"]]);
  const rig: WatchRig = { clock, files, loads: [], outcome: "loaded", loadMs: 0 };
  const watch = new DirectoryWatch(dir, new Map(files), {
    clock,
    fingerprint: async () => new Map(rig.files),
    load: async (state, isRestless) => {
      rig.loads.push({ main: state.get("main") ?? "", isRestless, atMs: clock.elapsed() });
      if (rig.loadMs > 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        clock.schedule(rig.loadMs, resolve);
        await promise;
      }
      return rig.outcome;
    },
  });
  context.after(() => watch.close());
  return rig;
}

test("a change is loaded within a second, once, and not before the folder has been still for 200 ms", async (t) => {
  const rig = watchOf(t);
  await rig.clock.pass(1_010);
  const changedAtMs = rig.clock.elapsed();
  rig.files.set("main", "second");
  await rig.clock.pass(5_000);
  assert.deepEqual(
    rig.loads.map(({ main }) => main),
    ["second"],
  );
  const tookMs = (rig.loads[0]?.atMs ?? 0) - changedAtMs;
  assert.ok(tookMs >= 200 && tookMs <= 600, `after ${tookMs} ms`);
});

test("a folder into which files are written one after the other is loaded when they are there", async (t) => {
  const rig = watchOf(t);
  for (let i = 0; i < 40; i++) {
    rig.files.set(`part ${i}`, "");
    await rig.clock.pass(100);
  }
  assert.deepEqual(rig.loads, []);
  rig.files.set("main", "whole");
  await rig.clock.pass(1_000);
  assert.deepEqual(
    rig.loads.map(({ main, isRestless }) => [main, isRestless]),
    [["whole", false]],
  );
});

for (const everyMs of [10, 100, 190]) {
  test(`a file that is written every ${everyMs} ms holds up neither itself nor another file`, async (t) => {
    const rig = watchOf(t);
    const churn = async (ms: number): Promise<void> => {
      for (const endMs = rig.clock.elapsed() + ms; rig.clock.elapsed() < endMs; ) {
        rig.files.set("churn", String(rig.clock.elapsed()));
        await rig.clock.pass(everyMs);
      }
    };
    await churn(2_000);
    assert.ok(rig.loads.length >= 1 && rig.loads[0]?.isRestless === true);
    rig.files.set("main", "second");
    const changedAtMs = rig.clock.elapsed();
    await churn(2_000);
    const load = rig.loads.find(({ main }) => main === "second");
    const tookMs = (load?.atMs ?? Number.POSITIVE_INFINITY) - changedAtMs;
    assert.ok(tookMs <= (everyMs < 50 ? 1_800 : 900), `after ${tookMs} ms`);
    // As soon as nothing is written, what is there in the end is loaded.
    const before = rig.loads.length;
    await rig.clock.pass(1_000);
    assert.equal(rig.loads.length, before + 1);
  });
}

test("a folder that never is still is loaded a fifth of the time", async (t) => {
  const rig = watchOf(t);
  rig.loadMs = 300;
  for (let i = 0; i < 600; i++) {
    rig.files.set("main", `${i}`);
    await rig.clock.pass(100);
  }
  assert.ok(rig.loads.length >= 30 && rig.loads.length <= 41, `${rig.loads.length} loads in a minute`);
});

test("files that change one after the other for ever are waited for five seconds, and no more", async (t) => {
  const rig = watchOf(t);
  for (let i = 0; i < 60; i++) {
    rig.files.set(`file ${i}`, "");
    await rig.clock.pass(100);
  }
  assert.equal(rig.loads.length, 1);
});

test("what changes while it is loaded is loaded again", async (t) => {
  const rig = watchOf(t);
  rig.files.set("main", "second");
  rig.outcome = "changed";
  await rig.clock.passUntil(() => rig.loads.length === 1);
  rig.files.set("main", "third");
  rig.outcome = "loaded";
  await rig.clock.pass(2_000);
  assert.deepEqual(
    rig.loads.map(({ main }) => main),
    ["second", "third"],
  );
});

test("what does not compile is not compiled again until it changes, what cannot be read is tried again", async (t) => {
  const rig = watchOf(t);
  rig.files.set("main", "broken");
  await rig.clock.pass(20_000);
  assert.equal(rig.loads.length, 1);
  rig.files.set("main", "unreadable");
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
  rig.files.set("main", "second");
  await rig.clock.pass(260);
  rig.files.set("main", "first");
  await rig.clock.pass(5_000);
  assert.deepEqual(rig.loads, []);
});

test("a closed watch looks no more", async () => {
  const clock = new ManualClock();
  let looks = 0;
  const watch = new DirectoryWatch("/nowhere/policies", NOTHING, {
    clock,
    fingerprint: async () => new Map([["main", `${looks++}`]]),
    load: async () => "loaded",
  });
  await clock.pass(1_000);
  watch.close();
  const before = looks;
  await clock.pass(10_000);
  assert.equal(looks, before);
  assert.equal(clock.untilNextMs, Number.POSITIVE_INFINITY);
});

test("where the system tells of a change, it is looked at sooner than without", async (t) => {
  const dir = await makeFolder(t, { "a.rego": "package a\n" });
  const { clock } = watchOf(t, dir);
  assert.equal(clock.untilNextMs, 200);
  await writeFiles(dir, { "a.rego": "package b\n" });
  await settleUntil(() => clock.untilNextMs < 200);
  assert.equal(clock.untilNextMs, 40);
});
