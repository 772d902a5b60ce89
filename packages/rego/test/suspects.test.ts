import assert from "node:assert/strict";
import { test } from "node:test";
import { type Suspect, Suspects } from "../src/suspects.ts";
import { Call, Task } from "../src/task.ts";

function suspect(digest: string, length: number): Suspect {
  return { digest, length };
}

/** What nobody may look at closer. */
function unread(length: number): Suspect {
  return {
    length,
    get digest(): string {
      throw new Error("the digest was made");
    },
  };
}

test("what is as long as nothing that is remembered is told apart without its digest", () => {
  const suspects = new Suspects();
  const large = [unread(1_000_000), unread(8)];
  assert.deepEqual(suspects.divide(large), { others: large, known: [] });
  const known = suspect("a", 7);
  suspects.add(known);
  const alike = suspect("b", 7);
  assert.deepEqual(suspects.divide([...large, known, alike]), { others: [...large, alike], known: [known] });
  for (const item of large) suspects.clear(item);
  assert.equal(suspects.has(known), true);
});

test("what was answered is forgotten, and its length with it", () => {
  const suspects = new Suspects();
  suspects.add(suspect("a", 7));
  suspects.add(suspect("b", 7));
  suspects.add(suspect("a", 7));
  suspects.clear(suspect("a", 7));
  assert.equal(suspects.has(suspect("a", 7)), false);
  assert.equal(suspects.has(suspect("b", 7)), true);
  suspects.clear(suspect("b", 7));
  assert.equal(suspects.has(unread(7)), false);
});

test("256 are remembered, and the oldest forgotten for the next", () => {
  const suspects = new Suspects();
  for (let n = 0; n < 300; n++) suspects.add(suspect(`${n}`, n));
  const { known } = suspects.divide(Array.from({ length: 300 }, (_, n) => suspect(`${n}`, n)));
  assert.deepEqual(
    known.map(({ length }) => length),
    Array.from({ length: 256 }, (_, n) => n + 44),
  );
  assert.equal(suspects.has(unread(43)), false);
});

test("the digest is of the rule and the input", () => {
  const call = new Call(4);
  const task = (rule: string, input: string): string => new Task(rule, input, undefined, call, 0).digest;
  assert.equal(task("data.a.x", "1"), task("data.a.x", "1"));
  assert.notEqual(task("data.a.x", "1"), task("data.a.y", "1"));
  assert.notEqual(task("data.a.x", "1"), task("data.a.x", "2"));
});
