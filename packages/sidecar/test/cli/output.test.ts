/** Output that nobody takes: a pipe closed early, a full disk. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { BIN, start } from "./process.ts";

const COMMANDS: readonly (readonly string[])[] = [
  ["--help"],
  ["--version"],
  ["validate"],
  ["config", "print"],
  ["config", "schema"],
  ["send", "http://h/", "--dry-run"],
];

test("a pipe that is closed early ends a command quietly, with the code that it would have had", async (t) => {
  const cwd = createDirectory(t);
  for (const args of [...COMMANDS, ["status"], ["xyzzy"]]) {
    const started = start(t, args, { cwd });
    started.child.stdout?.destroy();
    const code = await started.ended;
    const name = args.join(" ");
    assert.equal(code, name === "status" ? 1 : name === "xyzzy" ? 2 : 0, name);
    assert.doesNotMatch(started.stderr(), /EPIPE|\n +at /, name);
  }
});

test("a closed stderr does not end a command otherwise than an open one", async (t) => {
  const cwd = createDirectory(t);
  for (const [args, expected] of [
    [["xyzzy"], 2],
    [["validate"], 0],
  ] as const) {
    const started = start(t, args, { cwd, environment: { CORESDK_TENNANT: "a" } });
    started.child.stderr?.destroy();
    assert.equal(await started.ended, expected, args.join());
  }
});

test("a device without room is one line and a failure", {
  skip: existsSync("/dev/full") ? false : "no /dev/full on this machine",
}, (t) => {
  const cwd = createDirectory(t);
  const full = openSync("/dev/full", "w");
  t.after(() => closeSync(full));
  for (const args of COMMANDS) {
    const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: cwd, XDG_CONFIG_HOME: cwd },
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    assert.deepEqual(
      [status, stderr],
      [1, "error: standard output cannot be written: ENOSPC, no space left on the device\n"],
      args.join(" "),
    );
  }
});
