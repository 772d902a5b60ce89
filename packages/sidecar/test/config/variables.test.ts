import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthority } from "../../../../testing/certificates.ts";
import { listVariables } from "../../src/config/environment.ts";
import { isSame } from "../../src/daemon/compare-settings.ts";
import { load } from "./load.ts";

interface Case {
  /** What stands in the file beside it. */
  readonly beside: object;
  /** Texts of variables, and the values that a file would have in their place; none is a default. */
  readonly set: Readonly<Record<string, readonly [text: string, value: unknown]>>;
}

const HTTP = { cloud_events: { http: { endpoint: "https://events.example/" } } };
const KAFKA = { cloud_events: { binding: "kafka", kafka: { brokers: ["a:1"], topic: "t" } } };
const OTEL = { otel: { endpoint: "https://up.example" } };
const WEBHOOK = {
  cloud_events: { http: { endpoint: "https://events.example/", webhook: { origin: "a.b" } } },
};
const LOGIN = { username: "u", mechanism: "SCRAM-SHA-256", password: "p" };
const SASL = { cloud_events: { kafka: { brokers: ["a:1"], topic: "t", sasl: LOGIN } } };
const EGRESS = { cloud_events: { customer_egress_policy: "a/b" } };

const [ours, theirs] = [await createAuthority(), await createAuthority("theirs")];
const identity = await ours.client("sidecar");
const pair = {
  cert: [identity.cert, identity.cert],
  key: [identity.key, identity.key],
} as const;

function single(beside: object, values: Readonly<Record<string, readonly [string, unknown]>>): Case[] {
  return Object.entries(values).map(([path, both]) => ({ beside, set: { [path]: both } }));
}

function beneath(prefix: string, values: Case["set"]): Case["set"] {
  return Object.fromEntries(Object.entries(values).map(([key, both]) => [`${prefix}.${key}`, both]));
}

const clientTls = (path: string, beside: object): Case[] => [
  ...single(beside, { [path]: ["true", true] }),
  ...single(beside, beneath(path, { ca: [theirs.ca, theirs.ca], servername: ["name", "name"] })),
  // One without the other is refused.
  { beside, set: beneath(path, pair) },
];

const door = (path: string, port: number): Case[] => [
  ...single({}, beneath(path, { endpoint: [`[::1]:${port}`, `[::1]:${port}`] })),
  ...single(
    {},
    beneath(path, { max_request_size: ["3MiB", 3 * 1024 ** 2], "auth.bearer": ["12345", "12345"] }),
  ),
  { beside: {}, set: beneath(`${path}.tls`, { ...pair, client_ca: [theirs.ca, theirs.ca] }) },
];

