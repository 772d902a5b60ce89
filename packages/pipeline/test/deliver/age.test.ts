import assert from "node:assert/strict";
import { test } from "node:test";
import { Ages } from "../../src/deliver/age.ts";
import { facts } from "../../src/facts.ts";
import { ManualClock } from "./manual-clock.ts";
import { DELIVERED, Rig, retry } from "./rig.ts";

test("past its age limit an event is kept as a dead letter, with the last reason", async () => {
  const rig = new Rig({ maxAgeMs: 10_000 });
  rig.delivery.start();
  rig.sink.answer = () => retry();
  await rig.append("-1");
  await rig.clock.passUntil(() => rig.facts.count(facts.deadLettered.name) === 1);
  const [letter] = await rig.letters();
  assert.equal(letter?.reason, "expired");
  assert.match(letter?.detail ?? "", /not now/);
  assert.equal(letter?.lastStatus, "503");
  assert.equal(await rig.pending(), 0);
});

test("while the sink fails, events that were never tried expire too", async () => {
  const rig = new Rig({ maxAgeMs: 5_000 });
  rig.sink.maxInFlight = 1;
  rig.sink.answer = () => retry();
  rig.delivery.start();
  await rig.append(...Array.from({ length: 20 }, (_, i) => `-${i}`));
  await rig.clock.passUntil(() => rig.facts.count(facts.deadLettered.name) === 20);
  assert.ok(rig.sink.sends.length < 20);
  assert.equal(await rig.pending(), 0);
});

for (const [direction, hours] of [
  ["back", -10],
  ["forward", 100],
] as const) {
  test(`a clock that is set ${direction} neither stops retries nor makes events older`, async () => {
    const rig = new Rig();
    rig.sink.answer = () => retry();
    rig.delivery.start();
    await rig.append("-1", "-2", "-3");
    await rig.clock.pass(60_000);
    rig.clock.step(hours * 3_600_000);
    await rig.append("-4");
    await rig.clock.pass(60_000);
    assert.ok(rig.sink.ids.includes("-4"));
    rig.sink.answer = () => DELIVERED;
    await rig.clock.pass(60_000);
    assert.equal(await rig.pending(), 0);
    assert.deepEqual(await rig.letters(), []);
    // What passes counts, as before.
    rig.sink.answer = () => retry();
    await rig.append("-5");
    await rig.clock.pass(73 * 3_600_000);
    assert.equal((await rig.letters()).length, 1);
  });
}

test("an event accepted right after the clock was set back, before anybody looked, is no older for it", async () => {
  const clock = new ManualClock();
  const ages = new Ages(clock);
  await clock.pass(60_000);
  ages.note();
  // Set back and forth; each time an event comes first, and only then does anybody look.
  for (const hours of [-2, 2, -100, 1, -3]) {
    await clock.pass(5_000);
    const before = clock.now();
    const beforeMs = clock.elapsed();
    await clock.pass(1);
    clock.step(hours * 3_600_000);
    await clock.pass(10);
    const after = clock.now();
    const afterMs = clock.elapsed();
    // The clock is trimmed by less than a step, too.
    clock.step(-900);
    await clock.pass(20);
    ages.note();
    assert.equal(ages.acceptedAt(before), beforeMs);
    assert.ok(Math.abs(ages.acceptedAt(after) - afterMs) < 1_000);
    await clock.pass(60_000);
    ages.note();
    assert.equal(ages.acceptedAt(before), beforeMs);
  }
});

test("what was accepted before the process began is as old as the time of day said then", () => {
  const clock = new ManualClock();
  const ages = new Ages(clock);
  const start = clock.now();
  assert.equal(ages.acceptedAt(start - 5_000), -5_000);
  clock.step(3_600_000);
  ages.note();
  assert.equal(ages.acceptedAt(start - 5_000), -5_000);
  assert.equal(ages.acceptedAt(clock.now()), 0);
  // Between the two settings nothing was accepted: the clock was set before anybody looked.
  assert.equal(ages.acceptedAt(clock.now() - 10), 0);
  assert.equal(ages.acceptedAt(clock.now() + 1e9), 0);
});
