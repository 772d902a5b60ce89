import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { listen } from "../../../../testing/listen.ts";
import { run } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { openHttpUpstream } from "../forward/upstreams.ts";
import { openReceiver } from "../receiver.ts";
import { FREE_PORTS, logsRequest, postLogs, startSidecar } from "./sidecar.ts";

test("SIGTERM delivers what waits and ends with 0", async (t) => {
  const receiver = await openReceiver(t);
  // A batch that is not full waits far longer than the test: the drain does not.
  const environment = { CORESDK_HTTP_FLUSH_INTERVAL: "1h" };
  const sidecar = await startSidecar(t, ["--http", receiver.url, "--batch-size", "100"], { environment });
  await postLogs(sidecar.http, { type: "x", uid: "1" }, { type: "x", uid: "2" });
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 0);
  assert.deepEqual(
    receiver.events.map(({ id }) => id),
    ["1", "2"],
  );
  assert.match(sidecar.stderr(), /"ended"/);
});

test("a second signal ends at once, and what is undelivered is delivered by the next start", async (t) => {
  const receiver = await openReceiver(t, 503);
  const first = await startSidecar(t, ["--http", receiver.url]);
  await postLogs(first.http, { type: "x", uid: "1" });
  await receiver.untilRequests(1);
  first.child.kill("SIGTERM");
  await first.wait("stderr", /draining/);
  first.child.kill("SIGTERM");
  assert.equal(await first.ended, 1);
  receiver.answer(() => 200);
  await startSidecar(t, ["--http", receiver.url], { cwd: first.cwd });
  await receiver.until(1);
  assert.equal(receiver.events[0]?.id, "1");
});

test("a second sidecar on the same directory is refused", async (t) => {
  const first = await startSidecar(t);
  const second = await run(t, FREE_PORTS, { cwd: first.cwd });
  assert.equal(second.code, 1);
  assert.match(second.stderr, /^error: queue\.dir \(--data-dir\): the queue directory \S+ is in use/);
  assert.equal((await postLogs(first.http, { type: "x" })).status, 200);
});

test("a directory that no queue can be in is named with its setting and the reason", async (t) => {
  const cwd = createDirectory(t);
  writeFileSync(join(cwd, "file"), "");
  // Node's own recursive mkdir never comes back from the first.
  for (const [dir, reason] of [
    ["/proc/nope", /no directory can be made there|may not write there/],
    ["/proc/nope/deeper", /no directory can be made there|may not write there/],
    ["file", /a part of the path is a file/],
    ["file/below", /a part of the path is a file/],
    [`x${"y".repeat(300)}`, /the path is too long/],
  ] as const) {
    const { code, stdout, stderr } = await run(t, [...FREE_PORTS, "--data-dir", dir], { cwd });
    assert.deepEqual([code, stdout], [1, ""], dir);
    assert.match(
      stderr,
      /^error: queue\.dir \(--data-dir\): the queue directory \S+ cannot be used: [^\n]+\n$/,
    );
    assert.match(stderr, reason);
  }
});

test("a port that is taken is named with the key that changes it, and nothing stays behind", async (t) => {
  const server = createServer();
  const taken = `127.0.0.1:${await listen(server)}`;
  t.after(() => server.close());
  const cwd = createDirectory(t);
  const cases: readonly [flag: string, key: string][] = [
    ["--otlp-grpc", "receivers.otlp.grpc.endpoint"],
    ["--otlp-http", "receivers.otlp.http.endpoint"],
    ["--admin", "admin.endpoint"],
  ];
  for (const [flag, key] of cases) {
    const { code, stdout, stderr } = await run(t, [...FREE_PORTS, flag, taken], { cwd });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`^error: .*${taken} is taken.*set ${key.replaceAll(".", "\\.")} `));
  }
});

test("a host that is none of this machine's is named too", async (t) => {
  const { code, stderr } = await run(t, [...FREE_PORTS, "--otlp-http", "192.0.2.1:4318"], {
    cwd: createDirectory(t),
  });
  assert.equal(code, 1);
  assert.match(stderr, /192\.0\.2\.1:4318 is no address of this host/);
});

test("a disabled sidecar is a plain proxy: events are no events", async (t) => {
  const sidecar = await startSidecar(t, [], { environment: { CORESDK_ENABLED: "false" } });
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  const metrics = await (await fetch(`${sidecar.admin}/metrics`)).text();
  assert.match(metrics, /^coresdk_forward_dropped_total\{signal="logs"\} 1$/m);
  assert.doesNotMatch(metrics, /coresdk_events_accepted/);
});

test("a disabled sidecar forwards what it gets byte for byte, events and all", async (t) => {
  const upstream = await openHttpUpstream();
  t.after(() => upstream.close());
  const environment = { CORESDK_ENABLED: "false" };
  const args = ["--otel-endpoint", upstream.settings.endpoint];
  const sidecar = await startSidecar(t, args, { environment });
  const sent = Buffer.from(`  ${logsRequest({ type: "x", uid: "1" }, {})}\n`);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${sidecar.http}/v1/logs`, { method: "POST", headers, body: sent });
  assert.equal(answer.status, 200);
  assert.deepEqual(
    upstream.came.map(({ path, message }) => [path, message.toString()]),
    [["/v1/logs", sent.toString()]],
  );
});

test("events in a queue directory that was removed do not wait for the next start, and the end says so", async (t) => {
  const sidecar = await startSidecar(t, ["--http", "http://127.0.0.1:1/"]);
  assert.equal((await postLogs(sidecar.http, { type: "x", uid: "1" })).status, 200);
  rmSync(sidecar.dataDir, { recursive: true });
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 1);
  assert.match(sidecar.stderr(), /ended; 1 events are lost: somebody removed the queue directory/);
  assert.doesNotMatch(sidecar.stderr(), /wait in the queue for the next start/);
});
