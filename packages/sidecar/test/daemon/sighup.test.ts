/** What a reload makes of a changed configuration, asked for by signal or by command. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { unlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { run, start } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { openReceiver } from "../receiver.ts";
import { FREE_PORTS, postLogs, startSidecar } from "./sidecar.ts";

test("SIGHUP after the configuration file has vanished keeps the old configuration and says so", async (t) => {
  const receiver = await openReceiver(t);
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  writeFileSync(file, `cloud_events: { http: { endpoint: '${receiver.url}' } }\n`);
  const sidecar = await startSidecar(t, [], { cwd });
  unlinkSync(file);
  sidecar.child.kill("SIGHUP");
  await sidecar.wait(
    "stderr",
    /the old one stays in force: the configuration file coresdk-sidecar\.yaml is gone/,
  );
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  await receiver.until(1);
});

test("SIGHUP while the sidecar starts does not end it, and is a reload once it runs", async (t) => {
  const cwd = createDirectory(t);
  const file = join(cwd, "slow.yaml");
  // Reading it takes until somebody writes, so that the signal comes in the middle of the start.
  execFileSync("mkfifo", [file]);
  const sidecar = start(t, [...FREE_PORTS, "--config", file], { cwd });
  const give = async (text: string, before: () => void = () => {}): Promise<void> => {
    const pipe = await open(file, "w");
    before();
    await pipe.writeFile(text);
    await pipe.close();
  };
  await give("tenant: one\n", () => sidecar.child.kill("SIGHUP"));
  // The first reading is over by then.
  await sidecar.wait("stdout", /\n {2}config .*\n/);
  await give("tenant: two\n");
  await sidecar.wait("stderr", /the configuration is reloaded: tenant changed/);
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 0);
});

test("reload reads the configuration again, and fails with the reason when it is bad", async (t) => {
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  writeFileSync(file, "tenant: one\n");
  await startSidecar(t, [], { cwd });
  writeFileSync(file, "tenant: two\n");
  const good = await run(t, ["reload"], { cwd });
  assert.deepEqual(
    [good.code, good.stdout],
    [0, "the configuration is reloaded: tenant changed\n"],
    good.stderr,
  );
  // The command needs the queue's directory, and nothing else that the file says.
  writeFileSync(file, "tenat: three\n");
  const bad = await run(t, ["reload"], { cwd });
  assert.deepEqual([bad.code, bad.stdout], [78, ""]);
  assert.match(bad.stderr, /^error: the configuration is not reloaded, the old one stays in force: /);
  assert.match(bad.stderr, /unknown key "tenat"/);
});

test("SIGHUP puts a new configuration in force, and keeps the old one when it is bad", async (t) => {
  const [one, two] = [await openReceiver(t), await openReceiver(t)];
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  const write = (url: string, more = ""): void =>
    writeFileSync(file, `cloud_events: { http: { endpoint: '${url}' } }\n${more}`);
  write(one.url);
  const sidecar = await startSidecar(t, [], { cwd });
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  await one.until(1);

  writeFileSync(file, "cloud_events: { http: { endpont: 'x' } }\n");
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /the old one stays in force: coresdk-sidecar\.yaml:1:25: unknown key/);
  await postLogs(sidecar.http, { type: "x", uid: "2" });
  await one.until(2);

  write(two.url, "queue: { dir: ./elsewhere }\n");
  sidecar.child.kill("SIGHUP");
  await sidecar.wait(
    "stderr",
    /the configuration is reloaded; events go to \S+ \(HTTP, structured\); changes of queue\.dir take effect at the next start/,
  );
  await postLogs(sidecar.http, { type: "x", uid: "3" });
  await two.until(1);
  assert.equal(one.requests.length, 2);

  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /the configuration is the same/);
});

test("a tap goes on over a reload", async (t) => {
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  writeFileSync(file, "tenant: one\n");
  const sidecar = await startSidecar(t, [], { cwd });
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  const tap = start(t, ["tap"], { cwd });
  await tap.wait("stdout", /"subject":"tenant\/one","id":"1"/);
  writeFileSync(file, "tenant: two\n");
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /the configuration is reloaded/);
  await postLogs(sidecar.http, { type: "x", uid: "2" });
  await tap.wait("stdout", /"subject":"tenant\/two","id":"2"/);
});
