import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import type { Queue } from "../../src/contracts.ts";
import type { MeasureRoom } from "../../src/queue/disk-room.ts";
import { configure, migrate, pageBytes } from "../../src/queue/disk-schema.ts";
import { DiskStore } from "../../src/queue/disk-store.ts";
import { buildBatch } from "../build-batch.ts";
import { append, drainIds, Facts, openDisk, range, tempDirectory } from "./queue-under-test.ts";

const EVICTED = "coresdk.queue.dead_letters.evicted";
const opening = { maxBytes: 20_000, lettersGiveWay: true };

/** With characters of two units and of several bytes: what they cost is counted alike, written and given up. */
const why = { reason: "rejected", detail: "400 \u{1f4ee} no", attempts: 1, lastStatus: "400", atMs: 0 };

/** Appends events one by one, all of which become dead letters. */
async function bury(queue: Queue, count: number): Promise<void> {
  const reader = queue.reader("default");
  for (let i = 0; i < count; i++) {
    const sequence = await append(queue, [`bad ${i}`], 1_000);
    await reader.deadLetter([{ ...why, sequence, event: new Uint8Array(1_000) }]);
  }
}

async function openFull(t: TestContext, facts = new Facts()): Promise<{ dir: string; queue: Queue }> {
  const dir = tempDirectory(t);
  const queue = await openDisk(t, dir, opening, facts);
  await bury(queue, 40);
  return { dir, queue };
}

test("the oldest dead letters on disk give way to events, and are counted", async (t) => {
  const facts = new Facts();
  const { queue } = await openFull(t, facts);
  const { deadLetters, bytes } = await queue.stats();
  assert.ok(bytes <= opening.maxBytes && deadLetters > 10, `${deadLetters} in ${bytes} bytes`);
  assert.equal(facts.sum(EVICTED), 40 - deadLetters);
  const [oldest] = await queue.deadLetters(1);
  assert.equal(oldest?.sequence, 40 - deadLetters + 1);

  const first = await append(queue, ["large"], 15_000);
  const after = await queue.stats();
  assert.ok(after.deadLetters > 0 && after.deadLetters < 5, `${after.deadLetters} are left`);
  assert.equal(facts.sum(EVICTED), 40 - after.deadLetters);
  const letters = await queue.deadLetters(100);
  assert.equal(letters.at(-1)?.sequence, 40);
  await queue.reader("default").settle(range(first));
});

test("dead letters that an earlier process left give way as well, to the last byte", async (t) => {
  const { dir, queue: before } = await openFull(t);
  await before.close();
  const queue = await openDisk(t, dir, opening);
  const batch = buildBatch([{ id: "a", data: "x".repeat(19_000) }]);
  const { byteLength } = batch.buffer;
  assert.equal((await queue.append(batch)).committed, true);
  const { deadLetters, bytes } = await queue.stats();
  assert.equal(deadLetters, 0);
  assert.ok(bytes >= byteLength && bytes < byteLength + 100, "the batch alone is counted");
  assert.deepEqual(await drainIds(queue.reader("default")), ["a"]);
});

test("a queue of events alone refuses, whatever dead letters there were", async (t) => {
  const { queue } = await openFull(t);
  for (let i = 0; i < 15; i++) await append(queue, [`${i}`], 1_000);
  const refused = await queue.append(buildBatch([{ id: "b", data: "x".repeat(10_000) }]));
  assert.ok(!refused.committed && refused.reason === "full");
  assert.match(refused.detail, /\(15 events, 0 dead letters\)/);
  assert.equal((await drainIds(queue.reader("default"))).length, 15);
});

const LETTERS = 100;
const LETTER_BYTES = 20_000;

interface LetterStore {
  readonly database: DatabaseSync;
  readonly store: DiskStore;
  /** How many bytes the file takes. */
  readonly fileBytes: () => number;
}

