import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { listen } from "../../../../testing/listen.ts";
import type { Appended } from "../../src/contracts.ts";
import { buildBatch } from "../build-batch.ts";
import { CommitGate } from "./commit-gate.ts";
import { append, drainIds, openDisk, range, takeIds, tempDirectory } from "./queue-under-test.ts";

test("an append is answered after its commit alone, while timers, requests and readers go on", {
  timeout: 60_000,
}, async (t) => {
  const gate = new CommitGate(t);
  const queue = await openDisk(t, tempDirectory(t));
  const reader = queue.reader("default");
  const first = await append(queue, ["before", "and before"]);
  const server = createServer((_request, response) => response.end());
  t.after(() => server.close());
  const port = await listen(server);

  const held = gate.hold();
  let answer: Appended | undefined;
  const answered = queue.append(buildBatch([{ id: "held" }])).then((appended) => {
    answer = appended;
  });
  await held;
  // The thread stands in its commit; this one serves a request, rings a timer and hands out what is committed.
  const request = get({ port, host: "127.0.0.1", agent: false });
  await once(request, "response");
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(await takeIds(reader, { maxEvents: 2 }), ["before", "and before"]);
  let isSettled = false;
  const settled = reader.settle(range(first, first + 1)).then(() => {
    isSettled = true;
  });
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  assert.equal(answer, undefined, "what is not committed is not acknowledged");
  assert.equal(isSettled, false, "nor settled");
  assert.equal(await reader.pending(), 0, "nor given to a reader");

  gate.open();
  await answered;
  assert.deepEqual(answer, { committed: true, firstSequence: first + 2 });
  assert.deepEqual(await drainIds(reader), ["held"]);
  await settled;
});

test("a group of appends is waited for two milliseconds at most, and one that is large enough not at all", {
  timeout: 60_000,
}, async (t) => {
  const gate = new CommitGate(t);
  const queue = await openDisk(t, tempDirectory(t));
  // Of the thread's clock, which stands, each group begins at the time of the last one.
  for (const id of ["a", "b", "c"]) await append(queue, [id]);
  const { waits, longestMs } = gate.gathered;
  assert.equal(waits, 2, "all but the first, which is answered at once");
  assert.ok(longestMs > 0 && longestMs <= 2, `${longestMs} ms`);
  await append(queue, ["large"], 2 * 1024 * 1024);
  await Promise.all(Array.from({ length: 64 }, (_, i) => append(queue, [`${i}`])));
  assert.equal(gate.gathered.waits, 2);
});
