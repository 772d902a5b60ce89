import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryQueue } from "../../src/queue/memory-queue.ts";
import { systemClock } from "../../src/system.ts";
import { append, Facts, never, wide } from "./queue-under-test.ts";

test("the dead letters of a receiver that turns down everything do not fill a queue in memory", async () => {
  const facts = new Facts();
  const settings = { kind: "memory", maxBytes: 40_000, ring: false } as const;
  const queue = createMemoryQueue(settings, ["default"], { clock: systemClock, facts });
  const reader = queue.reader("default");
  const letters = 200;
  for (let i = 0; i < letters; i++) {
    await append(queue, [`${i}`], 1_000);
    const [segment] = await reader.take(wide, never);
    assert.ok(segment !== undefined);
    await reader.deadLetter([
      {
        sequence: segment.firstSequence,
        event: segment.batch.event(0),
        reason: "rejected",
        detail: "",
        attempts: 1,
        lastStatus: "400",
        atMs: 0,
      },
    ]);
  }
  const { deadLetters, bytes } = await queue.stats();
  assert.ok(deadLetters > 0 && deadLetters < 10, `${deadLetters} dead letters`);
  assert.equal(facts.sum("coresdk.queue.dead_letters.evicted"), letters - deadLetters);
  assert.ok(bytes <= settings.maxBytes / 8);
  const newest = (await queue.deadLetters(100)).at(-1);
  assert.match(new TextDecoder().decode(newest?.event), /"id":"199"/);
});
