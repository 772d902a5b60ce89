import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { closeDirectory } from "../../src/queue/close-directory.ts";
import { openDisk, tempDirectory } from "./queue-under-test.ts";

test("a symbolic link in place of a file of the queue is refused by name, and nothing is changed through it", async (t) => {
  const dir = join(tempDirectory(t), "queue");
  const target = join(tempDirectory(t), "of-another");
  writeFileSync(target, "precious");
  chmodSync(target, 0o644);
  mkdirSync(dir);
  chmodSync(dir, 0o777);
  for (const name of [
    "queue.db",
    "queue.db-wal",
    "queue.db-shm",
    "queue.db-journal",
    "queue.lock",
    "queue.lock.repair",
    "queue.made",
    "queue.damaged",
    "queue.reserve",
  ]) {
    for (const to of [target, join(dir, "nowhere")]) {
      const link = join(dir, name);
      symlinkSync(to, link);
      await assert.rejects(openDisk(t, dir), {
        name: "QueueDirectoryError",
        message: `the queue directory ${dir} cannot be used: ${link} is a symbolic link, which the queue does not follow`,
      });
      assert.deepEqual(readdirSync(dir), [name]);
      assert.ok(lstatSync(link).isSymbolicLink());
      assert.equal(statSync(dir).mode & 0o777, 0o777);
      assert.equal(statSync(target).mode & 0o777, 0o644);
      assert.equal(readFileSync(target, "utf8"), "precious");
      rmSync(link);
    }
  }
  await (await openDisk(t, dir)).close();
});

test("a pipe in place of a file of the queue is refused by name, and not waited at", async (t) => {
  const dir = tempDirectory(t);
  execFileSync("mkfifo", [join(dir, "queue.db-wal")]);
  await assert.rejects(openDisk(t, dir), /cannot be used: .*queue\.db-wal is no file$/);
});

test("another file that was given a name of the queue's by a hard link keeps its readers", async (t) => {
  const dir = tempDirectory(t);
  const target = join(tempDirectory(t), "of-another");
  writeFileSync(target, "precious");
  chmodSync(target, 0o644);
  linkSync(target, join(dir, "queue.db"));
  await assert.rejects(openDisk(t, dir), /queue\.db is open to others and has another name elsewhere/);
  assert.equal(statSync(target).mode & 0o777, 0o644);
});

test("the path of a queue directory may be a link; one to nothing is told from a file in the way", async (t) => {
  const parent = tempDirectory(t);
  const link = join(parent, "link");
  symlinkSync(join(parent, "real"), link);
  await assert.rejects(openDisk(t, link), {
    name: "QueueDirectoryError",
    message: `the queue directory ${link} cannot be used: ${link} is a symbolic link to what is not there`,
  });
  mkdirSync(join(parent, "real"));
  await (await openDisk(t, link)).close();
});

test("a directory of another user is never called this user's alone", (t) => {
  const dir = join(tempDirectory(t), "queue");
  mkdirSync(dir);
  const { uid } = statSync(dir);
  // Whoever runs this: only root can give a directory away, and anybody can be taken for someone else.
  const isRoot = uid === 0;
  const owner = isRoot ? 65_534 : uid;
  const user = isRoot ? 0 : uid + 1;
  if (isRoot) chownSync(dir, owner, 0);
  for (const [mode, said] of [
    [0o700, `belongs to user ${owner}, who may write to it`],
    [0o777, `was open to others (mode 0777); it is closed now (mode 0700) to all but user ${owner}`],
  ] as const) {
    for (const names of [[], ["queue.db"]]) {
      for (const name of names) writeFileSync(join(dir, name), "");
      chmodSync(dir, mode);
      const exposure = closeDirectory(dir, "queue.db", user) ?? "";
      assert.ok(exposure.includes(said), exposure);
      assert.ok(!exposure.includes("alone"), exposure);
    }
  }
  writeFileSync(join(dir, "of-another"), "");
  rmSync(join(dir, "queue.db"));
  chmodSync(dir, 0o775);
  const exposure = closeDirectory(dir, "queue.db", user) ?? "";
  assert.match(exposure, /^others may write to .* \(mode 0775\), which belongs to user \d+; give/);
  chmodSync(dir, 0o777);
  assert.throws(() => closeDirectory(dir, "queue.db", 0), /everybody may write to it \(mode 0777\)/);
});

test("a volume of root's that a group may write to, as in Kubernetes, is used with a warning", (t) => {
  const dir = join(tempDirectory(t), "volume");
  mkdirSync(dir);
  // It can be closed by no one but root, so another thing in it keeps it open here.
  writeFileSync(join(dir, "of-another"), "");
  const { uid } = statSync(dir);
  const isRoot = uid === 0;
  for (const mode of [0o775, 0o777]) {
    chmodSync(dir, mode);
    const exposure = closeDirectory(dir, "queue.db", isRoot ? 1000 : uid + 1) ?? "";
    assert.match(exposure, /^others may write to the queue directory .*\(mode 077[57]\)/);
    assert.equal(statSync(dir).mode & 0o7777, mode);
  }
});
