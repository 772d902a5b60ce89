import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { repositoryRoot } from "../components.ts";
import type { FileResult } from "./run-file.ts";

const cache = join(repositoryRoot, ".cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "runner-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs a test file as `npm test` does: in a process that is no test itself. */
function runText(text: string): FileResult {
  writeFileSync(join(folder, "sample.test.ts"), text);
  const file = { path: `.cache/${basename(folder)}/sample.test.ts`, suite: "sample" };
  const program = join(folder, "run.ts");
  writeFileSync(
    program,
    `import { runFile } from "../../testing/runner/run-file.ts";
    console.log(JSON.stringify(await runFile(${JSON.stringify(file)})));`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ["--conditions=coresdk-source", program], {
    env,
    encoding: "utf8",
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

const header = `import { describe, test } from "node:test";\n`;

test("passed, failed and skipped tests are counted one by one, groups are not", () => {
  const { passed, failures, skipped } = runText(`${header}
    test("good", () => {});
    test("lacks", (t) => t.skip("needs java: get it"));
    describe("group", () => {
      test("inner", () => {});
      test("bad", () => { throw new Error("boom", { cause: new Error("why") }); });
    });`);
  assert.equal(passed, 2);
  assert.deepEqual(
    skipped.map(({ name, reason }) => [name, reason]),
    [["lacks", "needs java: get it"]],
  );
  assert.deepEqual(
    failures.map(({ name }) => name),
    ["bad"],
  );
  assert.match(failures[0]?.message ?? "", /boom[\s\S]*why/);
  assert.match(failures[0]?.place ?? "", /sample\.test\.ts:\d+$/);
});

test("a file that holds no test fails", () => {
  const { passed, failures } = runText("export {};");
  assert.equal(passed, 0);
  assert.match(failures[0]?.message ?? "", /no test/);
});

test("a file that breaks while it is loaded fails, and what it printed is kept", () => {
  const { failures, output } = runText(`throw new Error("at load");`);
  assert.equal(failures.length, 1);
  assert.match(output, /at load/);
});

test("a file that ends before its tests are done fails", () => {
  const { failures } = runText(`${header} test("long", () => process.exit(0));`);
  assert.equal(failures.length, 1);
});

test("a file that is ended from outside fails, and the test that it was at is named", () => {
  const { passed, failures } = runText(`${header}
    import { setImmediate as nextTurn } from "node:timers/promises";
    test("short", () => {});
    test("long", async () => {
      for (let turn = 0; turn < 100; turn++) await nextTurn();
      process.kill(process.pid, "SIGKILL");
      await new Promise(() => {});
    });`);
  assert.equal(passed, 1);
  assert.match(failures[0]?.name ?? "", /sample\.test\.ts as a whole, at "long"$/);
});

test("a file that gives every object another property fails, and one that changes one does too", () => {
  const added = runText(`${header} test("adds", () => { Object.prototype.polluted = true; });`);
  assert.match(added.failures[0]?.message ?? "", /not extensible/);
  const changed = runText(`${header} test("changes", () => { Object.prototype.toString = () => "x"; });`);
  assert.equal(changed.failures.length, 1);
  assert.match(changed.output, /Object\.prototype\.toString was changed/);
});
