import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Secret } from "@coresdk/pipeline";
import { createAuthority } from "../../../../testing/certificates.ts";
import { listen } from "../../../../testing/listen.ts";
import type { LoadedConfig } from "../../src/config/settings.ts";
import { formatBanner } from "../../src/daemon/banner.ts";
import { compareSettings, isSame } from "../../src/daemon/compare-settings.ts";
import { type Daemon, type DaemonPorts, startDaemon } from "../../src/daemon/daemon.ts";
import { createLogger } from "../../src/observe/logger.ts";
import { load } from "../config/load.ts";
import { postLogs } from "./sidecar.ts";

const PORTS: DaemonPorts = {
  version: "1.2.3",
  logger: createLogger({ level: "error", format: "json" }, { write: () => {} }),
  load: () => {
    throw new Error("no configuration");
  },
  onFatal: (error) => {
    throw error;
  },
};

/** A configuration whose ports the system chooses. */
function onFreePorts(config: LoadedConfig): LoadedConfig {
  const { settings } = config;
  const { grpc, http } = settings.receivers;
  return {
    ...config,
    settings: {
      ...settings,
      receivers: {
        ...settings.receivers,
        grpc: grpc && { ...grpc, port: 0 },
        http: http && { ...http, port: 0 },
      },
      admin: { ...settings.admin, port: 0 },
    },
  };
}

async function start(t: TestContext, config: LoadedConfig): Promise<Daemon> {
  const daemon = await startDaemon(config, PORTS);
  t.after(() => daemon.close(1_000));
  return daemon;
}

test("the banner of moved receivers says what applications must use", (t) => {
  const { settings, file } = load(t, "otel: { endpoint: 'http://localhost:4317' }\n");
  const banner = formatBanner({
    version: "1.2.3",
    readyMs: 12.3,
    settings: { ...settings, dataDir: "/data" },
    file,
    grpc: { host: "127.0.0.1", port: 14317 },
    http: { host: "127.0.0.1", port: 14318 },
    admin: { host: "127.0.0.1", port: 14133 },
    queueOpenTo: "nobody",
  });
  assert.equal(
    banner,
    `coresdk-sidecar 1.2.3, ready in 12 ms
  OTLP in     gRPC 127.0.0.1:14317, HTTP 127.0.0.1:14318
  doors       both with no TLS, no client certificates, no token
  events to   the local store in /data
  the rest to http://localhost:4317 (OTLP, grpc)
  masked      events; forwarded as they came: logs, traces, metrics (masking.signals)
  queue       /data (synced; up to 1GiB, then the oldest events go)
  admin       http://127.0.0.1:14133/livez /readyz /metrics
  config      coresdk-sidecar.yaml

  otel.endpoint has a default OTLP port, so the receivers moved. Applications must use
    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318    (http/protobuf, http/json)
    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14317    (grpc)

  watch events: coresdk-sidecar tap
`,
  );
});

test("the banner says how each door is guarded, and who may reach into the queue's directory", async (t) => {
  const authority = await createAuthority();
  const tls = { ...(await authority.server()), client_ca: authority.ca };
  const otlp = { grpc: { tls }, http: { tls: await authority.server(), auth: { bearer: "c4n4ry" } } };
  const { settings, file } = load(t, JSON.stringify({ receivers: { otlp } }));
  const at = { host: "127.0.0.1", port: 1 };
  const facts = { version: "1", readyMs: 1, settings, file, grpc: at, http: at, admin: at };
  const banner = formatBanner({ ...facts, queueOpenTo: "writers" });
  const guards = "gRPC with TLS, client certificates, no token; HTTP with TLS, no client certificates, token";
  assert.ok(banner.includes(`  doors       ${guards}\n`), banner);
  assert.match(banner, /queue .*; others may write to it\)/);
  assert.doesNotMatch(banner, /c4n4ry|BEGIN/);
  assert.match(
    formatBanner({ ...facts, queueOpenTo: "readers" }),
    /queue .*; others may see what is in it\)/,
  );
});

test("what is no control socket and has its name stops the start, which says under which key", async (t) => {
  const config = onFreePorts(load(t, ""));
  const { dataDir } = config.settings;
  mkdirSync(join(dataDir, "control.sock"), { recursive: true });
  await assert.rejects(startDaemon(config, PORTS), {
    name: "StartError",
    message:
      /^queue\.dir \(--data-dir\): .*control\.sock is a directory, and the sidecar needs the name .* remove it/,
  });
});

test("the admin port moves when its default is taken and the receivers have moved", async (t) => {
  const squatter = createServer();
  const port = await listen(squatter);
  t.after(() => squatter.close());
  const config = onFreePorts(load(t, ""));
  const admin = { host: "127.0.0.1", port, fallbackPort: 0 };
  const daemon = await start(t, { ...config, settings: { ...config.settings, admin } });
  assert.notEqual(daemon.admin.port, port);
  const fixed = onFreePorts(load(t, ""));
  await assert.rejects(
    start(t, { ...fixed, settings: { ...fixed.settings, admin: { ...admin, fallbackPort: undefined } } }),
    new RegExp(`127\\.0\\.0\\.1:${port} is taken`),
  );
});

