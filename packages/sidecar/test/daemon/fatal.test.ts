import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { run } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { parseLines, postLogs, startSidecar } from "./sidecar.ts";

/** Loaded before the sidecar: on SIGUSR2 its threads die, as they would of a failure of their own. */
const KILL_THREADS = `
  process.on("worker", (worker) => process.on("SIGUSR2", () => void worker.terminate()));
`;

test("a thread that dies ends the process with 1, and what was acknowledged is there at the next start", async (t) => {
  const cwd = createDirectory(t);
  const preload = join(cwd, "kill-threads.mjs");
  writeFileSync(preload, KILL_THREADS);
  const environment = { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` };
  const sidecar = await startSidecar(t, [], { cwd, environment });
  assert.equal((await postLogs(sidecar.http, { type: "x", uid: "1" })).status, 200);
  sidecar.child.kill("SIGUSR2");
  assert.equal(await sidecar.ended, 1, sidecar.stderr());
  const last = parseLines(sidecar.stderr()).at(-1) ?? {};
  assert.equal(Reflect.get(last, "level"), "fatal");
  assert.match(String(Reflect.get(last, "msg")), /^ending: /);
  await startSidecar(t, [], { cwd });
  const { stdout } = await run(t, ["tap", "--limit", "1"], { cwd });
  assert.match(stdout, /"id":"1"/);
});
