import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { buildBatch } from "../build-batch.ts";
import { append, Facts, idsOf, openDisk, takeIds, tempDirectory, wide } from "./queue-under-test.ts";

const DAMAGED = "coresdk.queue.damaged";
const EXPOSED = "coresdk.queue.exposed";

test("a second opener is refused by name, and the first goes on", async (t) => {
  const dir = join(tempDirectory(t), "queue");
  const first = await openDisk(t, dir);
  await append(first, ["a"]);
  await assert.rejects(openDisk(t, dir), (error: Error) => {
    assert.equal(error.name, "QueueInUseError");
    assert.ok(error.message.includes(dir));
    return true;
  });
  await append(first, ["b"]);
  assert.deepEqual(await takeIds(first.reader("default")), ["a", "b"]);
  await first.close();
  const second = await openDisk(t, dir);
  assert.deepEqual(await takeIds(second.reader("default")), ["a", "b"]);
});

test("garbage in the lock file stops no start, and never lets two queues into one directory", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  await append(before, ["a"]);
  await before.close();
  const garbage = "garbage ".repeat(300);
  writeFileSync(join(dir, "queue.lock"), garbage);
  const facts = new Facts();
  const openings = await Promise.allSettled([1, 2, 3].map(() => openDisk(t, dir, {}, facts)));
  const opened = openings.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  assert.ok(opened.length <= 1);
  for (const each of openings)
    if (each.status === "rejected") assert.equal(each.reason.name, "QueueInUseError");
  const after = opened[0] ?? (await openDisk(t, dir, {}, facts));
  assert.deepEqual(await takeIds(after.reader("default")), ["a"]);
  assert.equal(facts.sum(DAMAGED), 1);
  const aside = readdirSync(dir).find((name) => name.startsWith("queue-damaged-")) ?? "";
  assert.equal(readFileSync(join(dir, aside), "utf8"), garbage);
  assert.equal(statSync(join(dir, "queue.lock")).mode & 0o777, 0o600);
  await assert.rejects(openDisk(t, dir), { name: "QueueInUseError" });
});

test("a lock file that cannot be replaced is an error which says what to do", async (t) => {
  const dir = tempDirectory(t);
  for (const name of ["queue.lock", "queue.lock.repair"])
    writeFileSync(join(dir, name), "garbage ".repeat(300));
  await assert.rejects(openDisk(t, dir), /cannot be locked: .*queue\.lock\.repair hold nothing/);
});

test("the directory and its files are for their user alone, whatever the umask", async (t) => {
  const dir = join(tempDirectory(t), "deep", "queue");
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const queue = await openDisk(t, dir);
  await append(queue, ["a"]);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  const names = readdirSync(dir).sort();
  assert.deepEqual(names, ["queue.db", "queue.db-wal", "queue.lock", "queue.made", "queue.reserve"]);
  for (const name of names) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600, name);
});

test("a queue directory that has become open to others is closed again, and that is told", async (t) => {
  const dir = join(tempDirectory(t), "queue");
  await (await openDisk(t, dir)).close();
  for (const mode of [0o755, 0o777]) {
    chmodSync(dir, mode);
    chmodSync(join(dir, "queue.db"), 0o644);
    const facts = new Facts();
    await (await openDisk(t, dir, {}, facts)).close();
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    assert.equal(statSync(join(dir, "queue.db")).mode & 0o777, 0o600);
    assert.equal(facts.sum(EXPOSED), 1);
  }
  const facts = new Facts();
  await (await openDisk(t, dir, {}, facts)).close();
  assert.equal(facts.sum(EXPOSED), 0);
});

