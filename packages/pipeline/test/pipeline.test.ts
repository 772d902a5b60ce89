import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const run = promisify(execFile);

async function findClosedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

for (const end of ["close", "flush"]) {
  test(`a program that awaits ${end} is told at the deadline what is left, with nothing else to keep it alive`, async () => {
    const program = join(import.meta.dirname, "close-program.ts");
    const endpoint = `http://127.0.0.1:${await findClosedPort()}/`;
    const args = ["--conditions=coresdk-source", program, endpoint, end];
    const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
    assert.equal(stdout, "1 left\n");
  });
}
