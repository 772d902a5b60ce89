/** A queue directory that is moved while its sidecar runs, and what another one makes in its place. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { answers } from "./answers.ts";
import { open } from "./open-control.ts";

for (const [kind, name] of [
  ["short", "data"],
  ["long", "x".repeat(120)],
] as const) {
  test(`a sidecar that ends leaves the socket of one that took its place, with a ${kind} path`, async (t) => {
    const directory = join(createDirectory(t), name);
    mkdirSync(directory);
    const first = await open(t, directory);
    const moved = `${directory}-moved`;
    renameSync(directory, moved);
    mkdirSync(directory);
    const second = await open(t, directory);
    assert.equal(await answers(moved), true);
    await first.close();
    assert.equal(await answers(moved), false);
    assert.equal(await answers(directory), true);
    await second.close();
    assert.deepEqual(readdirSync(directory), []);
    for (const { path } of [first, second]) assert.ok(kind === "short" || !existsSync(dirname(path)));
  });

  test(`a sidecar that ends removes what it made and no more, with a ${kind} path`, async (t) => {
    const directory = join(createDirectory(t), name);
    mkdirSync(directory);
    const first = await open(t, directory);
    const second = await open(t, directory);
    await first.close();
    assert.equal(await answers(directory), true);
    await second.close();
    assert.deepEqual(readdirSync(directory), []);
  });
}
