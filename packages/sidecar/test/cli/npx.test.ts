import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

test("npx coresdk-sidecar works in the repository's root", async () => {
  const cwd = join(import.meta.dirname, "../../../..");
  // On Windows npx is a script, which only a shell starts.
  const shell = process.platform === "win32";
  const { stdout } = await promisify(execFile)("npx", ["--no-install", "coresdk-sidecar", "--version"], {
    cwd,
    shell,
  });
  assert.match(stdout, /^\d+\.\d+\.\d+\s*$/);
});
