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

/** Takes everything that waits; `costOf` says what each took. */
function serveAll<Item>(lanes: Lanes<Item>, costOf: (item: Item) => number): Item[] {
  const taken: Item[] = [];
  for (let item = lanes.take(); item !== undefined; item = lanes.take()) {
    taken.push(item);
    lanes.charge(costOf(item));
  }
  return taken;
}

test("a lane whose items take more than their size comes after others, for as long as it does", () => {
  const lanes = new Lanes<string>();
  const [costly, plain] = [{}, {}];
  const costOf = (item: string): number => (item.startsWith("costly") ? 200 : 9);
  lanes.add(plain, "plain", 9);
  lanes.add(costly, "costly", 10);
  serveAll(lanes, costOf);
  for (let i = 1; i <= 3; i++) {
    lanes.add(costly, `costly ${i}`, 10);
    lanes.add(plain, `plain ${i}`, 9);
  }
  const taken = ["plain 1", "plain 2", "plain 3", "costly 1", "costly 2", "costly 3"];
  assert.deepEqual(serveAll(lanes, costOf), taken);
});

test("what costly ones of many lanes take is learnt from the first, and a lane known to be cheap waits for no row of them", () => {
  const lanes = new Lanes<string>();
  const cheap = {};
  lanes.add(cheap, "cheap", 5);
  serveAll(lanes, () => 5);
  for (let i = 0; i < 40; i++) lanes.add({}, `costly ${i}`, 10);
  let elapsed = 0;
  let longest = 0;
  let since = 0;
  let costly = 0;
  // A cheap one waits at any time, from the first costly one on.
  for (let item = lanes.take(); item !== undefined && costly < 40; item = lanes.take()) {
    const cost = item === "cheap" ? 5 : 200;
    if (item === "cheap") {
      longest = Math.max(longest, elapsed - since);
    } else costly += 1;
    elapsed += cost;
    lanes.charge(cost);
    if (item === "cheap" || costly === 1) {
      since = elapsed;
      lanes.add(cheap, "cheap", 5);
    }
  }
  assert.equal(costly, 40);
  assert.ok(longest <= 2 * 200, `${longest} between two cheap ones`);
});

test("a new lane is not taken for costly because lanes that are known by now were", () => {
  const lanes = new Lanes<string>();
  const costly = Array.from({ length: 10 }, () => ({}));
  const costOf = (item: string): number => (item === "costly" ? 200 : 20);
  for (let round = 0; round < 3; round++) {
    for (const lane of costly) lanes.add(lane, "costly", 10);
    serveAll(lanes, costOf);
  }
  for (const lane of costly) lanes.add(lane, "costly", 10);
  lanes.add({}, "new", 20);
  assert.equal(serveAll(lanes, costOf)[0], "new");
});

test("a costly lane is served too, however many cheap items come", () => {
  const lanes = new Lanes<string>();
  const [costly, cheap] = [{}, {}];
  lanes.add(cheap, "cheap", 10);
  lanes.add(costly, "costly", 10);
  serveAll(lanes, (item) => (item === "costly" ? 200 : 10));
  lanes.add(costly, "costly", 10);
  let before = 0;
  for (; before < 1_000; before++) {
    lanes.add(cheap, "cheap", 10);
    if (lanes.take() === "costly") break;
    lanes.charge(10);
  }
  // What both of the costly lane take, less the one that the cheap lane had; of equal turns the longer wait is first.
  assert.equal(before, 38);
});

test("a lane that does no more what it did is taken for cheap again", () => {
  const lanes = new Lanes<string>();
  const [lane, other] = [{}, {}];
  lanes.add(other, "other", 30);
  lanes.add(lane, "costly", 10);
  serveAll(lanes, (item) => (item === "costly" ? 200 : 30));
  const orders: string[] = [];
  for (let i = 0; i < 12; i++) {
    lanes.add(lane, "mine", 10);
    lanes.add(other, "other", 30);
    orders.push(serveAll(lanes, (item) => (item === "mine" ? 10 : 30)).join());
  }
  assert.equal(orders[0], "other,mine");
  assert.equal(orders.at(-1), "mine,other");
});

test("who was served much more than its share is not behind everybody who comes later", () => {
  const lanes = new Lanes<string>();
  const lane = {};
  lanes.add(lane, "first", 10);
  lanes.take();
  lanes.charge(10_000);
  lanes.add(lane, "alone", 10);
  serveAll(lanes, () => 10);
  // It was served while nobody else waited, so that the clock has come up to it.
  lanes.add(lane, "mine", 10);
  const late = {};
  let before = 0;
  for (; before < 10_000; before++) {
    lanes.add(late, "late", 10);
    if (lanes.take() === "mine") break;
    lanes.charge(10);
  }
  assert.ok(before < 1_500, `${before} before it`);
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
