/** The control socket of a queue directory whose path is too long for one. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { answers } from "./answers.ts";
import { open } from "./open-control.ts";

function createLongDirectory(t: TestContext): string {
  const directory = join(createDirectory(t), "x".repeat(120));
  mkdirSync(directory);
  return directory;
}

/** A directory that has the name of one for a control socket. */
function createNamesake(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "coresdk-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function pointTo(queueDir: string, socket: string): void {
  writeFileSync(join(queueDir, "control.path"), `${socket}\n`);
}

function pointed(queueDir: string): string | undefined {
  return readFileSync(join(queueDir, "control.path"), "utf8").split("\n")[0];
}

/** What the socket of this directory would say of whose it is. */
function markFor(queueDir: string, path = queueDir): string {
  const { dev, ino } = statSync(queueDir, { bigint: true });
  return `${dev}:${ino}\n${path}\n`;
}

test("where the directory's path is too long for a socket, it is elsewhere and still found", async (t) => {
  const directory = createLongDirectory(t);
  assert.equal(await answers(directory), false);
  const control = await open(t, directory);
  assert.ok(Buffer.byteLength(control.path) <= 103);
  assert.equal(statSync(dirname(control.path)).mode & 0o777, 0o700);
  assert.equal(pointed(directory), control.path);
  assert.equal(await answers(directory), true);
  // After a kill -9 the next one takes the place, and leaves nothing behind.
  const second = await open(t, directory);
  assert.ok(!existsSync(dirname(control.path)));
  await second.close();
  assert.ok(!existsSync(dirname(second.path)));
  assert.ok(!existsSync(join(directory, "control.path")));
});

test("the socket of a directory that was moved is replaced", async (t) => {
  const directory = createLongDirectory(t);
  const control = await open(t, directory);
  const moved = `${directory}-moved`;
  renameSync(directory, moved);
  assert.equal(await answers(moved), true);
  const second = await open(t, moved);
  assert.ok(!existsSync(dirname(control.path)));
  assert.notEqual(second.path, control.path);
});

test("a sidecar on a copy of a queue directory leaves the first one's socket alone", async (t) => {
  const directory = createLongDirectory(t);
  const first = await open(t, directory);
  const copy = `${directory}-copy`;
  cpSync(directory, copy, { recursive: true });
  assert.equal(await answers(copy), false);
  const second = await open(t, copy);
  assert.notEqual(second.path, first.path);
  assert.equal(await answers(directory), true);
  assert.equal(await answers(copy), true);
  await second.close();
  assert.equal(await answers(directory), true);
});

test("a sidecar on a copy that took the place of a queue directory leaves the socket of the moved one alone", async (t) => {
  const directory = createLongDirectory(t);
  await open(t, directory);
  const moved = `${directory}-moved`;
  renameSync(directory, moved);
  cpSync(moved, directory, { recursive: true });
  await open(t, directory);
  assert.equal(await answers(moved), true);
});

test("a pointer that somebody else wrote removes nothing of theirs", async (t) => {
  const directory = createLongDirectory(t);
  const another = createLongDirectory(t);
  const elsewhere = createDirectory(t);
  const cases: readonly [what: string, make: () => string, mark: string | undefined][] = [
    ["a queue directory by its default name", () => join(elsewhere, "coresdk-data"), undefined],
    ["one that says to be for this socket", () => join(elsewhere, "coresdk-more"), markFor(directory)],
    [
      "one that is not in the temporary directory",
      () => join(elsewhere, "coresdk-abcdef"),
      markFor(directory),
    ],
    ["one that has the name and no mark", () => createNamesake(t), undefined],
    ["one of another queue", () => createNamesake(t), markFor(another)],
    ["one of another queue at this path", () => createNamesake(t), markFor(another, directory)],
  ];
  for (const [what, make, mark] of cases) {
    const precious = make();
    mkdirSync(precious, { recursive: true });
    writeFileSync(join(precious, "queue.db"), "precious");
    if (mark !== undefined) writeFileSync(join(precious, "queue"), mark);
    const server = createServer().listen(join(precious, "control.sock"));
    await once(server, "listening");
    const before = readdirSync(precious);
    pointTo(directory, join(precious, "control.sock"));
    const control = await open(t, directory);
    await control.close();
    assert.deepEqual(readdirSync(precious), before, what);
    assert.ok(before.includes("control.sock"));
    server.close();
  }
});

