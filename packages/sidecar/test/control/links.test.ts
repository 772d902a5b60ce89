/** A queue directory that has more than one name. */
import assert from "node:assert/strict";
import { mkdirSync, realpathSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { answers } from "./answers.ts";
import { open } from "./open-control.ts";

const LONG = "x".repeat(120);

for (const [what, realName, linkName] of [
  ["a short link to a long path", LONG, "link"],
  ["a long link to a short path", "data", join(LONG, "link")],
] as const)
  test(`a sidecar is found by ${what} and by the path itself, whichever it was started with`, async (t) => {
    const root = createDirectory(t);
    const [real, link] = [join(root, realName), join(root, linkName)];
    mkdirSync(real);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(real, link);
    for (const started of [real, link]) {
      const control = await open(t, started);
      assert.ok(Buffer.byteLength(control.path) <= 103);
      for (const asked of [real, link, join(link, "."), join(link, "")]) {
        assert.equal(await answers(asked), true, `started with ${started}, asked with ${asked}`);
      }
      await control.close();
      for (const asked of [real, link]) assert.equal(await answers(asked), false);
    }
  });

test("a link that leads to another directory meanwhile finds the sidecar of that one", async (t) => {
  const root = createDirectory(t);
  const link = join(root, "link");
  const [first, second] = [join(root, "first"), join(root, LONG)];
  for (const directory of [first, second]) mkdirSync(directory);
  symlinkSync(first, link);
  const control = await open(t, link);
  const next = `${link}-next`;
  symlinkSync(second, next);
  renameSync(next, link);
  assert.equal(await answers(link), false);
  const other = await open(t, link);
  await control.close();
  assert.equal(await answers(first), false);
  assert.equal(await answers(link), true);
  assert.notEqual(dirname(other.path), realpathSync(first));
});

test("where the path is longer for who asks than for the sidecar, the socket in the directory is found", async (t) => {
  const root = createDirectory(t);
  const directory = join(root, "data");
  mkdirSync(directory);
  await open(t, directory);
  const longer = join(root, LONG);
  renameSync(directory, longer);
  symlinkSync(longer, directory);
  assert.equal(await answers(directory), true);
});
