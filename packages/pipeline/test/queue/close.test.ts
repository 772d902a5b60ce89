import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { facts } from "../../src/facts.ts";
import { openDiskQueue } from "../../src/queue/disk-queue.ts";
import { buildBatch } from "../build-batch.ts";
import { ManualClock } from "../deliver/manual-clock.ts";
import { Facts, openDisk, tempDirectory } from "./queue-under-test.ts";

test("a close does not wait for ever for a thread that the disk holds up", async (t) => {
  const dir = tempDirectory(t);
  const clock = new ManualClock();
  const recorded = new Facts();
  const started = once(process, "worker");
  const settings = { kind: "disk", dir, durability: "sync", maxBytes: 1 << 30, ring: false } as const;
  const queue = await openDiskQueue(settings, ["default"], { clock, facts: recorded });
  const [thread]: Worker[] = await started;
  assert.ok(thread !== undefined);
  const ended = once(thread, "exit");
  // It hears of nothing any more, so that it answers nothing and does not end.
  thread.postMessage = () => {};
  const appended = queue.append(buildBatch([{ id: "a" }]));
  const closed = queue.close();
  await clock.pass(60_000);
  await closed;
  const refused = await appended;
  assert.equal(refused.committed ? "" : refused.reason, "closing");
  assert.match(
    recorded.all.find(({ fact }) => fact === facts.queueFailed.name)?.detail ?? "",
    /closed within/,
  );

  await ended;
  const after = await openDisk(t, dir);
  assert.equal((await after.stats()).events, 0);
});
