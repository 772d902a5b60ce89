/** How commands find the running sidecar, and what `reload` says. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createDirectory } from "../config/load.ts";
import { postLogs, startSidecar } from "../daemon/sidecar.ts";
import { run } from "./process.ts";

const SINK = 'cloud_events: { http: { endpoint: "http://127.0.0.1:9/in" } }\n';

test("a wrong configuration is refused by reload with 78 and one sentence, wherever it is wrong", async (t) => {
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  writeFileSync(file, SINK);
  writeFileSync(join(cwd, "egress.rego"), "package a\n\nallow if {\n");
  const sidecar = await startSidecar(t, [], { cwd });
  const cases: readonly [text: string, why: RegExp][] = [
    ["tenant: [", /coresdk-sidecar\.yaml:1:\d+: not valid YAML/],
    ["tenat: x\n", /unknown key "tenat"/],
    ["tenant: *nope\n", /no such anchor/],
    ["queue: { max_bytes: 1KiB }\n", /queue\.max_bytes must be at least/],
    ["queue: { dir: 5 }\n", /queue\.dir must be text/],
    ["queue: 5\n", /queue must be a mapping/],
    ['cloud_events: { http: { endpoint: "ftp://x" } }\n', /must be an http:\/\/ or https:\/\/ URL/],
    ["cloud_events: { customer_egress_policy: a }\npolicy: { dir: . }\n", /egress\.rego:\d+:\d+: /],
  ];
  for (const [text, why] of cases) {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await run(t, ["reload"], { cwd });
    assert.deepEqual([code, stdout], [78, ""], stderr);
    assert.match(stderr, /^error: the configuration is not reloaded, the old one stays in force: /);
    assert.match(stderr, why);
  }
  assert.equal((await postLogs(sidecar.http, { type: "x", uid: "1" })).status, 200);
});

test("reload says what takes effect, and that no sink is left", async (t) => {
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  writeFileSync(file, SINK);
  await startSidecar(t, [], { cwd });
  const reload = async (text: string): Promise<string> => {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await run(t, ["reload"], { cwd });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.equal(await reload(SINK), "the configuration is the same\n");
  assert.equal(
    await reload(`tenant: acme\nlog: { level: debug }\n${SINK.replace("/in", "/other?key=s3cret")}`),
    "the configuration is reloaded: tenant, log.level changed; " +
      "events go to http://127.0.0.1:9/other?*** (HTTP, structured)\n",
  );
  assert.match(
    await reload(""),
    /^the configuration is reloaded: tenant, log\.level changed; no sink any more: events are kept in the local store/,
  );
});

test("a sidecar that was started with another queue.dir is found with --data-dir, beside any file", async (t) => {
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  const { dataDir } = await startSidecar(t, [], { cwd });
  writeFileSync(file, "queue: { dir: ./other }\n");
  for (const command of ["status", "reload", "tap", "healthcheck"]) {
    const { code, stderr } = await run(t, [command], { cwd });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: queue directory .*other: no sidecar is running there; if it was started with another queue\.dir, name that with --data-dir\n$/,
    );
  }
  writeFileSync(file, "queue: [");
  assert.equal((await run(t, ["status"], { cwd })).code, 78);
  for (const command of [["status"], ["tap", "--no-follow"], ["healthcheck"]]) {
    const { code, stderr } = await run(t, [...command, "--data-dir", dataDir], { cwd });
    assert.equal(code, 0, stderr);
  }
});

test("a wrong key beside queue.dir does not keep a command from the running sidecar", async (t) => {
  const cwd = createDirectory(t);
  await startSidecar(t, [], { cwd });
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), "queue: { max_bytes: 1KiB }\nadmin: 5\ntenat: x\n");
  for (const command of ["status", "healthcheck"]) {
    const { code, stderr } = await run(t, [command], { cwd });
    assert.equal(code, 0, stderr);
  }
});

test("healthcheck asks the sidecar of its queue directory, not whoever has the admin port now", async (t) => {
  const other = await startSidecar(t);
  const admin = other.admin.replace("http://", "");
  const cwd = createDirectory(t);
  const own = await startSidecar(t, [], { cwd });
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), `admin: { endpoint: "${admin}" }\n`);
  assert.equal((await run(t, ["healthcheck"], { cwd })).code, 0);
  own.child.kill("SIGTERM");
  await own.ended;
  const { code, stdout, stderr } = await run(t, ["healthcheck"], { cwd });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /no sidecar is running there/);
  assert.equal((await run(t, ["healthcheck", "--admin", admin], { cwd })).code, 0);
});

test("healthcheck names the address that nobody listens on once", async (t) => {
  const gone = await startSidecar(t);
  gone.child.kill("SIGTERM");
  await gone.ended;
  const admin = gone.admin.replace("http://", "");
  const { code, stderr } = await run(t, ["healthcheck", "--admin", admin], { cwd: gone.cwd });
  assert.deepEqual([code, stderr], [1, `error: ${admin}: connect failed with ECONNREFUSED\n`]);
  const none = await run(t, ["healthcheck", "--admin", "127.0.0.1:0"], { cwd: gone.cwd });
  assert.deepEqual([none.code, none.stderr], [2, "error: --admin: a port above 0 is needed\n"]);
});

test("a sidecar that hangs is not healthy, and no command waits for it without end", async (t) => {
  const { child, cwd } = await startSidecar(t);
  child.kill("SIGSTOP");
  const commands = [["healthcheck"], ["status"], ["tap", "--no-follow"]];
  for (const { code, stdout, stderr } of await Promise.all(commands.map((args) => run(t, args, { cwd })))) {
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /^error: the sidecar gave no answer within \d+ s: it hangs, or has too much to do\n$/,
    );
  }
});
