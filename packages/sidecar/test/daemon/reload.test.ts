import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Secret } from "@coresdk/pipeline";
import { listen } from "../../../../testing/listen.ts";
import type { SidecarSettings } from "../../src/config/settings.ts";
import { Engine } from "../../src/daemon/engine.ts";
import { createDirectory, load } from "../config/load.ts";
import { logsRequest, postLogs, startSidecar } from "./sidecar.ts";

const OTEL = 'otel: { endpoint: "http://127.0.0.1:9"';

for (const name of ["host", "te", "content-length", "Content-Type"]) {
  test(`SIGHUP with the header ${name} towards the upstream leaves the old configuration in force`, async (t) => {
    const cwd = createDirectory(t);
    const file = join(cwd, "coresdk-sidecar.yaml");
    writeFileSync(file, `${OTEL} }\n`);
    const sidecar = await startSidecar(t, [], { cwd });
    writeFileSync(file, `${OTEL}, headers: { ${name}: h } }\n`);
    sidecar.child.kill("SIGHUP");
    await sidecar.wait("stderr", /the old one stays in force: coresdk-sidecar\.yaml:1:52: otel\.headers: /);
    assert.equal((await postLogs(sidecar.http, { type: "x", uid: "1" })).status, 200);
    sidecar.child.kill("SIGTERM");
    assert.equal(await sidecar.ended, 0);
  });
}

async function openEngine(t: TestContext): Promise<{ engine: Engine; settings: SidecarSettings }> {
  const { settings } = load(t, `${OTEL} }\n`);
  const engine = await Engine.open(settings, {
    facts: { record: () => {} },
    onFatal: (error) => {
      throw error;
    },
  });
  t.after(() => engine.close(0));
  return { engine, settings };
}

async function accepts(engine: Engine): Promise<boolean> {
  const answer = await engine.handle("logs", Buffer.from(logsRequest({ type: "x" })), "json");
  return answer.kind === "accepted";
}

test("settings that no forwarder can use are refused while the old parts still work", async (t) => {
  const { engine, settings } = await openEngine(t);
  const { upstream } = settings;
  assert.ok(upstream !== undefined);
  const headers = [["te", new Secret("x")]] as const;
  const replacing = engine.replace({ ...settings, upstream: { ...upstream, headers } }, settings);
  assert.equal(engine.refusing(), false);
  await assert.rejects(replacing, /te is set by the protocol/);
  assert.ok(await accepts(engine));
});

test("settings that no sink can use are refused while the old parts still work", async (t) => {
  const { engine, settings } = await openEngine(t);
  const { settings: other } = load(t, "cloud_events: { http: { endpoint: 'http://127.0.0.1:9' } }\n");
  const [sink] = other.pipeline.sinks;
  assert.ok(sink?.kind === "http");
  const sinks = [{ ...sink, overrides: { data: "x" } }];
  const replacing = engine.replace({ ...settings, pipeline: { ...settings.pipeline, sinks } }, settings);
  assert.equal(engine.refusing(), false);
  await assert.rejects(replacing, /K_CE_OVERRIDES/);
  assert.ok(await accepts(engine));
});

test("when the new queue cannot be opened the old one is opened again", async (t) => {
  const { engine, settings } = await openEngine(t);
  const blocked = join(createDirectory(t), "file");
  writeFileSync(blocked, "");
  const { pipeline } = settings;
  assert.ok(pipeline.queue.kind === "disk");
  const queue = { ...pipeline.queue, dir: join(blocked, "queue") };
  await assert.rejects(
    engine.replace({ ...settings, pipeline: { ...pipeline, queue } }, settings),
    /ENOTDIR/,
  );
  assert.ok(await accepts(engine));
});

test("who reads what is stored while the sidecar reloads gets all of it, and no end at the shutdown", async (t) => {
  const { engine, settings } = await openEngine(t);
  assert.ok(await accepts(engine));
  const limits = { maxEvents: 10, maxBytes: 1_000_000 };
  const other = { ...settings, pipeline: { ...settings.pipeline, retry: { ...settings.pipeline.retry } } };
  const before = engine.browse(0, limits);
  const replacing = engine.replace(other, settings);
  const during = engine.browse(0, limits);
  for (const segments of [await before, await during]) assert.equal(segments.length, 1);
  await replacing;
  await engine.close(0);
  await assert.rejects(engine.browse(0, limits), /the queue is closed/);
});

