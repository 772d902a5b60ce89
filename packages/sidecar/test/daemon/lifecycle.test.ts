import assert from "node:assert/strict";
import { once } from "node:events";
import { unlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { run, start } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { FREE_PORTS, parseLines, postLogs, startSidecar } from "./sidecar.ts";

/** A receiver of events that answers with what the test says. */
async function receiveEvents(t: TestContext, answer: { status: number }) {
  const bodies: string[] = [];
  const waiting = new Set<() => void>();
  const server = createHttpServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      bodies.push(body);
      response.writeHead(answer.status).end();
      for (const look of waiting) look();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const until = (holds: () => boolean): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds()) resolve();
    };
    waiting.add(look);
    look();
    return promise;
  };
  return { url: `http://127.0.0.1:${address.port}/in`, bodies, until };
}

test("SIGTERM delivers what waits and ends with 0", async (t) => {
  const receiver = await receiveEvents(t, { status: 200 });
  // A batch that is not full waits far longer than the test: the drain does not.
  const environment = { CORESDK_HTTP_FLUSH_INTERVAL: "1h" };
  const sidecar = await startSidecar(t, ["--http", receiver.url, "--batch-size", "100"], { environment });
  await postLogs(sidecar.http, { type: "x", uid: "1" }, { type: "x", uid: "2" });
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 0);
  const events = receiver.bodies.flatMap((body): unknown[] => JSON.parse(body));
  assert.deepEqual(
    events.map((event) => Reflect.get(Object(event), "id")),
    ["1", "2"],
  );
  assert.match(sidecar.stderr(), /"ended"/);
});

test("a second signal ends at once, and what is undelivered is delivered by the next start", async (t) => {
  const answer = { status: 503 };
  const receiver = await receiveEvents(t, answer);
  const first = await startSidecar(t, ["--http", receiver.url]);
  await postLogs(first.http, { type: "x", uid: "1" });
  await receiver.until(() => receiver.bodies.length > 0);
  first.child.kill("SIGTERM");
  await first.wait("stderr", /draining/);
  first.child.kill("SIGTERM");
  assert.equal(await first.ended, 1);
  answer.status = 200;
  const before = receiver.bodies.length;
  await startSidecar(t, ["--http", receiver.url], { cwd: first.cwd });
  await receiver.until(() => receiver.bodies.length > before);
  assert.match(receiver.bodies.at(-1) ?? "", /"id":"1"/);
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

test("SIGHUP after the configuration file has vanished keeps the old configuration and says so", async (t) => {
  const receiver = await receiveEvents(t, { status: 200 });
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
  await receiver.until(() => receiver.bodies.length === 1);
});

test("a port that is taken is named with the key that changes it, and nothing stays behind", async (t) => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const cwd = createDirectory(t);
  const taken = `127.0.0.1:${address.port}`;
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
    /^ {2}exports +accepted$/m,
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
  const receiver = await receiveEvents(t, { status: 401 });
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
  assert.match(sidecar.banner, /events to +http:\/\/127\.0\.0\.1:\d+\/in\?\*\*\*/);
});

test("SIGHUP puts a new configuration in force, and keeps the old one when it is bad", async (t) => {
  const [one, two] = [await receiveEvents(t, { status: 200 }), await receiveEvents(t, { status: 200 })];
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  const write = (url: string, more = ""): void =>
    writeFileSync(file, `cloud_events: { http: { endpoint: '${url}' } }\n${more}`);
  write(one.url);
  const sidecar = await startSidecar(t, [], { cwd });
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  await one.until(() => one.bodies.length === 1);

  writeFileSync(file, "cloud_events: { http: { endpont: 'x' } }\n");
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /the old one stays in force: coresdk-sidecar\.yaml:1:25: unknown key/);
  await postLogs(sidecar.http, { type: "x", uid: "2" });
  await one.until(() => one.bodies.length === 2);

  write(two.url, "queue: { dir: ./elsewhere }\n");
  sidecar.child.kill("SIGHUP");
  await sidecar.wait(
    "stderr",
    /the configuration is reloaded; events go to \S+ \(HTTP, structured\); changes of queue\.dir take effect at the next start/,
  );
  await postLogs(sidecar.http, { type: "x", uid: "3" });
  await two.until(() => two.bodies.length === 1);
  assert.equal(one.bodies.length, 2);

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

test("a disabled sidecar is a plain proxy: events are no events", async (t) => {
  const sidecar = await startSidecar(t, [], { environment: { CORESDK_ENABLED: "false" } });
  await postLogs(sidecar.http, { type: "x", uid: "1" });
  const metrics = await (await fetch(`${sidecar.admin}/metrics`)).text();
  assert.match(metrics, /^coresdk_forward_dropped_total\{signal="logs"\} 1$/m);
  assert.doesNotMatch(metrics, /coresdk_events_accepted/);
});
