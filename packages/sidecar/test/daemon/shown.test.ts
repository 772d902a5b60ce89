/** What a running sidecar shows of itself: health, status, metrics and logs. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { openReceiver } from "../receiver.ts";
import { parseLines, postLogs, startSidecar } from "./sidecar.ts";

test("healthcheck finds the admin port by itself, and says why it is not ready", async (t) => {
  const sidecar = await startSidecar(t);
  const { cwd } = sidecar;
  const found = await run(t, ["healthcheck"], { cwd });
  assert.deepEqual([found.code, found.stdout], [0, "ready\n"], found.stderr);
  const told = await run(t, ["healthcheck", "--admin", sidecar.admin.replace("http://", "")], { cwd });
  assert.equal(told.code, 0);
  sidecar.child.kill("SIGTERM");
  await sidecar.ended;
  const gone = await run(t, ["healthcheck", "--admin", sidecar.admin.replace("http://", "")], { cwd });
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /ECONNREFUSED/);
});

test("status tells people and programs how the running sidecar does", async (t) => {
  const sidecar = await startSidecar(t, ["--http", "http://127.0.0.1:1/"]);
  const { cwd } = sidecar;
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  const { code, stdout, stderr } = await run(t, ["status"], { cwd });
  assert.equal(code, 0, stderr);
  for (const line of [
    /^coresdk-sidecar \S+, pid \d+, since \S+Z$/m,
    /^ {2}events +accepted$/m,
    new RegExp(`^ {2}OTLP in +gRPC \\S+, HTTP ${sidecar.http.replace("http://", "")}$`, "m"),
    new RegExp(`^ {2}admin +${sidecar.admin.replace("http://", "")}$`, "m"),
    /^ {2}sink default +\w+.*; 1 events wait$/m,
    /^ {2}upstream +none$/m,
    /^ {2}queue +1 events, 0 dead letters; \d+\.\d of 1024\.0 MiB$/m,
  ]) {
    assert.match(stdout, line);
  }
  const json = await run(t, ["status", "--json"], { cwd });
  const status: unknown = JSON.parse(json.stdout);
  assert.equal(Reflect.get(Object(status), "pid"), sidecar.child.pid);
});

test("health and metrics tell how it does, and nothing of an event's contents", async (t) => {
  const sidecar = await startSidecar(t);
  await postLogs(
    sidecar.http,
    { type: "io.coresdk.error", tenant: "c4n4ry", uid: "c4n4ry" },
    { tenant: "c4n4ry" },
  );
  const read = async (path: string): Promise<string> => (await fetch(`${sidecar.admin}${path}`)).text();
  const metrics = await read("/metrics");
  for (const line of [
    /^coresdk_events_accepted_total 1$/m,
    /^coresdk_queue_events 1$/m,
    /^coresdk_forward_dropped_total\{signal="logs"\} 1$/m,
    /^process_memory_usage \d+$/m,
    /^process_cpu_time_total [\d.]+$/m,
  ]) {
    assert.match(metrics, line);
  }
  const verbose = await read("/readyz?verbose");
  assert.equal(Reflect.get(Object(JSON.parse(verbose)), "ready"), true);
  const shown = [metrics, verbose, sidecar.stdout(), sidecar.stderr()].join("\n");
  assert.doesNotMatch(shown, /c4n4ry|b0dy/);
});

test("log lines are JSON on stderr when it is no terminal", async (t) => {
  const sidecar = await startSidecar(t, [], { environment: { CORESDK_TENNANT: "x" } });
  const [line] = parseLines(sidecar.stderr());
  assert.equal(Reflect.get(line ?? {}, "level"), "warn");
  assert.match(String(Reflect.get(line ?? {}, "msg")), /did you mean CORESDK_TENANT/);
});

test("no secret is in banner, logs, health or metrics", async (t) => {
  const receiver = await openReceiver(t, 401);
  const environment = {
    CORESDK_HTTP_ENDPOINT: `${receiver.url}?key=c4n4ry`,
    CORESDK_HTTP_HEADERS: "Authorization=Bearer c4n4ry",
    CORESDK_OTEL_ENDPOINT: "http://127.0.0.1:1/?key=c4n4ry",
    CORESDK_OTEL_HEADERS: "Authorization=Bearer c4n4ry",
    CORESDK_LOG_LEVEL: "debug",
  };
  const sidecar = await startSidecar(t, [], { environment });
  await postLogs(sidecar.http, { type: "x" }, {});
  await sidecar.wait("stderr", /misconfigured|401/);
  const shown = [sidecar.stdout(), sidecar.stderr()];
  for (const path of ["/metrics", "/readyz?verbose"])
    shown.push(await (await fetch(`${sidecar.admin}${path}`)).text());
  assert.doesNotMatch(shown.join("\n"), /c4n4ry/);
  assert.match(sidecar.banner, /events to +http:\/\/127\.0\.0\.1:\d+\/ingest\?\*\*\*/);
});

test("a token that the file has for another host is not sent to the URL of --http", async (t) => {
  const receiver = await openReceiver(t);
  const cwd = createDirectory(t);
  const http = '{ endpoint: "https://events.example/in", headers: { Authorization: "Bearer c4n4ry" } }';
  writeFileSync(join(cwd, "coresdk-sidecar.yaml"), `cloud_events: { http: ${http} }\n`);
  const sidecar = await startSidecar(t, ["--http", receiver.url], { cwd });
  await postLogs(sidecar.http, { type: "x" });
  await receiver.untilRequests(1);
  assert.doesNotMatch(JSON.stringify(receiver.requests[0]?.headers), /c4n4ry|authorization/i);
  assert.match(
    sidecar.stderr(),
    /cloud_events\.http\.headers \(Authorization\) are not sent to --http: configured for another host/,
  );
});
