import assert from "node:assert/strict";
import { test } from "node:test";
import {
  append,
  drainIds,
  Facts,
  idsOf,
  never,
  openDisk,
  range,
  takeIds,
  tempDirectory,
  wide,
} from "./queue-under-test.ts";

test("a restart takes up after what was settled, also out of order", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  const first = await append(before, ["a", "b", "c"]);
  await append(before, ["d", "e"]);
  await append(before, ["f"]);
  const reader = before.reader("default");
  await drainIds(reader);
  await reader.settle([...range(first), ...range(first + 2, first + 3)]);
  await before.close();

  const after = await openDisk(t, dir);
  const again = after.reader("default");
  assert.equal(await again.pending(), 3);
  assert.deepEqual(await takeIds(again), ["b", "e", "f"]);
  await again.settle(range(first + 1));
  await after.close();

  const last = await openDisk(t, dir);
  assert.deepEqual(await takeIds(last.reader("default")), ["e", "f"]);
});

test("sequences go on after a restart of a queue that was empty", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  const first = await append(before, ["a", "b"]);
  await before.reader("default").settle(range(first, first + 1));
  assert.equal((await before.stats()).bytes, 0);
  await before.close();
  const after = await openDisk(t, dir);
  assert.equal(await append(after, ["c"]), first + 2);
  assert.deepEqual(await takeIds(after.reader("default")), ["c"]);
});

test("dead letters survive a restart, and their events do not come again", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  const first = await append(before, ["bad", "good"]);
  const letter = {
    sequence: first,
    event: Buffer.from("{}"),
    reason: "expired",
    detail: "older than 72h",
    attempts: 9,
    lastStatus: "503",
    atMs: 12,
  };
  await before.reader("default").deadLetter([letter]);
  const { bytes } = await before.stats();
  await before.close();

  const after = await openDisk(t, dir);
  const [kept] = await after.deadLetters(10);
  assert.ok(kept !== undefined);
  assert.deepEqual({ ...kept, event: Buffer.from(kept.event) }, { ...letter, sink: "default" });
  assert.equal((await after.stats()).bytes, bytes);
  assert.deepEqual(await takeIds(after.reader("default")), ["good"]);
});

test("a sink that is new starts at the end of the log, and what no one else wants is deleted", async (t) => {
  const dir = tempDirectory(t);
  const ring = await openDisk(t, dir, { readers: [], ring: true });
  for (let i = 0; i < 300; i++) await append(ring, [`${i}`]);
  await ring.close();

  const facts = new Facts();
  const queue = await openDisk(t, dir, {}, facts);
  await append(queue, ["new"]);
  assert.deepEqual(await takeIds(queue.reader("default")), ["new"]);
  // The old ring is swept in steps between the queue's other work.
  while ((await queue.stats()).oldestAcceptedAtMs !== undefined && (await queue.browse(0, wide)).length > 1);
  assert.deepEqual(idsOf(await queue.browse(0, wide)), ["new"]);
});

test("a sink that is taken out of the configuration finds its backlog again, at its own place", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir, { readers: ["a", "b"] });
  const first = await append(before, ["1"]);
  await append(before, ["2"]);
  await before.reader("b").settle(range(first, first + 1));
  await before.close();

  const without = await openDisk(t, dir, { readers: ["b"] });
  const third = await append(without, ["3"]);
  await without.reader("b").settle(range(third));
  // Nobody is left who wants the third, and `a` still wants the others.
  assert.deepEqual(idsOf(await without.browse(0, wide)), ["1", "2"]);
  assert.equal((await without.stats()).events, 2);
  assert.deepEqual((await without.stats()).pending, { a: 2, b: 0 });
  await without.close();

  const after = await openDisk(t, dir, { readers: ["a", "b"] });
  await append(after, ["4"]);
  assert.deepEqual(await drainIds(after.reader("b")), ["4"]);
  const a = after.reader("a");
  assert.deepEqual(await takeIds(a, { maxEvents: 1 }), ["1"]);
  assert.deepEqual(await takeIds(a, { maxEvents: 1 }), ["2"]);
  assert.deepEqual(await takeIds(a, { maxEvents: 1 }), ["4"]);
  await a.settle([...range(first, first + 1), ...range(third + 1)]);
  assert.equal(await a.pending(), 0);
});