test("a link in place of the socket's directory, and what is no socket in it, is not followed and stays", async (t) => {
  const directory = createLongDirectory(t);
  const precious = createNamesake(t);
  writeFileSync(join(precious, "queue"), markFor(directory));
  writeFileSync(join(precious, "control.sock"), "precious");
  const link = `${createNamesake(t).slice(0, -6)}linked`;
  symlinkSync(precious, link);
  t.after(() => rmSync(link, { force: true }));
  pointTo(directory, join(link, "control.sock"));
  await (await open(t, directory)).close();
  assert.deepEqual(readdirSync(precious).toSorted(), ["control.sock", "queue"]);
  pointTo(directory, join(precious, "control.sock"));
  await (await open(t, directory)).close();
  assert.equal(readFileSync(join(precious, "control.sock"), "utf8"), "precious");
});

test("a sidecar is found, and leaves nothing behind, when what cleans up the temporary directory took the mark", async (t) => {
  const directory = createLongDirectory(t);
  const control = await open(t, directory);
  rmSync(join(dirname(control.path), "queue"));
  assert.equal(await answers(directory), true);
  const copy = `${directory}-copy`;
  cpSync(directory, copy, { recursive: true });
  assert.equal(await answers(copy), false);
  await control.close();
  assert.ok(!existsSync(dirname(control.path)));
  assert.deepEqual(readdirSync(directory), []);
});

test("a socket whose mark is gone is removed by nobody else", async (t) => {
  const directory = createLongDirectory(t);
  const control = await open(t, directory);
  rmSync(join(dirname(control.path), "queue"));
  await (await open(t, directory)).close();
  assert.ok(existsSync(control.path));
});

async function withTemporary(path: string, work: () => Promise<void>): Promise<void> {
  const { TMPDIR: before } = process.env;
  process.env["TMPDIR"] = path;
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}

test("a relative TMPDIR is one of the sidecar's own working directory", async (t) => {
  const directory = createLongDirectory(t);
  const temporary = createDirectory(t);
  await withTemporary(relative(process.cwd(), temporary), async () => {
    const control = await open(t, directory);
    assert.equal(dirname(dirname(control.path)), temporary);
    assert.equal(pointed(directory), control.path);
    assert.equal(await answers(directory), true);
    // The next one after a kill -9 knows it again.
    await (await open(t, directory)).close();
  });
  assert.deepEqual(readdirSync(temporary), []);
});

test("a TMPDIR in which no directory can be made is named, with what to do", async (t) => {
  const directory = createLongDirectory(t);
  const temporary = createDirectory(t);
  writeFileSync(join(temporary, "file"), "");
  for (const [name, code] of [
    ["none", "ENOENT"],
    ["file", "ENOTDIR"],
  ] as const) {
    const path = join(temporary, name);
    await withTemporary(path, () =>
      assert.rejects(open(t, directory), {
        name: "ControlSocketError",
        message: `its path is too long for the control socket, and no directory for that can be made in ${path} (${code}): name a shorter one, or let TMPDIR name a directory that can be written to`,
      }),
    );
  }
});

test("what else is in the socket's directory stays", async (t) => {
  const directory = createLongDirectory(t);
  const control = await open(t, directory);
  const place = dirname(control.path);
  t.after(() => rmSync(place, { recursive: true, force: true }));
  mkdirSync(join(place, "precious"));
  writeFileSync(join(place, "precious", "file"), "");
  await control.close();
  assert.deepEqual(readdirSync(place, { recursive: true }).toSorted(), ["precious", "precious/file"]);
});

test("a pointer that is none is replaced", async (t) => {
  const directory = createLongDirectory(t);
  for (const text of [
    "",
    "\n",
    "\0",
    "/",
    ".",
    "x".repeat(100_000),
    "/tmp/coresdk-abcdef/control.sock",
    "\n\n\n",
  ]) {
    writeFileSync(join(directory, "control.path"), text);
    assert.equal(await answers(directory), false);
    const control = await open(t, directory);
    assert.equal(pointed(directory), control.path);
    await control.close();
  }
});
