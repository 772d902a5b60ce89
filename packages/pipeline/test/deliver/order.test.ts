import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { facts } from "../../src/facts.ts";
import { settle, settleUntil } from "./manual-clock.ts";
import { DELIVERED, FAILED, PARKED, Rig, rejected, retry } from "./rig.ts";

/** What befalls a send: in `lost` the peer has taken the events and its answer does not arrive. */
const fate = fc.constantFrom("taken", "taken", "taken", "refused", "failed", "lost", "parked", "thrown");

const scenario = fc.record({
  keys: fc.array(fc.constantFrom("a", "b", "c", "-"), { minLength: 1, maxLength: 60 }),
  bad: fc.array(fc.nat(59), { maxLength: 4 }),
  cuts: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 10 }),
  maxEventsPerSend: fc.integer({ min: 1, max: 9 }),
  maxInFlight: fc.integer({ min: 1, max: 5 }),
  flushIntervalMs: fc.constantFrom(0, 700),
  fates: fc.array(fc.record({ fate, delayMs: fc.nat(3_000) }), { maxLength: 40 }),
});

test("whatever fails, each key keeps its order and nothing is lost or sent after it was settled", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const rig = new Rig();
      rig.jitter = () => 0.5;
      const { sink, clock, delivery } = rig;
      sink.maxEventsPerSend = given.maxEventsPerSend;
      sink.maxInFlight = given.maxInFlight;
      sink.flushIntervalMs = given.flushIntervalMs;
      const ids = given.keys.map((key, i) => `${key}${i}`);
      const bad = new Set(given.bad.map((i) => ids[i]).filter((id) => id !== undefined));
      const done = new Set<string>();
      const received = new Set<string>();
      const out = new Set<string>();
      const fates = [...given.fates];

      const violations: string[] = [];
      const check = (holds: boolean, violation: string): void => {
        if (!holds) violations.push(violation);
      };
      sink.answer = async (sent) => {
        for (const id of sent) {
          check(!done.has(id), `${id} was sent after it was settled`);
          check(!out.has(id), `${id} was sent twice at once`);
          const before = olderOfKey(ids, id).filter((older) => !sent.includes(older));
          for (const older of before) {
            check(done.has(older) || bad.has(older), `${id} was sent before ${older} was settled`);
            check(!out.has(older), `${id} was sent while ${older} was out`);
          }
          out.add(id);
        }
        assert.deepEqual(
          sent,
          sent.toSorted((a, b) => ids.indexOf(a) - ids.indexOf(b)),
        );
        const { fate: what, delayMs } = fates.shift() ?? { fate: "taken", delayMs: 1 };
        await new Promise<void>((resolve) => {
          clock.schedule(delayMs, resolve);
        });
        for (const id of sent) out.delete(id);
        if (what === "refused") return retry();
        if (what === "failed") return FAILED;
        if (what === "parked") return PARKED;
        if (what === "thrown") throw new Error("broken");
        if (sent.some((id) => bad.has(id))) return rejected();
        for (const id of sent) received.add(id);
        if (what === "lost") return FAILED;
        for (const id of sent) done.add(id);
        return DELIVERED;
      };

      delivery.start();
      let rest = [...ids];
      for (let i = 0; rest.length > 0; i++) {
        const cut = given.cuts[i % given.cuts.length] ?? 1;
        await rig.append(...rest.slice(0, cut));
        rest = rest.slice(cut);
        await clock.pass(i % 2 === 0 ? 100 : 2_000);
      }
      await clock.passUntil(
        () => rig.facts.count(facts.delivered.name) + rig.facts.count(facts.deadLettered.name) === ids.length,
      );
      await settle();
      assert.deepEqual(violations, []);
      assert.equal(await rig.pending(), 0);
      assert.deepEqual(
        ids.filter((id) => !received.has(id)),
        ids.filter((id) => bad.has(id)),
        "what was not received is what the peer turned down",
      );
      assert.equal((await rig.letters()).length, bad.size);
    }),
    { numRuns: 150 },
  );
});

test("events of a subject that names no user keep their order where subjects stand in one row, and only there", async () => {
  const seen: string[][] = [];
  for (const keepsSubjects of [true, false]) {
    const rig = new Rig({ keepsSubjects });
    const { sink, clock } = rig;
    let failed = false;
    sink.maxInFlight = 1;
    sink.answer = ([id]) => {
      if (id !== "t1" || failed) return DELIVERED;
      failed = true;
      return retry();
    };
    rig.delivery.start();
    await rig.append(...["t1", "t2", "t3"].map((id) => ({ id, subject: "tenant/acme" })), { id: "none" });
    await clock.passUntil(() => rig.facts.count(facts.delivered.name) === 4);
    seen.push([...sink.ids]);
  }
  assert.deepEqual(seen, [
    ["t1", "none", "t1", "t2", "t3"],
    ["t1", "t2", "t3", "none", "t1"],
  ]);
});

test("a stuck event of one key does not stop others, however many wait behind it", async () => {
  const rig = new Rig();
  rig.sink.maxEventsPerSend = 20;
  let stuck = true;
  rig.sink.answer = (ids) => (stuck && ids.includes("a0") ? retry() : DELIVERED);
  rig.delivery.start();
  await rig.append("a0");
  await settle();
  for (let from = 1; from <= 30_000; from += 1_000) {
    await rig.append(...Array.from({ length: 1_000 }, (_, i) => `a${from + i}`));
  }
  await rig.append("b1");
  await settleUntil(() => rig.sink.ids.includes("b1"));
  await settle();
  assert.equal(rig.facts.count(facts.delivered.name), 1);
  stuck = false;
  await rig.clock.passUntil(() => rig.facts.count(facts.delivered.name) === 30_002);
  const ofKey = rig.sink.ids.filter((id) => id.startsWith("a")).map((id) => Number(id.slice(1)));
  assert.deepEqual(
    ofKey.slice(-30_001),
    Array.from({ length: 30_001 }, (_, i) => i),
  );
  await settle();
  assert.equal(await rig.pending(), 0);
});

test("events in retry that fill the window are read again when their time comes", async () => {
  const rig = new Rig();
  rig.sink.maxInFlight = 1;
  let healthy = false;
  // Every other send succeeds, so that the sink as a whole is not held to be down.
  let sends = 0;
  rig.sink.maxEventsPerSend = 10;
  rig.sink.answer = () => {
    sends += 1;
    return healthy || sends % 2 === 0 ? DELIVERED : retry(500_000);
  };
  rig.delivery.start();
  for (let i = 0; i < 30; i++) {
    await rig.append(...Array.from({ length: 1_000 }, (_, k) => ({ id: `${i}-${k}` })));
  }
  const count = (fact: { readonly name: string }): number => rig.facts.count(fact.name);
  await settleUntil(() => count(facts.delivered) + count(facts.retried) === 30_000);
  assert.ok(count(facts.retried) > 8_192, "more than the window holds");
  healthy = true;
  await rig.clock.passUntil(() => rig.facts.count(facts.delivered.name) === 30_000);
  await settle();
  assert.equal(await rig.pending(), 0);
  assert.equal(rig.facts.count(facts.failed.name), 0);
});

function olderOfKey(ids: readonly string[], id: string): readonly string[] {
  const key = id.charAt(0);
  if (key === "-") return [];
  return ids.slice(0, ids.indexOf(id)).filter((other) => other.charAt(0) === key);
}
