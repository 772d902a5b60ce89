import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DiskRoom } from "../../src/queue/disk-room.ts";
import { append, drainIds, Facts, openDisk, range } from "./queue-under-test.ts";

/** Mounts a small disk, or says why it cannot. */
function mount(dir: string, megabytes: number): string | undefined {
  const { status, error, stderr } = spawnSync("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${megabytes}m`,
    "tmpfs",
    dir,
  ]);
  return status === 0 ? undefined : (error?.message ?? stderr.toString().trim());
}

function unmount(dir: string): void {
  spawnSync("umount", ["-l", dir]);
}

function whyNoDisk(): string | false {
  const dir = mkdtempSync(join(tmpdir(), "coresdk-no-disk-"));
  const why = mount(dir, 1);
  if (why === undefined) unmount(dir);
  rmSync(dir, { recursive: true, force: true });
  return why === undefined ? false : `a small disk cannot be mounted: ${why}`;
}

const skip = process.platform === "linux" ? whyNoDisk() : "small disks are mounted on Linux alone";

function smallDisk(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "coresdk-full-disk-"));
  assert.equal(mount(dir, 8), undefined);
  t.after(() => {
    unmount(dir);
    rmSync(dir, { recursive: true, force: true });
  });
  return join(dir, "queue");
}

test("appends leave room for their log to be copied and for what comes after them to be noted", () => {
  let free = 3 * 1024 * 1024;
  let cuts = 0;
  const room = new DiskRoom(() => free);
  const giveBack = (): number => {
    cuts++;
    room.copied();
    free += 100_000;
    return 0;
  };
  room.check(1_000_000, giveBack);
  assert.equal(cuts, 0);
  room.logged(500_000);
  room.check(1_000_000, giveBack);
  assert.equal(cuts, 1);
  free = 2 * 1024 * 1024;
  assert.throws(() => room.check(1_000_000, giveBack), /the disk is full: 2197152 bytes are free/);
  // What is free within the file need not be free beside it.
  room.check(1_000_000, () => 1_000_000);
  new DiskRoom(() => undefined).check(1e12, giveBack);
});

for (const [name, bytes] of [
  ["large", 100_000],
  ["small", 9_000],
] as const) {
  test(`a disk full of ${name} events that are all delivered takes events again`, { skip }, async (t) => {
    const queue = await openDisk(t, smallDisk(t));
    const ids: string[] = [];
    await assert.rejects(async () => {
      for (;;) {
        await append(queue, [`${ids.length}`], bytes);
        ids.push(`${ids.length}`);
      }
    }, /the disk is full/);
    assert.equal(queue.refusing(), true);
    const reader = queue.reader("default");
    assert.deepEqual(await drainIds(reader), ids);
    await reader.settle(range(1, ids.length));
    assert.equal(await reader.pending(), 0);
    // Behind its back the settled ones are deleted, step by step.
    while ((await queue.stats()).oldestAcceptedAtMs !== undefined);
    await append(queue, ["more"], bytes);
    assert.equal(queue.refusing(), false);
  });
}

/** Fills what is left of the disk, with a file that is not the queue's. */
function fillBesides(dir: string): void {
  const other = openSync(join(dir, "..", "other"), "w");
  assert.throws(() => {
    for (;;) writeSync(other, Buffer.alloc(4096, 1));
  }, /ENOSPC/);
  closeSync(other);
}

test("a queue on a disk that others have filled opens, delivers and notes it", { skip }, async (t) => {
  const dir = smallDisk(t);
  const before = await openDisk(t, dir);
  for (const id of ["1", "2", "3"]) await append(before, [id], 100_000);
  await before.close();
  fillBesides(dir);
  assert.equal(statfsSync(dir).bavail, 0);
  const queue = await openDisk(t, dir);
  assert.deepEqual(await drainIds(queue.reader("default")), ["1", "2", "3"]);
  await assert.rejects(append(queue, ["4"]), /disk is full/);
  await queue.reader("default").settle(range(1, 3));
  assert.equal(await queue.reader("default").pending(), 0);
});

test("a disk full of events that are all rejected keeps each as a dead letter", { skip }, async (t) => {
  const queue = await openDisk(t, smallDisk(t));
  let count = 0;
  await assert.rejects(async () => {
    for (; ; count += 20) {
      const ids = Array.from({ length: 20 }, (_, i) => `${count + i}`);
      await append(queue, ids, 500);
    }
  }, /the disk is full/);
  const reader = queue.reader("default");
  await drainIds(reader);
  const letter = { reason: "rejected", detail: "", attempts: 1, lastStatus: "400", atMs: 0 };
  await reader.deadLetter(
    Array.from({ length: count }, (_, i) => ({ ...letter, sequence: i + 1, event: Buffer.alloc(500) })),
  );
  assert.equal((await queue.stats()).deadLetters, count);
  assert.equal(await reader.pending(), 0);
});

test("a disk full of dead letters that give way takes events again, also after a restart", {
  skip,
}, async (t) => {
  const dir = smallDisk(t);
  const before = await openDisk(t, dir, { lettersGiveWay: true });
  const letter = { reason: "rejected", detail: "", attempts: 1, lastStatus: "400", atMs: 0 };
  let count = 0;
  while (statfsSync(dir).bavail * statfsSync(dir).bsize > 1_200_000) {
    const sequence = await append(before, [`bad ${count++}`], 9_000);
    await before.reader("default").deadLetter([{ ...letter, sequence, event: new Uint8Array(9_000) }]);
  }
  await before.close();
  const facts = new Facts();
  const queue = await openDisk(t, dir, { lettersGiveWay: true }, facts);
  const { deadLetters } = await queue.stats();
  for (const id of ["first", "second", "third"]) {
    const sequence = await append(queue, [id], 900_000);
    assert.deepEqual(await drainIds(queue.reader("default")), [id]);
    await queue.reader("default").settle(range(sequence));
  }
  const left = (await queue.stats()).deadLetters;
  assert.ok(left > 0 && left < deadLetters, `${left} of ${deadLetters} are left`);
  assert.equal(facts.sum("coresdk.queue.dead_letters.evicted"), deadLetters - left);
});

test("dead letters give way on a disk that others have filled to the last byte", { skip }, async (t) => {
  const dir = smallDisk(t);
  const before = await openDisk(t, dir, { lettersGiveWay: true });
  const letter = { reason: "rejected", detail: "", attempts: 1, lastStatus: "400", atMs: 0 };
  for (let i = 0; i < 30; i++) {
    const sequence = await append(before, [`bad ${i}`], 100_000);
    await before.reader("default").deadLetter([{ ...letter, sequence, event: new Uint8Array(100_000) }]);
  }
  await before.close();
  fillBesides(dir);
  const queue = await openDisk(t, dir, { lettersGiveWay: true });
  await append(queue, ["good"], 300_000);
  assert.deepEqual(await drainIds(queue.reader("default")), ["good"]);
  const { deadLetters } = await queue.stats();
  assert.ok(deadLetters > 15 && deadLetters < 30, `${deadLetters} are left`);
});
