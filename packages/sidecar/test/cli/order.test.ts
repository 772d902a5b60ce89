/** Where options may stand, and what is no command. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { BIN, run } from "./process.ts";

test("options before the command mean what they mean after it", async (t) => {
  const cwd = createDirectory(t);
  for (const [before, after] of [
    [
      ["--tenant", "a", "config", "print"],
      ["config", "print", "--tenant", "a"],
    ],
    [
      ["--source=/s", "--dry-run", "config", "print", "--tenant", "validate"],
      ["config", "print", "--source=/s", "--dry-run", "--tenant", "validate"],
    ],
    [
      ["--http", "http://h/", "-c", "none.yaml", "validate"],
      ["validate", "--http", "http://h/", "-c", "none.yaml"],
    ],
    [
      ["--tenant", "a", "validate"],
      ["validate", "--tenant", "a"],
    ],
    [
      ["--tenant", "a", "tap"],
      ["tap", "--tenant", "a"],
    ],
  ] as const) {
    const [one, other] = await Promise.all([run(t, before, { cwd }), run(t, after, { cwd })]);
    assert.deepEqual(one, other, before.join(" "));
  }
  const { stdout } = await run(t, ["--tenant", "validate", "config", "print"], { cwd });
  assert.match(stdout, /^tenant: validate$/m);
});

test("a command that there is not is an error, whether or not help is asked for", async (t) => {
  const cwd = createDirectory(t);
  for (const args of [
    ["nope", "--help"],
    ["nope", "-h"],
    ["help", "nope"],
    ["config", "nope", "--help"],
    ["--tenant", "a", "nope", "--help"],
  ]) {
    const { code, stdout, stderr } = await run(t, args, { cwd });
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, /unknown command "nope"/, args.join(" "));
  }
});

test("a working directory that was removed is said in a line", (t) => {
  const cwd = createDirectory(t);
  for (const args of [
    ["validate"],
    ["send", "http://h/", "--dry-run"],
    ["policy", "test", ".", "--input", "x"],
  ]) {
    const gone = mkdtempSync(join(cwd, "gone-"));
    const { status, stderr } = spawnSync(
      "/bin/sh",
      ["-c", 'rmdir "$PWD" && exec "$0" "$@"', process.execPath, BIN, ...args],
      {
        cwd: gone,
        env: { PATH: process.env["PATH"], HOME: cwd, XDG_CONFIG_HOME: cwd },
        encoding: "utf8",
      },
    );
    assert.deepEqual([status, stderr], [1, "error: the working directory is not there any more\n"]);
  }
});