test("a directory that others use as well is left as it is, which is told; not where everybody may write", async (t) => {
  const shared = join(tempDirectory(t), "shared");
  mkdirSync(shared);
  writeFileSync(join(shared, "of-another"), "");
  for (const mode of [0o777, 0o1777, 0o703]) {
    chmodSync(shared, mode);
    await assert.rejects(openDisk(t, shared), (error: Error) => {
      assert.equal(error.name, "QueueDirectoryError");
      assert.match(
        error.message,
        /everybody may write to it \(mode [01]7\d\d\); give the queue a directory of its own/,
      );
      return true;
    });
    assert.deepEqual(readdirSync(shared), ["of-another"]);
  }
  chmodSync(shared, 0o755);
  const facts = new Facts();
  await (await openDisk(t, shared, {}, facts)).close();
  assert.equal(statSync(shared).mode & 0o777, 0o755);
  assert.equal(facts.sum(EXPOSED), 1);
});

test("an empty directory is closed without a word, on a new file system as well", async (t) => {
  const dir = join(tempDirectory(t), "volume");
  mkdirSync(join(dir, "lost+found"), { recursive: true });
  chmodSync(dir, 0o777);
  const facts = new Facts();
  await (await openDisk(t, dir, {}, facts)).close();
  assert.equal(statSync(dir).mode & 0o777, 0o700);
  assert.equal(facts.sum(EXPOSED), 0);
});

test("a store of a newer release is refused by name and left as it is", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  await append(before, ["a"]);
  await before.close();
  change(dir, "PRAGMA user_version = 7");
  await assert.rejects(openDisk(t, dir), (error: Error) => {
    assert.equal(error.name, "NewerFormatError");
    assert.match(error.message, /has format 7; this release reads formats up to 1/);
    return true;
  });
  change(dir, "PRAGMA user_version = 1");
  const after = await openDisk(t, dir);
  assert.deepEqual(await takeIds(after.reader("default")), ["a"]);
});

for (const [what, damage] of [
  ["is cut to nothing", (file: string) => truncateSync(file)],
  ["is no database", (file: string) => writeFileSync(file, "x".repeat(50_000))],
  ["is overwritten in the middle", (file: string) => overwrite(file, 16_384, 60_000)],
  ["is cut off", (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 20_000))],
  ["is a database of something else", (file: string) => replaceTables(file)],
  ["has lost a table", (file: string) => change(dirname(file), "DROP TABLE letters")],
  ["has a word for a number", (file: string) => change(dirname(file), "UPDATE log SET bytes = 'many'")],
] as const) {
  test(`a store that ${what} is set aside and reported, and a new one begins`, async (t) => {
    const dir = tempDirectory(t);
    const before = await openDisk(t, dir);
    let last = 0;
    for (const id of ["a", "b", "c"]) last = await append(before, [id], 30_000);
    await before.close();
    damage(join(dir, "queue.db"));
    const facts = new Facts();
    const after = await openDisk(t, dir, {}, facts);
    assert.equal(facts.sum(DAMAGED), 1);
    const aside = readdirSync(dir).filter(
      (name) => name.startsWith("queue-damaged-") && name.endsWith(".db"),
    );
    assert.equal(aside.length, 1);
    assert.ok(facts.all.some(({ detail }) => detail.includes(aside[0] ?? "none")));
    assert.equal(statSync(join(dir, aside[0] ?? "")).mode & 0o777, 0o600);
    const first = await append(after, ["d"]);
    // A tap that has seen the others, over a reload, goes on behind them.
    assert.ok(first > last, `${first} after ${last}`);
    assert.deepEqual(await takeIds(after.reader("default")), ["d"]);
  });
}

for (const [what, damage] of [
  ["is empty", (file: string) => truncateSync(file)],
  ["is missing", (file: string) => rmSync(file)],
  ["has lost its header", (file: string) => overwrite(file, 0, 100)],
  ["is cut off within its header", (file: string) => truncateSync(file, 50)],
] as const) {
  test(`acknowledged events in a log whose database ${what} are set aside with it, not deleted in silence`, async (t) => {
    const crashed = await crashWithLog(t);
    damage(join(crashed, "queue.db"));
    const log = readFileSync(join(crashed, "queue.db-wal"));
    const facts = new Facts();
    const after = await openDisk(t, crashed, {}, facts);
    assert.equal(facts.sum(DAMAGED), 1);
    const aside = readdirSync(crashed).filter((name) => name.startsWith("queue-damaged-"));
    const [database = ""] = aside.filter((name) => name.endsWith(".db"));
    assert.deepEqual(aside.sort(), [database, `${database}-wal`]);
    assert.ok(facts.all.some(({ detail }) => detail.includes(database)));
    assert.deepEqual(readFileSync(join(crashed, `${database}-wal`)), log);
    await append(after, ["new"]);
    assert.deepEqual(await takeIds(after.reader("default")), ["new"]);
  });
}