test("a sink that returns to a ring finds what it had, and skips what the ring let go since", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir, { maxBytes: 5_000 });
  for (const id of ["1", "2"]) await append(before, [id], 1_000);
  await before.close();
  const facts = new Facts();
  const ring = await openDisk(t, dir, { readers: [], ring: true, maxBytes: 5_000 }, facts);
  for (const id of ["3", "4", "5", "6"]) await append(ring, [id], 1_000);
  assert.equal(facts.sum("coresdk.queue.evicted"), 2);
  await ring.close();
  const after = await openDisk(t, dir, { maxBytes: 5_000 });
  const reader = after.reader("default");
  assert.deepEqual(await takeIds(reader), ["1", "2", "5", "6"]);
  assert.equal(await reader.pending(), 4);
});

test("a ring without room beside the backlog of a missing sink keeps that and its own newest batch", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir, { maxBytes: 5_000 });
  for (const id of ["1", "2", "3", "4"]) await append(before, [id], 1_000);
  await before.close();
  for (const ids of [
    ["5", "6"],
    ["7", "8"],
  ]) {
    const facts = new Facts();
    const ring = await openDisk(t, dir, { readers: [], ring: true, maxBytes: 5_000 }, facts);
    const [warning] = facts.all;
    assert.equal(warning?.fact, "coresdk.sink.missing");
    assert.match(warning.detail, /^4 events wait for the sink default/);
    for (const id of ids) await append(ring, [id], 1_000);
    assert.deepEqual(idsOf(await ring.browse(0, wide)), ["1", "2", "3", "4", ids[1]]);
    assert.equal(ring.refusing(), false);
    assert.deepEqual((await ring.stats()).pending, { default: 4 });
    await ring.close();
  }
  const facts = new Facts();
  const after = await openDisk(t, dir, { maxBytes: 5_000 }, facts);
  assert.deepEqual(await takeIds(after.reader("default")), ["1", "2", "3", "4", "8"]);
  assert.deepEqual(facts.all, []);
});

test("a backlog larger than memory's share is read from the disk in order, up to the newest", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  const ids = Array.from({ length: 60 }, (_, i) => `${i}`);
  for (const id of ids.slice(0, 30)) await append(before, [id, `${id}+`], 100_000);
  await before.close();
  const after = await openDisk(t, dir);
  // Together with the old ones these are more than the queue keeps in memory.
  for (const id of ids.slice(30)) await append(after, [id, `${id}+`], 400_000);
  const reader = after.reader("default");
  assert.deepEqual(
    await drainIds(reader),
    ids.flatMap((id) => [id, `${id}+`]),
  );
  const last = await after.browse(0, { maxEvents: 1, maxBytes: 1 });
  const first = last[0]?.firstSequence ?? 0;
  const again = await reader.reread([...range(first), ...range(first + 119)]);
  assert.deepEqual(idsOf(again), ["0", "59+"]);
  await reader.settle(range(first, first + 119));
  assert.equal((await after.stats()).bytes, 0);
});

test("a take that waits behind a restart's backlog still sees what is appended meanwhile", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  await append(before, ["old"]);
  await before.close();
  const after = await openDisk(t, dir);
  const reader = after.reader("default");
  const [, taken] = await Promise.all([
    append(after, ["new"]),
    reader.take({ ...wide, maxEvents: 1 }, never),
  ]);
  assert.deepEqual(idsOf(taken), ["old"]);
  assert.deepEqual(await takeIds(reader), ["new"]);
});
