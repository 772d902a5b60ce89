import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { Admission, refuseFailed } from "../../src/queue/admission.ts";
import { configure, migrate, migrations } from "../../src/queue/disk-schema.ts";
import { prepareStatements } from "../../src/queue/disk-statements.ts";
import { DiskStore } from "../../src/queue/disk-store.ts";
import { buildBatch } from "../build-batch.ts";
import { tempDirectory } from "./queue-under-test.ts";

function openDatabase(t: TestContext, dir: string): DatabaseSync {
  const database = new DatabaseSync(join(dir, "queue.db"));
  t.after(() => {
    if (database.isOpen) database.close();
  });
  configure(database, "os");
  return database;
}

function openStore(database: DatabaseSync, readers: readonly string[] = ["default"]): DiskStore {
  migrate(database, "the directory");
  return new DiskStore(database, { maxBytes: 1e9, ring: false, readers, setRowAside: () => {} });
}

function batch(id: string, padding = 0): { buffer: ArrayBuffer; count: number; acceptedAtMs: number } {
  return { ...buildBatch([{ id, data: "x".repeat(padding) }]), acceptedAtMs: 0 };
}

test("each commit is synced, unless the operating system may do it when it likes", (t) => {
  for (const [durability, level] of [
    ["sync", 2],
    ["os", 1],
  ] as const) {
    const database = new DatabaseSync(join(tempDirectory(t), "queue.db"));
    configure(database, durability);
    assert.equal(database.prepare("PRAGMA synchronous").get()?.["synchronous"], level);
    assert.equal(database.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
    database.close();
  }
});

test("a disk that fills up fails the whole group and leaves nothing of it behind", (t) => {
  const dir = tempDirectory(t);
  const database = openDatabase(t, dir);
  const store = openStore(database);
  store.commit([batch("a")]);
  const { bytes } = store;
  // SQLite answers SQLITE_FULL here, as it does when the file system is full.
  const pages = database.prepare("PRAGMA page_count").get()?.["page_count"];
  database.exec(`PRAGMA max_page_count = ${String(pages)}`);
  assert.throws(() => store.commit([batch("b"), batch("c", 1_000_000)]), /full/);
  assert.equal(store.bytes, bytes);
  assert.equal(store.end, 2);
  assert.equal(store.load(1, 1e9).batches.length, 1);
  database.exec("PRAGMA max_page_count = 1000000");
  const { outcomes } = store.commit([batch("d")]);
  assert.deepEqual(
    outcomes.map((outcome) => "first" in outcome && outcome.first),
    [2],
  );
});

test("a disk that stays full keeps the queue refusing until a write of that size succeeds", (t) => {
  const database = openDatabase(t, tempDirectory(t));
  const store = openStore(database);
  store.commit([batch("a")]);
  const admission = new Admission(1e9, true);
  admission.note(refuseFailed("the disk is full"), 1);
  assert.equal(admission.refusing(), true);
  const pages = database.prepare("PRAGMA page_count").get()?.["page_count"];
  database.exec(`PRAGMA max_page_count = ${String(pages)}`);
  assert.throws(() => store.probe(1_000_000), /full/);
  assert.equal(admission.refusing(), true);
  database.exec("PRAGMA max_page_count = 1000000");
  store.probe(1_000_000);
  admission.noteWritable();
  assert.equal(admission.refusing(), false);
  admission.note(refuseFailed("the disk is full"), 1);
  admission.note({ committed: true, firstSequence: 2 }, 1);
  assert.equal(admission.refusing(), false);
  assert.equal(database.prepare("SELECT 1 FROM probe").get(), undefined);
});

test("what was settled while the disk was full is not lost, and goes with the next commit", (t) => {
  const dir = tempDirectory(t);
  const database = openDatabase(t, dir);
  const store = openStore(database);
  store.commit([batch("a"), batch("b")]);
  const pages = database.prepare("PRAGMA page_count").get()?.["page_count"];
  database.exec(`PRAGMA max_page_count = ${String(pages)}`);
  store.settle([{ reader: "default", ranges: [{ first: 2, last: 2 }] }]);
  const letter = { reason: "rejected", detail: "", attempts: 1, lastStatus: "400", atMs: 0 };
  const event = new Uint8Array(1_000_000);
  store.settle([], [{ reader: "default", letters: [{ ...letter, sequence: 1, event }] }]);
  assert.throws(() => store.commit([]), /full/);
  assert.equal(store.dirty, true);
  assert.equal(store.letters(10).length, 0);
  database.exec("PRAGMA max_page_count = 1000000");
  store.commit([]);
  assert.equal(store.dirty, false);
  assert.equal(store.letters(10).length, 1);
  database.close();

  const again = openStore(openDatabase(t, dir));
  assert.deepEqual(again.readerStates(), [{ name: "default", position: 3, runs: [] }]);
  assert.equal(again.stats().events, 0);
  assert.equal(again.stats().deadLetters, 1);
});

test("an older format is taken up step by step, a step that fails changes nothing", (t) => {
  const dir = tempDirectory(t);
  const database = openDatabase(t, dir);
  openStore(database).commit([batch("a")]);
  const version = (): unknown => database.prepare("PRAGMA user_version").get()?.["user_version"];
  const addColumn = (to: DatabaseSync): void => to.exec("ALTER TABLE letters ADD COLUMN note TEXT");
  const fail = (to: DatabaseSync): void => to.exec("CREATE TABLE half (a); SELECT 1 FROM nowhere");
  assert.throws(() => migrate(database, dir, [...migrations, addColumn, fail]), /nowhere/);
  assert.equal(version(), 2);
  assert.equal(database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'half'").get(), undefined);
  migrate(database, dir, [...migrations, addColumn]);
  assert.equal(version(), 2);
  assert.throws(() => migrate(database, dir), /has format 2; this release reads formats up to 1/);
});

test("no statement of the hot path scans: a commit and a read cost the same behind any backlog", (t) => {
  const database = openDatabase(t, tempDirectory(t));
  openStore(database);
  const { spansWithin, spansFrom, batchesWithin, oldest, deleteBatch, deleteRuns, readRuns } =
    prepareStatements(database);
  for (const statement of [spansWithin, spansFrom, batchesWithin, deleteBatch, deleteRuns, readRuns]) {
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${statement.sourceSQL}`).all();
    const details = plan.map(({ detail }) => String(detail));
    assert.ok(
      !details.some((detail) => /\bSCAN (batches|settled|letters)|TEMP B-TREE/.test(detail)),
      details.join(),
    );
  }
  // In key order, and ended by its limit after one row.
  assert.match(oldest.sourceSQL, /ORDER BY first LIMIT 1$/);
});

test("the file stays near what is stored, however much goes through it", (t) => {
  const database = openDatabase(t, tempDirectory(t));
  const store = openStore(database);
  const pageCount = (): number => Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
  let settled = 0;
  const pass = (batches: number): void => {
    for (let i = 0; i < batches; i++) {
      store.commit([batch("a", 40_000), batch("b", 300)]);
      const range = { first: settled + 1, last: settled + 2 };
      settled += 2;
      store.settle([{ reader: "default", ranges: [range] }]);
      store.maintain();
    }
  };
  pass(20);
  const early = pageCount();
  pass(500);
  assert.ok(pageCount() <= early + 4, `${early} pages became ${pageCount()}`);
});

test("one event in retry costs one row, however many are settled beyond it", (t) => {
  const database = openDatabase(t, tempDirectory(t));
  const store = openStore(database);
  for (let i = 0; i < 50; i++) {
    store.commit([batch(`${i}`)]);
    if (i > 0) store.settle([{ reader: "default", ranges: [{ first: i + 1, last: i + 1 }] }]);
  }
  store.commit([]);
  const rows = database.prepare("SELECT first, last FROM settled").all();
  assert.deepEqual(
    rows.map(({ first, last }) => [first, last]),
    [[2, 50]],
  );
  assert.equal(store.load(1, 1e9).batches.length, 1);
});
