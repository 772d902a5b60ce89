import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Call, messagesOf, Task } from "../src/task.ts";

const MOST_CHARACTERS = 256 * 1024;

function tasksOf(lengths: readonly number[]): readonly Task[] {
  const call = new Call(lengths.length);
  return lengths.map((length, index) => new Task("data.t.x", "x".repeat(length), undefined, call, index));
}

test("what a thread gets at once is few and short, however much is asked, so that reading it is no hang", () => {
  const length = fc.oneof(fc.nat(2_000), fc.nat(400_000), fc.constant(MOST_CHARACTERS));
  fc.assert(
    fc.property(fc.array(length, { maxLength: 300 }), (lengths) => {
      const tasks = tasksOf(lengths);
      const messages = [...messagesOf(tasks)];
      assert.deepEqual(messages.flat(), tasks);
      for (const message of messages) {
        const characters = message.reduce((sum, { input }) => sum + input.length, 0);
        assert.ok(message.length > 0 && message.length <= 128);
        assert.ok(message.length === 1 || characters <= MOST_CHARACTERS);
      }
    }),
    { numRuns: 30 },
  );
});

test("small inputs go many at once", () => {
  assert.equal([...messagesOf(tasksOf(Array(1_000).fill(300)))].length, 8);
});

test("a large input counts for many", () => {
  const weights = tasksOf([0, 1, 300, 64 * 1024, 64 * 1024 + 1, 1024 * 1024]).map(({ weight }) => weight);
  assert.deepEqual(weights, [1, 1, 1, 1, 2, 16]);
});
