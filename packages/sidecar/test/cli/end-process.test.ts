import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const MODULE = new URL("../../src/cli/end-process.ts", import.meta.url).href;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

async function end(program: string): Promise<Ended> {
  const args = ["--conditions=coresdk-source", "--input-type=module", "-e"];
  const source = `import { endWith } from ${JSON.stringify(MODULE)}; ${program}`;
  return promisify(execFile)(process.execPath, [...args, source], { cwd: ROOT }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: Ended) => ({ code, stderr }),
  );
}

test("a command that comes to no end does not end with 0, and says so", async () => {
  const { code, stderr } = await end("void endWith(new Promise(() => {}));");
  assert.equal(code, 1);
  assert.match(stderr, /^error: the command came to no end/);
});

test("a command ends with its own code", async () => {
  assert.deepEqual(await end("void endWith(Promise.resolve(0));"), { code: 0, stderr: "" });
  assert.deepEqual(await end("void endWith(Promise.resolve(78));"), { code: 78, stderr: "" });
});
