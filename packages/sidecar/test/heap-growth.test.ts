import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import type { HeapFigures } from "./heap-program.ts";

/** In a process of its own: the limits are for all of a process, and for good. */
async function run(...args: readonly string[]): Promise<HeapFigures> {
  const program = join(import.meta.dirname, "heap-program.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  return JSON.parse(stdout);
}

test("the young generation stays small, and the old one is collected more often, than without the limits", async () => {
  const [free, limited] = [await run(), await run("limited")];
  assert.ok(limited.youngBytes <= 64 * 1024 * 1024, `${limited.youngBytes} bytes`);
  assert.ok(limited.youngBytes * 1.5 < free.youngBytes, `${limited.youngBytes} and ${free.youngBytes} bytes`);
  assert.ok(
    limited.collections >= 2 * free.collections,
    `${limited.collections} and ${free.collections} times`,
  );
});