test("a sidecar that is shut down while it reloads leaves nothing open, and does not open it later", async (t) => {
  const { engine, settings } = await openEngine(t);
  const other = { ...settings, pipeline: { ...settings.pipeline, retry: { ...settings.pipeline.retry } } };
  const replacing = engine.replace(other, settings);
  await engine.close(0);
  await replacing;
  assert.equal(engine.refusing(), true);
  await assert.rejects(engine.replace(other, settings), /shutting down/);
  // The queue's directory is free for the next one.
  const next = await Engine.open(settings, { facts: { record: () => {} }, onFatal: assert.fail });
  await next.close(0);
});

test("when the new queue cannot be opened the old egress policy stays, broken as its files may be by then", async (t) => {
  const dir = createDirectory(t);
  const file = join(dir, "egress.rego");
  writeFileSync(file, 'package a\n\nallow if input.event_type == "ok"\n');
  const { settings } = load(t, `cloud_events: { customer_egress_policy: a }\npolicy: { dir: ${dir} }\n`);
  const ports = { facts: { record: () => {} }, onFatal: assert.fail };
  const engine = await Engine.open(settings, ports);
  t.after(() => engine.close(0));
  writeFileSync(file, "package a\n\nallow if {\n");
  const blocked = join(createDirectory(t), "file");
  writeFileSync(blocked, "");
  const { pipeline } = settings;
  assert.ok(pipeline.queue.kind === "disk" && pipeline.policy !== undefined);
  const queue = { ...pipeline.queue, dir: join(blocked, "queue") };
  await assert.rejects(
    engine.replace({ ...settings, pipeline: { ...pipeline, queue } }, settings),
    /ENOTDIR/,
  );
  // Another policy is loaded while the old one decides, and refused without a gap.
  const policy = { ...pipeline.policy, dryRun: true };
  await assert.rejects(
    engine.replace({ ...settings, pipeline: { ...pipeline, policy } }, settings),
    /egress\.rego:\d+:/,
  );
  let denied = 0;
  engine.watchDenied((batch) => {
    denied += batch.count;
  });
  const request = logsRequest({ type: "ok", uid: "1" }, { type: "no", uid: "2" });
  assert.equal((await engine.handle("logs", Buffer.from(request), "json")).kind, "accepted");
  assert.equal(denied, 1);
  assert.equal((await engine.stats()).events, 1);
});

test("a reload that takes the sink away says how many events wait for it, and so does a start; both keep them", async (t) => {
  const received: string[] = [];
  const receiver = createServer((request, response) => {
    received.push(request.url ?? "");
    request.resume();
    response.writeHead(204).end();
  });
  const cwd = createDirectory(t);
  const file = join(cwd, "coresdk-sidecar.yaml");
  const withSink = (port: number): string =>
    `cloud_events: { http: { endpoint: "http://127.0.0.1:${port}/" }, retry: { initial_interval: 10ms } }\n`;
  writeFileSync(file, withSink(9));
  const sidecar = await startSidecar(t, [], { cwd });
  assert.equal((await postLogs(sidecar.http, { type: "x", uid: "1" }, { type: "x", uid: "2" })).status, 200);
  writeFileSync(file, "");
  sidecar.child.kill("SIGHUP");
  await sidecar.wait("stderr", /no sink any more: events are kept in the local store; 2 wait for `default`/);
  sidecar.child.kill("SIGTERM");
  assert.equal(await sidecar.ended, 0);
  const next = await startSidecar(t, [], { cwd });
  await next.wait("stderr", /2 events wait for the sink default, which is not configured/);
  const port = await listen(receiver);
  t.after(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  const both = once(receiver, "request").then(() => once(receiver, "request"));
  writeFileSync(file, withSink(port));
  next.child.kill("SIGHUP");
  await both;
  assert.equal(received.length, 2);
});
