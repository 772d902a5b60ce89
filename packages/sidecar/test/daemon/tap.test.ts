import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { run, start } from "../cli/process.ts";
import { parseLines, postLogs, startSidecar } from "./sidecar.ts";

function ids(text: string): readonly unknown[] {
  return parseLines(text).map((event) => Reflect.get(event, "id"));
}

test("without any configuration events are kept, and tap shows what is stored and then what comes", async (t) => {
  const sidecar = await startSidecar(t);
  assert.match(sidecar.banner, /events to +the local store in .*coresdk-data/);
  assert.match(sidecar.banner, /traces and metrics are accepted, counted and dropped/);
  const answer = await postLogs(
    sidecar.http,
    { type: "io.coresdk.auth.denied", tenant: "acme", uid: "1" },
    {},
  );
  assert.equal(answer.status, 200);
  const tap = start(t, ["tap", "--limit", "2"], { cwd: sidecar.cwd });
  await tap.wait("stdout", /"id":"1"/);
  await postLogs(
    sidecar.http,
    { type: "io.coresdk.error", uid: "2" },
    { type: "io.coresdk.error", uid: "3" },
  );
  assert.equal(await tap.ended, 0, tap.stderr());
  const [first, second, ...others] = parseLines(tap.stdout());
  assert.deepEqual(others, []);
  assert.deepEqual(first, {
    specversion: "1.0",
    type: "io.coresdk.auth.denied",
    source: "/orders",
    subject: "tenant/acme",
    id: "1",
    time: "2026-03-19T14:35:00Z",
    datacontenttype: "application/json",
    data: { tenant_id: "acme", body: "b0dy" },
  });
  assert.equal(Reflect.get(second ?? {}, "id"), "2");
});

test("tap filters by attribute, again and again, and ends with the reader", async (t) => {
  const sidecar = await startSidecar(t);
  await postLogs(
    sidecar.http,
    { type: "io.coresdk.auth.denied", tenant: "a", uid: "1" },
    { type: "io.coresdk.auth.verified", tenant: "b", uid: "2" },
    { type: "com.acme.order", tenant: "a", uid: "3" },
  );
  const { cwd } = sidecar;
  const filtered = async (...filters: string[]): Promise<readonly unknown[]> => {
    const args = filters.flatMap((filter) => ["--filter", filter]);
    const { code, stdout, stderr } = await run(t, ["tap", "--no-follow", ...args], { cwd });
    assert.equal(code, 0, stderr);
    return ids(stdout);
  };
  assert.deepEqual(await filtered(), ["1", "2", "3"]);
  assert.deepEqual(await filtered("type=io.coresdk.*"), ["1", "2"]);
  assert.deepEqual(await filtered("type=io.coresdk.*", "type=com.*", "subject=tenant/a"), ["1", "3"]);
  assert.deepEqual(await filtered("source=/orders", "id=2"), ["2"]);
  assert.deepEqual(await filtered("type=none"), []);

  const tap = start(t, ["tap"], { cwd });
  await tap.wait("stdout", /"id":"3"/);
  tap.child.stdout?.destroy();
  await postLogs(sidecar.http, { type: "x", uid: "4" });
  assert.equal(await tap.ended, 0, tap.stderr());
});

test("tap ends when the sidecar does, and on Ctrl-C", async (t) => {
  const sidecar = await startSidecar(t);
  const { cwd } = sidecar;
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  const [one, two] = [start(t, ["tap"], { cwd }), start(t, ["tap"], { cwd })];
  await Promise.all([one.wait("stdout", /"id":"1"/), two.wait("stdout", /"id":"1"/)]);
  one.child.kill("SIGINT");
  assert.equal(await one.ended, 0);
  sidecar.child.kill("SIGTERM");
  assert.deepEqual([await two.ended, await sidecar.ended], [0, 0]);
  assert.equal(two.stderr(), "tap: the sidecar was ended\n");
});

test("tap whose sidecar is killed says so and fails", async (t) => {
  const sidecar = await startSidecar(t);
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  const tap = start(t, ["tap"], { cwd: sidecar.cwd });
  await tap.wait("stdout", /"id":"1"/);
  sidecar.child.kill("SIGKILL");
  assert.equal(await tap.ended, 1);
  assert.match(
    tap.stderr(),
    /^error: the sidecar ended(?:, or cut the connection, as it does with too many \([A-Z]+\))?\n$/,
  );
});

test("a killed sidecar keeps what it acknowledged; the next one takes its place and its socket", async (t) => {
  const first = await startSidecar(t);
  await postLogs(first.http, { type: "x", uid: "1" });
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = await startSidecar(t, [], { cwd: first.cwd });
  await postLogs(second.http, { type: "x", uid: "2" });
  const { stdout } = await run(t, ["tap", "--limit", "2"], { cwd: first.cwd });
  assert.deepEqual(ids(stdout), ["1", "2"]);
});

test("tap needs none of the secrets that the sidecar's file names", async (t) => {
  const { writeFileSync } = await import("node:fs");
  const { join } = await import("node:path");
  const sidecar = await startSidecar(t);
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  writeFileSync(
    join(sidecar.cwd, "coresdk-sidecar.yaml"),
    "cloud_events: { http: { endpoint: 'http://x', headers: { Authorization: '${UNSET}' } } }\n",
  );
  const { code, stdout } = await run(t, ["tap", "--limit", "1"], { cwd: sidecar.cwd });
  assert.deepEqual([code, ids(stdout)], [0, ["1"]]);
});
