import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { findClosedPort } from "../../../testing/listen.ts";

const run = promisify(execFile);

for (const end of ["close", "flush"]) {
  test(`a program that awaits ${end} is told at the deadline what is left, with nothing else to keep it alive`, async () => {
    const program = join(import.meta.dirname, "close-program.ts");
    const endpoint = `http://127.0.0.1:${await findClosedPort()}/`;
    const args = ["--conditions=coresdk-source", program, endpoint, end];
    const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
    assert.equal(stdout, "1 left\n");
  });
}
