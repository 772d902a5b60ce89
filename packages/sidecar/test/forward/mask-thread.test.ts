import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

/** Loads the module that masks in a process of its own, and says what it brought along. */
const PROGRAM = `
  import { registerHooks } from "node:module";
  const urls = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      urls.add(resolved.url);
      return resolved;
    },
  });
  await import(process.argv[1]);
  console.log(JSON.stringify([...urls]));
`;

test("a thread that masks loads nothing of what stores and delivers, since others wait for its start", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=coresdk-source",
    "--input-type=module",
    "--eval",
    PROGRAM,
    new URL("../../src/forward/forward-masking.ts", import.meta.url).href,
  ]);
  const urls: unknown = JSON.parse(stdout);
  assert.ok(Array.isArray(urls) && urls.some((url) => `${url}`.includes("pipeline/src/mask/")));
  const needless = urls.filter((url) => /kafka|undici|node:sqlite|src\/(?:deliver|queue)\//.test(`${url}`));
  assert.deepEqual(needless, []);
});