const CASES: readonly Case[] = [
  ...single({}, { tenant: ["12", "12"], "otel.endpoint": ["http://up:1", "http://up:1"] }),
  ...single(OTEL, {
    "otel.protocol": ["grpc", "grpc"],
    "otel.headers": ["A=b%20c,D=e", { A: "b c", D: "e" }],
    "otel.compression": ["gzip", "gzip"],
    "otel.timeout": ["1500ms", "1.5s"],
  }),
  ...clientTls("otel.tls", OTEL),
  ...single({}, { "receivers.otlp.max_in_flight_bytes": ["7MiB", 7 * 1024 ** 2] }),
  ...door("receivers.otlp.grpc", 5317),
  ...door("receivers.otlp.http", 5318),
  ...single(
    { receivers: { otlp: { http: { cors: { allowed_origins: ["https://z"] } } } } },
    beneath("receivers.otlp.http.cors", {
      allowed_origins: ["https://a,https://b", ["https://a", "https://b"]],
      allowed_headers: ["x-a", ["x-a"]],
      max_age: ["5m", "300s"],
    }),
  ),
  ...single(KAFKA, {
    "cloud_events.enabled": ["FALSE", false],
    "cloud_events.source": ["https://s", "https://s"],
    "cloud_events.order": ["none", "none"],
    "cloud_events.retry.initial_interval": ["2s", "2s"],
    "cloud_events.retry.max_interval": ["9s", "9s"],
    "cloud_events.retry.max_age": ["1h", "60m"],
    "cloud_events.extensions": ["severity,authcontext", ["severity", "authcontext"]],
    "cloud_events.data": ["record", "record"],
    "cloud_events.customer_egress_policy": ["a/b", "a/b"],
  }),
  ...single(
    { cloud_events: { ...HTTP.cloud_events, kafka: KAFKA.cloud_events.kafka } },
    {
      "cloud_events.binding": ["kafka", "kafka"],
    },
  ),
  ...single(OTEL, { "cloud_events.keep_in_otlp": ["true", true] }),
  ...single(HTTP, {
    "cloud_events.http.endpoint": ["https://other.example/", "https://other.example/"],
    "cloud_events.http.headers": ["Authorization=Bearer%20x", { Authorization: "Bearer x" }],
    "cloud_events.http.batch_size": ["7", 7],
    "cloud_events.http.flush_interval": ["5", 5],
    "cloud_events.http.content_mode": ["binary", "binary"],
    "cloud_events.http.timeout": ["12s", "12s"],
    "cloud_events.http.max_in_flight": ["3", 3],
    "cloud_events.http.block_private_addresses": ["true", true],
    "cloud_events.http.webhook.origin": ["c.d", "c.d"],
  }),
  ...single(
    WEBHOOK,
    beneath("cloud_events.http.webhook", {
      rate: ["60", 60],
      callback: ["https://call.example/", "https://call.example/"],
      renew: ["2h", "2h"],
    }),
  ),
  ...clientTls("cloud_events.http.tls", HTTP),
  ...single(KAFKA, {
    "cloud_events.kafka.brokers": ["b:2, c:3", ["b:2", "c:3"]],
    "cloud_events.kafka.topic": ["u", "u"],
    "cloud_events.kafka.content_mode": ["binary", "binary"],
    "cloud_events.kafka.key": ["id", "id"],
    "cloud_events.kafka.compression": ["zstd", "zstd"],
    "cloud_events.kafka.linger": ["7ms", "7ms"],
  }),
  ...single(
    SASL,
    beneath("cloud_events.kafka.sasl", {
      mechanism: ["SCRAM-SHA-512", "SCRAM-SHA-512"],
      username: ["1", "1"],
      password: ["12345", "12345"],
      allow_plaintext: ["true", true],
    }),
  ),
  ...clientTls("cloud_events.kafka.tls", KAFKA),
  ...single(EGRESS, {
    "policy.dir": ["/other", "/other"],
    "policy.deadline": ["100ms", "100ms"],
    "policy.dry_run": ["true", true],
  }),
  ...single(
    {},
    {
      "masking.enabled": ["false", false],
      "masking.signals": ["events,logs", ["events", "logs"]],
      "masking.blocked_keys": ["a,b", ["a", "b"]],
      "masking.literals": ["c4n4ry-1,c4n4ry-2", ["c4n4ry-1", "c4n4ry-2"]],
      "masking.allow_keys": ["a,b", ["a", "b"]],
      "queue.dir": ["/elsewhere", "/elsewhere"],
      "queue.durability": ["os", "os"],
      "queue.max_bytes": ["2GiB", 2 * 1024 ** 3],
      "admin.endpoint": ["127.0.0.1:9", "127.0.0.1:9"],
      "log.level": ["debug", "debug"],
      "log.format": ["json", "json"],
    },
  ),
];

/** The same everywhere, so that settings can be compared. */
const DIRECTORIES = { queue: { dir: "/data" }, policy: { dir: "/rules" } };

test("every variable sets the key that it is named after, as a file would", (t) => {
  const names = new Map<string, string[]>();
  for (const [name, path] of listVariables())
    names.set(path.join("."), [...(names.get(path.join(".")) ?? []), name]);
  const covered = CASES.flatMap(({ set }) => Object.keys(set));
  assert.deepEqual(new Set(covered), new Set(names.keys()));
  for (const { beside, set } of CASES) {
    const base = merge(DIRECTORIES, beside);
    const written = Object.entries(set).reduce(
      (file, [path, [, value]]) => merge(file, nest(path, value)),
      base,
    );
    const [unset, expected] = [base, written].map((file) => load(t, JSON.stringify(file)).settings);
    const keys = Object.keys(set);
    assert.ok(!isSame(unset, expected), `${keys} says nothing that was not so before`);
    // By its full name, and without CLOUD_EVENTS_ where that may be left out.
    for (const i of [0, 1]) {
      const entries = Object.entries(set).map(([path, [text]]) => {
        const both = names.get(path) ?? [];
        return [both[i] ?? both[0] ?? path, text] as const;
      });
      const environment = Object.fromEntries(entries);
      const { settings } = load(t, JSON.stringify(base), { environment });
      assert.deepEqual(settings, expected, `${Object.keys(environment)}`);
      assert.ok(isSame(settings, expected), `${Object.keys(environment)}: a secret is another`);
    }
  }
});

function nest(path: string, value: unknown): object {
  return path.split(".").reduceRight<object>((inner, key, i, all) => {
    return { [key]: i === all.length - 1 ? value : inner };
  }, {});
}

/** A file's tree with another one laid over it. */
function merge(under: object, over: object): object {
  const merged = new Map<string, unknown>(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const before = merged.get(key);
    merged.set(key, isTree(before) && isTree(value) ? merge(before, value) : value);
  }
  return Object.fromEntries(merged);
}

function isTree(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
