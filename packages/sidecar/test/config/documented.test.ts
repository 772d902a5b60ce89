import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { load } from "./load.ts";

/** Every key that semantics, section 5 documents and this version has, each with a value that is no default. */
const EVERYTHING = `
tenant: acme
otel:
  endpoint: https://collector.example:4317
  protocol: http/protobuf
  headers: { X-Scope: team }
  compression: gzip
  tls: { servername: collector.internal }
  timeout: 7s
receivers:
  otlp:
    max_in_flight_bytes: 32MiB
    grpc: { endpoint: 127.0.0.1:5317, max_request_size: 1MiB, auth: { bearer: let-me-in } }
    http:
      endpoint: "[::1]:5318"
      max_request_size: 2MiB
      cors: { allowed_origins: ["https://*.example"], allowed_headers: [x-a], max_age: 60 }
cloud_events:
  enabled: true
  source: https://orders.acme.com
  binding: http
  order: none
  retry: { initial_interval: 2s, max_interval: 10s, max_age: 24h }
  http:
    endpoint: https://events.acme.internal/ingest
    headers: { Authorization: "Bearer \${EVENTS_TOKEN}" }
    batch_size: 50
    flush_interval: 5
    content_mode: structured
    timeout: 12s
    max_in_flight: 3
    tls: { servername: events }
  extensions: [severity, recordedtime, { dataclassification: internal, level: 3 }]
  data: record
  customer_egress_policy: acme/cloudevents-egress
  keep_in_otlp: true
policy: { dir: ./rules, deadline: 100ms, dry_run: true }
masking: { enabled: false }
queue: { dir: ./data, durability: os, max_bytes: 2GiB }
admin: { endpoint: 127.0.0.1:9 }
log: { level: debug, format: json }
`;

test("each documented key arrives in the settings", (t) => {
  const { settings, file } = load(t, EVERYTHING, { environment: { EVENTS_TOKEN: "t0ken" } });
  assert.equal(file, "coresdk-sidecar.yaml");
  const { pipeline, receivers, upstream } = settings;
  assert.deepEqual(pipeline.wrap, {
    source: "https://orders.acme.com",
    tenant: "acme",
    extensions: ["severity", "recordedtime"],
    fixedExtensions: { dataclassification: "internal", level: 3 },
    data: "record",
    order: "none",
  });
  assert.deepEqual(pipeline.retry, { initialIntervalMs: 2_000, maxIntervalMs: 10_000, maxAgeMs: 86_400_000 });
  assert.match(settings.dataDir, /\/data$/);
  assert.deepEqual(pipeline.policy, {
    dir: join(dirname(settings.dataDir), "rules"),
    package: "acme/cloudevents-egress",
    deadlineMs: 100,
    dryRun: true,
  });
  assert.deepEqual(pipeline.queue, {
    kind: "disk",
    dir: settings.dataDir,
    durability: "os",
    maxBytes: 2 * 1024 ** 3,
    ring: false,
  });
  const [sink, ...others] = pipeline.sinks;
  assert.deepEqual(others, []);
  assert.ok(sink?.kind === "http");
  const { headers, ...rest } = sink;
  assert.deepEqual(
    headers.map(([name, value]) => [name, value.reveal()]),
    [["Authorization", "Bearer t0ken"]],
  );
  assert.deepEqual(rest, {
    kind: "http",
    name: "default",
    endpoint: "https://events.acme.internal/ingest",
    batchSize: 50,
    flushIntervalMs: 5_000,
    contentMode: "structured",
    timeoutMs: 12_000,
    maxInFlight: 3,
    tls: { ca: undefined, cert: undefined, key: undefined, servername: "events" },
    overrides: {},
    webhook: undefined,
    blockPrivateAddresses: false,
  });
  const { grpc, http } = receivers;
  assert.deepEqual([receivers.maxInFlightBytes, grpc?.host, grpc?.port], [32 * 1024 ** 2, "127.0.0.1", 5317]);
  assert.deepEqual([grpc?.maxRequestBytes, grpc?.bearerToken?.reveal()], [1024 ** 2, "let-me-in"]);
  assert.deepEqual([http?.host, http?.port, http?.maxRequestBytes], ["::1", 5318, 2 * 1024 ** 2]);
  assert.deepEqual(http?.cors, {
    allowedOrigins: ["https://*.example"],
    allowedHeaders: ["x-a"],
    maxAgeSeconds: 60,
  });
  assert.deepEqual(
    [
      upstream?.endpoint,
      upstream?.protocol,
      upstream?.compression,
      upstream?.timeoutMs,
      upstream?.tls?.servername,
    ],
    ["https://collector.example:4317", "http/protobuf", "gzip", 7_000, "collector.internal"],
  );
  assert.deepEqual(
    upstream?.headers.map(([name, value]) => [name, value.reveal()]),
    [["X-Scope", "team"]],
  );
  assert.deepEqual(
    [settings.logs.keepInOtlp, settings.eventsEnabled, settings.portsMoved, settings.log],
    [true, true, false, { level: "debug", format: "json" }],
  );
  assert.deepEqual(settings.admin, { host: "127.0.0.1", port: 9, fallbackPort: undefined });
});