/** A store that holds dead letters and nothing else, far below its `maxBytes`. */
function openLetters(t: TestContext, lettersGiveWay: boolean, measureRoom: MeasureRoom): LetterStore {
  const database = new DatabaseSync(join(tempDirectory(t), "queue.db"));
  t.after(() => database.close());
  configure(database, "os");
  migrate(database, "the directory");
  const limits = { maxBytes: 1e9, ring: false, lettersGiveWay, readers: ["default"] };
  const store = new DiskStore(database, { ...limits, measureRoom, setRowAside: () => {} });
  for (let i = 0; i < LETTERS; i++) {
    const event = new Uint8Array(LETTER_BYTES).fill(i);
    store.settle([], [{ reader: "default", letters: [{ ...why, sequence: i + 1, event }] }]);
    store.commit([]);
  }
  return { database, store, fileBytes: () => pageBytes(database, "page_count") };
}

function large(bytes: number): { buffer: ArrayBuffer; count: number; acceptedAtMs: number } {
  return { ...buildBatch([{ id: "large", data: "x".repeat(bytes) }]), acceptedAtMs: 0 };
}

/** A file system of that size, on which the queue is alone. */
function openOnVolume(t: TestContext, lettersGiveWay: boolean, spare: number): LetterStore {
  let size = Number.POSITIVE_INFINITY;
  const opened = openLetters(t, lettersGiveWay, () => size - opened.fileBytes());
  size = opened.fileBytes() + spare;
  return opened;
}

const SPARE = 1024 * 1024 + 150_000;

for (const { name, write } of [
  { name: "an append", write: (store: DiskStore) => store.commit([large(300_000)]) },
  { name: "a probe", write: (store: DiskStore) => store.probe(300_000) },
]) {
  test(`dead letters give way to ${name} when the file system is full, as many as it needs`, (t) => {
    const { store, database } = openOnVolume(t, true, SPARE);
    write(store);
    const gone = store.takeGone();
    const { deadLetters } = store.stats();
    // Twice the batch, in the log and in the file, without what was free: about 450 kB.
    assert.ok(gone >= 20 && gone < 50, `${gone} went`);
    assert.equal(deadLetters, LETTERS - gone);
    assert.equal(store.takeGone(), 0, "they are told once");
    assert.equal(store.letters(1)[0]?.sequence, gone + 1, "the oldest went");
    const kept = database.prepare("SELECT letters FROM log").get();
    assert.equal(kept?.["letters"], deadLetters);
  });

  test(`dead letters that are to stay do so, and a full file system refuses ${name}`, (t) => {
    const { store } = openOnVolume(t, false, SPARE);
    assert.throws(() => write(store), /the disk is full/);
    assert.equal(store.stats().deadLetters, LETTERS);
  });
}

test("an append that the file system could not hold without the dead letters either costs none", (t) => {
  const { store } = openOnVolume(t, true, SPARE);
  assert.throws(() => store.commit([large(3_000_000)]), /the disk is full/);
  assert.equal(store.stats().deadLetters, LETTERS);
});

test("a file system that gives nothing back takes few dead letters, and those are told", (t) => {
  let free = Number.POSITIVE_INFINITY;
  const { store } = openLetters(t, true, () => free);
  free = SPARE;
  assert.throws(() => store.commit([large(300_000)]), /the disk is full/);
  const gone = store.takeGone();
  assert.ok(gone > 0 && gone < 60, `${gone} went`);
  assert.equal(store.stats().deadLetters, LETTERS - gone);
});

test("dead letters give way when SQLite says that the disk is full", (t) => {
  const { database, store } = openLetters(t, true, () => undefined);
  const pages = database.prepare("PRAGMA page_count").get()?.["page_count"];
  database.exec(`PRAGMA max_page_count = ${String(pages)}`);
  const { outcomes } = store.commit([large(300_000)]);
  assert.ok(outcomes[0] !== undefined && "first" in outcomes[0]);
  const gone = store.takeGone();
  assert.ok(gone > 0 && gone < 50, `${gone} went`);
  assert.equal(store.load(1, 1e9).batches.length, 1);
});
