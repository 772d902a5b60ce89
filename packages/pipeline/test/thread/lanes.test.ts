import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Lanes } from "../../src/thread/lanes.ts";

/** Takes everything that waits. */
function takeAll<Item>(lanes: Lanes<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = lanes.take(); item !== undefined; item = lanes.take()) taken.push(item);
  return taken;
}

test("a small item waits for no large ones of other lanes, whenever they came", () => {
  const lanes = new Lanes<string>();
  for (const name of ["a", "b", "c"]) lanes.add({}, name, 14);
  assert.equal(lanes.take(), "a");
  lanes.add({}, "small", 1);
  assert.deepEqual(takeAll(lanes), ["small", "b", "c"]);
});

test("a large item has its turn, however many small ones of other lanes come meanwhile", () => {
  const lanes = new Lanes<string>();
  lanes.add({}, "large", 10);
  let before = 0;
  for (; before < 100; before++) {
    lanes.add({}, "small", 1);
    if (lanes.take() === "large") break;
  }
  // Two lanes at a time share, so that the large one would have been served for as long as 20 small ones take.
  assert.equal(before, 18);
});

test("a lane gains nothing by having its items come one by one", () => {
  const lanes = new Lanes<string>();
  lanes.add({}, "large", 10);
  const lane = {};
  let before = 0;
  for (; before < 100; before++) {
    lanes.add(lane, "small", 1);
    if (lanes.take() === "large") break;
  }
  assert.equal(before, 9);
});

test("a lane with many items has no more than its share, and keeps their order", () => {
  const lanes = new Lanes<string>();
  const [many, few] = [{}, {}];
  for (let i = 0; i < 5; i++) lanes.add(many, `many ${i}`, 3);
  lanes.add(few, "few 0", 3);
  lanes.add(few, "few 1", 3);
  assert.deepEqual(takeAll(lanes), ["many 0", "few 0", "many 1", "few 1", "many 2", "many 3", "many 4"]);
});

test("what is removed is not taken, and its lane goes on", () => {
  const lanes = new Lanes<string>();
  const lane = {};
  for (const name of ["a", "b", "c"]) lanes.add(lane, name, 2);
  assert.ok(lanes.remove(lane, "b"));
  assert.ok(!lanes.remove(lane, "b"));
  assert.ok(!lanes.remove({}, "a"));
  assert.deepEqual(takeAll(lanes), ["a", "c"]);
  assert.ok(lanes.empty);
});

test("a lane has not had what was removed from it", () => {
  const lanes = new Lanes<string>();
  const lane = {};
  lanes.add({}, "other", 3);
  for (const name of ["gone 1", "gone 2", "here"]) lanes.add(lane, name, 2);
  lanes.remove(lane, "gone 1");
  lanes.remove(lane, "gone 2");
  lanes.add(lane, "next", 2);
  assert.deepEqual(takeAll(lanes), ["here", "other", "next"]);
});

test("everything is taken once, and while a lane waits no other one is served more than the size of both", () => {
  const arrivals = fc.array(fc.record({ lane: fc.nat(4), size: fc.integer({ min: 1, max: 50 }) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(arrivals, (items) => {
      const lanes = new Lanes<{ readonly lane: number; readonly size: number }>();
      const keys = Array.from({ length: 5 }, () => ({}));
      for (const item of items) lanes.add(keys[item.lane] ?? {}, item, item.size);
      const taken = takeAll(lanes);
      assert.deepEqual(new Set(taken), new Set(items));
      for (let lane = 0; lane < keys.length; lane++) {
        const own = items.filter((item) => item.lane === lane);
        const [first] = own;
        if (first === undefined) continue;
        const before = taken.slice(0, taken.indexOf(first));
        for (let other = 0; other < keys.length; other++) {
          if (other === lane) continue;
          const served = before.reduce((sum, item) => sum + (item.lane === other ? item.size : 0), 0);
          assert.ok(served <= first.size, `${served} before one of ${first.size}`);
        }
      }
    }),
    { seed: 23, numRuns: 300 },
  );
});