test("each documented Kafka key arrives in the settings", (t) => {
  const text = `
cloud_events:
  binding: kafka
  kafka:
    brokers: [kafka-1.acme.internal:9092, "[::1]:9092"]
    topic: coresdk-events
    tls: true
    sasl: { mechanism: SCRAM-SHA-512, username: "\${KAFKA_USERNAME}", password: "\${KAFKA_PASSWORD}" }
    content_mode: binary
    key: partitionkey
    compression: zstd
    linger: 30ms
`;
  const environment = { KAFKA_USERNAME: "alice", KAFKA_PASSWORD: "12345" };
  const [sink] = load(t, text, { environment }).settings.pipeline.sinks;
  assert.ok(sink?.kind === "kafka");
  const { sasl, ...rest } = sink;
  assert.deepEqual(
    [sasl?.mechanism, sasl?.username, sasl?.password.reveal()],
    ["SCRAM-SHA-512", "alice", "12345"],
  );
  assert.deepEqual(rest, {
    kind: "kafka",
    name: "default",
    brokers: ["kafka-1.acme.internal:9092", "[::1]:9092"],
    topic: "coresdk-events",
    tls: { ca: undefined, cert: undefined, key: undefined, servername: undefined },
    contentMode: "binary",
    key: "partitionkey",
    compression: "zstd",
    lingerMs: 30,
    batchSize: 500,
    timeoutMs: 30_000,
  });
});

test("a file with tenant, otel.endpoint and cloud_events alone is complete, with the documented defaults", (t) => {
  const text =
    "tenant: acme\notel:\n  endpoint: http://collector:4317\ncloud_events:\n  source: https://orders.acme.com\n" +
    "  http:\n    endpoint: https://events.acme.internal/ingest\n";
  const { settings, warnings } = load(t, text);
  assert.deepEqual(warnings, []);
  const [sink] = settings.pipeline.sinks;
  assert.ok(sink?.kind === "http");
  assert.deepEqual(
    [sink.batchSize, sink.flushIntervalMs, sink.contentMode, sink.timeoutMs, sink.maxInFlight],
    [1, 1_000, "structured", 30_000, 16],
  );
  assert.deepEqual(settings.pipeline.retry, {
    initialIntervalMs: 1_000,
    maxIntervalMs: 30_000,
    maxAgeMs: 72 * 3_600_000,
  });
  assert.deepEqual(settings.pipeline.wrap.extensions, ["distributed-tracing"]);
  assert.deepEqual(
    [settings.upstream?.protocol, settings.upstream?.compression, settings.upstream?.timeoutMs],
    ["grpc", "none", 10_000],
  );
  assert.deepEqual([settings.receivers.grpc?.port, settings.receivers.http?.port], [4317, 4318]);
  assert.deepEqual(settings.admin, { host: "127.0.0.1", port: 13133, fallbackPort: undefined });
});