test("an export is refused retryably exactly while readyz says so, after a restart too", async (t) => {
  const sink = "cloud_events: { http: { endpoint: 'http://127.0.0.1:1/' } }\n";
  const config = onFreePorts(load(t, `${sink}queue: { max_bytes: 1MiB }\n`));
  let daemon = await start(t, config);
  const readyz = async (): Promise<number> =>
    (await fetch(`http://127.0.0.1:${daemon.admin.port}/readyz`)).status;
  const post = (count: number, bytes: number): Promise<Response> => {
    const record = { type: "x", tenant: "t".repeat(bytes) };
    return postLogs(`http://127.0.0.1:${daemon.http?.port}`, ...Array(count).fill(record));
  };
  /** Sends the same again and again until readyz says no, which the next one then hears as well. */
  const fill = async (count: number, bytes: number): Promise<void> => {
    while ((await readyz()) === 200) assert.equal((await post(count, bytes)).status, 200);
    const refused = await post(count, bytes);
    assert.ok(refused.status === 429 || refused.status === 503, String(refused.status));
    assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(await readyz(), 503);
  };
  const restart = async (): Promise<void> => {
    await daemon.close(100);
    daemon = await start(t, config);
  };
  await fill(100, 2_000);
  await restart();
  // Much room is left, and not enough for what is sent here.
  assert.equal(await readyz(), 503);
  assert.equal((await post(100, 2_000)).status, 429);
  for (const [count, bytes] of [
    [10, 2_000],
    [1, 2_000],
    [1, 0],
  ] as const) {
    while ((await post(count, bytes)).status === 200);
    assert.equal(await readyz(), 503);
  }
  await restart();
  assert.equal(await readyz(), 503);
  assert.equal((await post(1, 0)).status, 429);
});

test("the queue's directory is its user's alone", async (t) => {
  const config = onFreePorts(load(t, ""));
  await start(t, config);
  assert.equal(statSync(config.settings.dataDir).mode & 0o777, 0o700);
});

test("a receiver that takes most of a shutdown's time to answer is waited for", async (t) => {
  const held = Promise.withResolvers<ServerResponse>();
  const receiver = createHttpServer((request, response) => {
    request.resume();
    held.resolve(response);
  });
  const endpoint = `http://127.0.0.1:${await listen(receiver)}/`;
  t.after(() => receiver.close());
  const daemon = await start(
    t,
    onFreePorts(load(t, `cloud_events: { http: { endpoint: '${endpoint}' } }\n`)),
  );
  assert.equal((await postLogs(`http://127.0.0.1:${daemon.http?.port}`, { type: "x" })).status, 200);
  const response = await held.promise;
  const deadlineMs = 5_000;
  setTimeout(() => response.writeHead(204).end(), deadlineMs * 0.6);
  assert.equal(await daemon.close(deadlineMs), 0);
});

test("what a reload can change is told from what needs a restart, secrets included", (t) => {
  const settingsOf = (text: string, token = "a") => {
    const { settings } = load(t, text, { environment: { TOKEN: token } });
    return {
      ...settings,
      dataDir: "/d",
      pipeline: { ...settings.pipeline, queue: { ...settings.pipeline.queue, dir: "/d" } },
    };
  };
  const sink = "cloud_events: { http: { endpoint: 'http://x', headers: { A: '${TOKEN}' } } }\n";
  const base = settingsOf(sink);
  assert.deepEqual(compareSettings(base, settingsOf(sink)), {
    engine: false,
    logLevel: false,
    changed: [],
    sinks: false,
    needRestart: [],
  });
  assert.equal(compareSettings(base, settingsOf(sink, "b")).engine, true);
  assert.equal(compareSettings(base, settingsOf(`${sink}tenant: x\n`)).engine, true);
  assert.deepEqual(compareSettings(base, settingsOf(`${sink}log: { level: debug }\n`)), {
    engine: false,
    logLevel: true,
    changed: ["log.level"],
    sinks: false,
    needRestart: [],
  });
  const moved = settingsOf(
    `${sink}admin: { endpoint: 'localhost:1' }\nreceivers: { otlp: { max_in_flight_bytes: 1MiB } }\n`,
  );
  assert.deepEqual(compareSettings(base, moved).needRestart, ["receivers", "admin"]);
});

test("settings are compared by value", () => {
  assert.ok(isSame({ a: [1, { b: new Secret("x") }] }, { a: [1, { b: new Secret("x") }] }));
  for (const [a, b] of [
    [new Secret("x"), new Secret("y")],
    [new Secret("x"), "x"],
    [{ a: undefined }, {}],
    [[1], { 0: 1 }],
    [null, {}],
    [Number.NaN, 0],
  ]) {
    assert.ok(!isSame(a, b));
  }
});
