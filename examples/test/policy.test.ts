import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { sidecarBin } from "../../testing/e2e/sidecar-process.ts";

const run = promisify(execFile);
const examples = join(import.meta.dirname, "..");

test("the example policy decides its fixtures as they say", async () => {
  const args = ["policy", "test", "policies", "--fixtures", "policy-fixtures"];
  const { stdout } = await run(process.execPath, [sidecarBin, ...args], { cwd: examples });
  assert.equal(stdout.split("\n").filter((line) => line.startsWith("ok ")).length, 4);
  assert.match(stdout, /\n4 inputs, none failed\n$/);
});

test("the README shows the example policy as it is", async () => {
  const readme = await readFile(join(examples, "..", "README.md"), "utf8");
  const policy = await readFile(join(examples, "policies", "egress.rego"), "utf8");
  assert.ok(readme.includes(`\`\`\`rego\n${policy}\`\`\``));
});