test("the binding follows from what is configured when it is not said", (t) => {
  const kafka = "kafka: { brokers: [a:1], topic: t }";
  const kinds = (events: string): unknown =>
    load(t, `cloud_events: { ${events} }\n`).settings.pipeline.sinks.map(({ kind }) => kind);
  assert.deepEqual(kinds(kafka), ["kafka"]);
  assert.deepEqual(kinds(`${kafka}, http: { endpoint: "http://x" }`), ["http"]);
  assert.deepEqual(kinds(`${kafka}, http: { endpoint: "http://x" }, binding: kafka`), ["kafka"]);
  assert.deepEqual(kinds(`${kafka}, binding: http`), []);
  assert.deepEqual(kinds("binding: http"), []);
});

test("without a sink the local store is a ring, with one it refuses", (t) => {
  const ring = (text: string): boolean => load(t, text).settings.pipeline.queue.ring;
  assert.equal(ring(""), true);
  assert.equal(ring("cloud_events: { http: { endpoint: 'http://x' } }\n"), false);
});

test("a disabled sidecar keeps its sink, so that a backlog keeps its place", (t) => {
  const { settings } = load(t, "cloud_events: { enabled: false, http: { endpoint: 'http://x' } }\n");
  assert.deepEqual([settings.eventsEnabled, settings.pipeline.sinks.length], [false, 1]);
});

test("relative paths in a file are relative to the file, in variables and flags to the working directory", (t) => {
  const text = "queue: { dir: ./inside }\n";
  const file = load(t, text).settings.dataDir;
  assert.match(file, /coresdk-test-[^/]+\/inside$/);
  const variable = load(t, text, { environment: { CORESDK_QUEUE_DIR: "other" } }).settings.dataDir;
  assert.match(variable, /coresdk-test-[^/]+\/other$/);
});

test("what would give a false sense of safety is refused by name", (t) => {
  const refused: readonly [string, RegExp][] = [
    ["cloud_events: { sinks: [{ name: a }] }", /several sinks are not in this version/],
  ];
  for (const [text, message] of refused) {
    assert.throws(() => load(t, `${text}\n`), message);
  }
  assert.deepEqual(load(t, "policy: { dir: ./policies }\n").warnings, [
    "policy.dir has no effect: no customer_egress_policy is set",
  ]);
  assert.deepEqual(load(t, undefined, { environment: { CORESDK_POLICY_DIR: "p" } }).warnings, []);
});

test("an egress policy is beside the file that names it, where nothing else is said", (t) => {
  const text = "cloud_events: { customer_egress_policy: acme/egress }\nqueue: { dir: ./data }\n";
  const { pipeline, dataDir } = load(t, text).settings;
  const dir = join(dirname(dataDir), "policies");
  assert.deepEqual(pipeline.policy, { dir, package: "acme/egress", deadlineMs: 250, dryRun: false });
  assert.equal(load(t, text, { flags: { dryRun: true } }).settings.pipeline.policy?.dryRun, true);
  assert.match(
    load(t, text, { environment: { CORESDK_POLICY_DIR: "p" } }).settings.pipeline.policy?.dir ?? "",
    /\/p$/,
  );
  const off = "cloud_events: { enabled: false, customer_egress_policy: acme/egress }\n";
  assert.equal(load(t, off).settings.pipeline.policy, undefined);
  for (const name of ["/acme", "acme//egress", "acme/", "''"]) {
    assert.throws(
      () => load(t, `cloud_events: { customer_egress_policy: ${name} }\n`),
      /coresdk-sidecar\.yaml:1:41: /,
    );
  }
});