test("a log beside a sound database is recovered, also when nothing was copied into the file yet", async (t) => {
  const crashed = await crashWithLog(t);
  const facts = new Facts();
  const after = await openDisk(t, crashed, {}, facts);
  assert.equal(facts.sum(DAMAGED), 0);
  assert.deepEqual(await takeIds(after.reader("default")), ["a", "b"]);
});

test("one damaged batch is set aside and skipped; its neighbours come", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  await append(before, ["a"]);
  await append(before, ["b1", "b2"]);
  const last = await append(before, ["c"]);
  await before.close();
  change(dir, "UPDATE batches SET body = x'00112233' WHERE first = 2");
  const facts = new Facts();
  const after = await openDisk(t, dir, {}, facts);
  const reader = after.reader("default");
  assert.deepEqual(await takeIds(reader), ["a", "c"]);
  assert.equal(facts.sum(DAMAGED), 1);
  const aside = readdirSync(dir).find((name) => name.startsWith("queue-damaged-")) ?? "";
  assert.match(aside, /-batch-2$/);
  assert.deepEqual(readFileSync(join(dir, aside)), Buffer.from("00112233", "hex"));
  await reader.settle([{ first: 1, last }]);
  assert.equal(await reader.pending(), 0);
  assert.equal((await after.stats()).events, 0);
});

for (const [what, sql] of [
  ["text", "UPDATE batches SET body = CAST(replace(body, 'PADDING', 'PADDXNG') AS BLOB) WHERE first = 2"],
  ["JSON", "UPDATE batches SET body = CAST(replace(body, 'PADDING', 'PADD\"NG') AS BLOB) WHERE first = 2"],
  ["count", "UPDATE batches SET count = 0 WHERE first = 2"],
] as const) {
  test(`a byte that flipped in the ${what} of a stored batch is never delivered`, async (t) => {
    const dir = tempDirectory(t);
    const before = await openDisk(t, dir);
    for (const id of ["a", "b", "c"]) await before.append(buildBatch([{ id, data: "PADDING" }]));
    await before.close();
    change(dir, sql);
    const facts = new Facts();
    const after = await openDisk(t, dir, {}, facts);
    assert.deepEqual(await takeIds(after.reader("default")), ["a", "c"]);
    assert.equal(facts.sum(DAMAGED), 1);
    assert.ok(readdirSync(dir).some((name) => /^queue-damaged-.*-batch-2$/.test(name)));
    assert.deepEqual(idsOf(await after.browse(2, wide)), ["c"]);
    assert.equal(facts.sum(DAMAGED), 1);
  });
}

test("a dead letter whose bytes flipped is set aside, reported and not shown", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  const first = await append(before, ["a", "b"]);
  const letter = { reason: "expired", detail: "", attempts: 9, lastStatus: "503", atMs: 12 };
  const letters = [first, first + 1].map((sequence) => ({ ...letter, sequence, event: Buffer.from("{}") }));
  await before.reader("default").deadLetter(letters);
  await before.close();
  change(dir, "UPDATE letters SET event = x'7b7c' WHERE id = 1");
  const facts = new Facts();
  const after = await openDisk(t, dir, {}, facts);
  assert.deepEqual(
    (await after.deadLetters(10)).map(({ sequence }) => sequence),
    [first + 1],
  );
  assert.equal(facts.sum(DAMAGED), 1);
  assert.ok(readdirSync(dir).some((name) => /^queue-damaged-.*-letter-1$/.test(name)));
  assert.equal((await after.stats()).deadLetters, 1);
});

