import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { isSame } from "../../src/daemon/compare-settings.ts";
import { load } from "./load.ts";

const MIB = 1024 * 1024;

const door = {
  host: "127.0.0.1",
  tls: undefined,
  bearerToken: undefined,
  maxRequestBytes: 64 * MIB,
  maxConnections: 512,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 300_000,
};

const httpSink = {
  kind: "http",
  name: "default",
  endpoint: "https://events.acme.internal/ingest",
  headers: [],
  batchSize: 1,
  flushIntervalMs: 1_000,
  contentMode: "structured",
  timeoutMs: 30_000,
  maxInFlight: 16,
  tls: undefined,
  overrides: {},
  webhook: undefined,
  blockPrivateAddresses: false,
};

const kafkaSink = {
  kind: "kafka",
  name: "default",
  brokers: ["kafka-1.acme.internal:9092"],
  topic: "coresdk-events",
  tls: undefined,
  sasl: undefined,
  contentMode: "structured",
  key: "subject",
  compression: "none",
  lingerMs: 20,
  batchSize: 500,
  timeoutMs: 30_000,
};

/** All that a configuration comes to which names sinks and an upstream alone. */
const defaults = (dir: string, sinks: readonly object[]): object => ({
  eventsEnabled: true,
  pipeline: {
    wrap: {
      source: undefined,
      tenant: undefined,
      extensions: ["distributed-tracing"],
      fixedExtensions: {},
      data: "attributes",
      order: "subject",
    },
    policy: undefined,
    masking: { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} },
    sinks,
    queue: { kind: "disk", dir, durability: "sync", maxBytes: 1024 * MIB, ring: false },
    retry: { initialIntervalMs: 1_000, maxIntervalMs: 30_000, maxAgeMs: 72 * 3_600_000 },
  },
  dataDir: dir,
  receivers: {
    maxInFlightBytes: 64 * MIB,
    grpc: { ...door, port: 4317, maxHeaderBytes: 8_192, maxConcurrentStreams: 100 },
    http: {
      ...door,
      port: 4318,
      maxHeaderBytes: 16_384,
      cors: undefined,
      maxDiscardBytes: 64 * MIB,
      discardTimeoutMs: 10_000,
    },
  },
  upstream: {
    endpoint: "http://collector:4317",
    protocol: "grpc",
    headers: [],
    compression: "none",
    tls: undefined,
    timeoutMs: 10_000,
    maxResponseBytes: 4 * MIB,
    maxConnections: 32,
  },
  forwardMasking: undefined,
  logs: { keepInOtlp: false, resend: { maxEntries: 4096, maxBytes: 16 * MIB, maxAgeMs: 600_000 } },
  admin: { host: "127.0.0.1", port: 13133, fallbackPort: undefined },
  log: { level: "info", format: "auto" },
  portsMoved: false,
});

const OTEL = "otel: { endpoint: 'http://collector:4317' }\n";

for (const [sink, events] of [
  [httpSink, "http: { endpoint: 'https://events.acme.internal/ingest' }"],
  [kafkaSink, "kafka: { brokers: ['kafka-1.acme.internal:9092'], topic: coresdk-events }"],
] as const) {
  test(`what no configuration says has the documented default: ${sink.kind}`, (t) => {
    const { settings, warnings } = load(t, `${OTEL}cloud_events: { ${events} }\n`);
    assert.match(settings.dataDir, /\/coresdk-data$/);
    assert.deepEqual(settings, defaults(settings.dataDir, [sink]));
    assert.deepEqual(warnings, []);
  });
}

/** The keys that section 5 of the semantics shows with their defaults; http's batch_size and flush_interval are not. */
const SHOWN_DEFAULTS: readonly string[] = [
  "receivers",
  "cloud_events.enabled",
  "cloud_events.order",
  "cloud_events.retry",
  "cloud_events.http.content_mode",
  "cloud_events.http.timeout",
  "cloud_events.http.max_in_flight",
  "cloud_events.kafka.content_mode",
  "cloud_events.kafka.key",
  "cloud_events.kafka.compression",
  "cloud_events.kafka.linger",
  "cloud_events.extensions",
  "cloud_events.data",
  "cloud_events.keep_in_otlp",
  "policy",
  "queue",
  "admin",
  "log",
];

const semantics = join(import.meta.dirname, "../../../../../shared/semantics.md");
const skip = existsSync(semantics)
  ? false
  : "put the semantics document into ../shared, beside the repository";

test("the defaults are those of the semantics document", { skip }, (t) => {
  const [, block = ""] =
    /^## 5\..*?^```yaml\n(.*?)^```/ms.exec(readFileSync(semantics, "utf8")) ?? assert.fail();
  const whole = (): Record<string, unknown> => Object(parse(block.replace(/^masking:.*$/m, "")));
  const without = whole();
  for (const key of SHOWN_DEFAULTS) remove(without, key.split("."));
  const environment = {
    // The document's is on this host, where the receivers that it shows are as well.
    CORESDK_OTEL_ENDPOINT: "http://collector:4317",
    ...{ EVENTS_TOKEN: "a", KAFKA_USERNAME: "b", KAFKA_PASSWORD: "c" },
    ...{ CORESDK_QUEUE_DIR: "/data", CORESDK_POLICY_DIR: "/rules" },
  };
  for (const CORESDK_BINDING of ["http", "kafka"]) {
    const [said, left] = [whole(), without].map(
      (text) => load(t, JSON.stringify(text), { environment: { ...environment, CORESDK_BINDING } }).settings,
    );
    assert.deepEqual(left, said);
    assert.ok(isSame(left, said));
  }
});

/** Fails when the document does not show the key. */
function remove(tree: Record<string, unknown>, [key = "", ...rest]: readonly string[]): void {
  assert.ok(Object.hasOwn(tree, key), key);
  if (rest.length === 0) delete tree[key];
  else remove(Object(tree[key]), rest);
}
