import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { openReceiver } from "../receiver.ts";
import { postLogs, startSidecar } from "./sidecar.ts";

async function askReady(admin: string): Promise<readonly [status: number, body: string]> {
  const response = await fetch(`${admin}/readyz`);
  return [response.status, await response.text()];
}

test("a queue that dead letters fill says so to the sender, in the log and where health is asked", async (t) => {
  const receiver = await openReceiver(t, 400);
  const cwd = createDirectory(t);
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), "queue: { max_bytes: 1MiB }\n");
  const sidecar = await startSidecar(t, ["--http", receiver.url, "--log-format", "json"], { cwd });
  const tenant = "x".repeat(4_000);
  const many = Array.from({ length: 50 }, () => ({ type: "x", tenant }));
  const full = /holds \d+ of 1048576 bytes \(\d+ events, \d+ dead letters\) and has no room for \d+ more/;
  // What becomes letters counts twice for a moment, so that there may be room again until the letters alone are left.
  let said = "";
  while (!said.includes("(0 events")) {
    const answer = await postLogs(sidecar.http, ...many);
    said = await answer.text();
    if (answer.status !== 200) assert.equal(answer.status, 429, said);
  }
  assert.match(said, full);
  await sidecar.wait("stderr", full);
  const { code, stderr } = await run(t, ["healthcheck"], { cwd });
  const [status, body] = await askReady(sidecar.admin);
  assert.deepEqual([code, status], [1, 503]);
  for (const text of [stderr, body]) assert.match(text, full);
  assert.match((await run(t, ["status"], { cwd })).stdout, full);
});

test("an upstream that is away is a remark: events are accepted, and the rest is not", async (t) => {
  const sidecar = await startSidecar(t, ["--otel-endpoint", "http://127.0.0.1:1/"]);
  const { cwd } = sidecar;
  assert.deepEqual(await askReady(sidecar.admin), [200, "ok\n"]);
  assert.equal((await postLogs(sidecar.http, {})).status, 503);
  assert.equal((await postLogs(sidecar.http, { type: "x" })).status, 200);
  const remark = "what is no event may be refused, the upstream fails: ECONNREFUSED";
  assert.deepEqual(await askReady(sidecar.admin), [200, `ok; ${remark}\n`]);
  const healthy = await run(t, ["healthcheck"], { cwd });
  assert.deepEqual([healthy.code, healthy.stdout], [0, `ready; ${remark}\n`]);
  const { stdout } = await run(t, ["status"], { cwd });
  assert.match(stdout, /^ {2}events +accepted$/m);
  assert.match(stdout, /^ {2}upstream +failing: ECONNREFUSED$/m);
});