test("damage met while running breaks the queue loudly, and the next open sets the file aside", async (t) => {
  const dir = tempDirectory(t);
  const before = await openDisk(t, dir);
  // More than the page cache holds, so that the oldest are read from the file again.
  for (let i = 0; i < 40; i++) await append(before, [`${i}`], 600_000);
  await before.close();
  const broken = Promise.withResolvers<Error>();
  const queue = await openDisk(t, dir, { onFatal: broken.resolve });
  overwrite(join(dir, "queue.db"), 100_000, 4_000_000);
  await assert.rejects(takeIds(queue.reader("default")));
  await broken.promise;
  assert.equal(queue.refusing(), true);
  await queue.close();
  const facts = new Facts();
  const after = await openDisk(t, dir, {}, facts);
  assert.equal(facts.sum(DAMAGED), 1);
  await append(after, ["new"]);
  assert.deepEqual(idsOf(await after.browse(0, wide)), ["new"]);
});

test("a directory that cannot be made is an error which names it", async (t) => {
  const file = join(tempDirectory(t), "file");
  writeFileSync(file, "");
  await assert.rejects(openDisk(t, join(file, "queue")), {
    name: "QueueDirectoryError",
    message: `the queue directory ${join(file, "queue")} cannot be used: a part of the path is a file (ENOTDIR)`,
  });
});

test("the runtime prints nothing about node:sqlite, and an idle queue keeps no process alive", async (t) => {
  const code = `
    import { openDiskQueue } from ${JSON.stringify(new URL("../../src/queue/disk-queue.ts", import.meta.url))};
    import { systemClock as clock } from ${JSON.stringify(new URL("../../src/system.ts", import.meta.url))};
    const dir = process.argv[1];
    const settings = { kind: "disk", dir, durability: "sync", maxBytes: 1e9, ring: false };
    const queue = await openDiskQueue(settings, ["default"], { clock, facts: { record() {} } });
    queue.reader("default").take({ maxEvents: 1, maxBytes: 1 }, new AbortController().signal);
    process.stdout.write(JSON.stringify(await queue.stats()));`;
  const child = spawn(process.execPath, [
    "--conditions=coresdk-source",
    "--input-type=module",
    "--eval",
    code,
    tempDirectory(t),
  ]);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  assert.match(out, /"events":0/);
  assert.equal(err, "");
});

/** A directory as a kill leaves it: acknowledged events are in the log alone. */
async function crashWithLog(t: TestContext): Promise<string> {
  const running = tempDirectory(t);
  const queue = await openDisk(t, running);
  for (const id of ["a", "b"]) await append(queue, [id]);
  const crashed = tempDirectory(t);
  for (const name of ["queue.db", "queue.db-wal"]) copyFileSync(join(running, name), join(crashed, name));
  assert.ok(readFileSync(join(crashed, "queue.db-wal")).length > 0);
  return crashed;
}

/** Changes a closed store from outside. */
function change(dir: string, sql: string): void {
  const database = new DatabaseSync(join(dir, "queue.db"));
  database.exec(sql);
  database.close();
}

function overwrite(file: string, from: number, to: number): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0x5a, from, Math.min(to, bytes.length)));
}

function replaceTables(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("DROP TABLE batches; CREATE TABLE other (a); PRAGMA application_id = 0");
  database.close();
}

test("a Node without SQLite is told which one has it", () => {
  const program = `
    import { openDiskQueue } from ${JSON.stringify(new URL("../../src/queue/disk-queue.ts", import.meta.url).href)};
    const settings = { kind: "disk", dir: "/nonexistent", durability: "sync", maxBytes: 1e9, ring: false };
    await openDiskQueue(settings, [], {}).catch(({ message }) => console.log(message));`;
  const flags = ["--no-experimental-sqlite", "--conditions=coresdk-source", "--input-type=module"];
  const said = execFileSync(process.execPath, [...flags, "--eval", program], { encoding: "utf8" });
  assert.match(said, /^the disk queue needs Node\.js 22\.13 or newer for node:sqlite; this is v\d/);
});
