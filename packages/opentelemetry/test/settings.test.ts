import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { CloudEventEmitter } from "@coresdk/opentelemetry";
import { readSettings } from "../src/settings.ts";

const endpoint = "https://events.acme.internal/ingest";
const http = { kind: "http", endpoint } as const;
const kafka = { kind: "kafka", brokers: ["kafka-1:9092"], topic: "events" } as const;

test("the documented options become complete settings with the documented defaults", () => {
  const { pipeline } = readSettings({
    source: "https://orders.acme.com",
    binding: { ...http, batchSize: 50, flushSecs: 5 },
  });
  assert.deepEqual(pipeline, {
    wrap: {
      source: "https://orders.acme.com",
      tenant: undefined,
      extensions: ["distributed-tracing"],
      fixedExtensions: {},
      data: "attributes",
      order: "subject",
    },
    masking: { blockedKeys: [], allowKeys: [], patterns: [], literals: [], categories: {} },
    queue: { kind: "memory", maxBytes: 67_108_864, ring: false },
    sinks: [
      {
        kind: "http",
        name: "default",
        endpoint,
        headers: [],
        batchSize: 50,
        flushIntervalMs: 5_000,
        contentMode: "structured",
        timeoutMs: 30_000,
        maxInFlight: 16,
        tls: undefined,
        overrides: {},
        blockPrivateAddresses: false,
      },
    ],
    retry: { initialIntervalMs: 1_000, maxIntervalMs: 30_000, maxAgeMs: 259_200_000 },
  });
});

test("options may be the fields of a class's object", () => {
  class Retry {
    readonly maxAgeMs = 5_000;
  }
  assert.equal(readSettings({ binding: http, retry: new Retry() }).pipeline.retry.maxAgeMs, 5_000);
});

test("a directory makes the queue one on disk", () => {
  assert.deepEqual(readSettings({ binding: http, queue: { dir: "/var/lib/orders" } }).pipeline.queue, {
    kind: "disk",
    dir: "/var/lib/orders",
    durability: "sync",
    maxBytes: 1_073_741_824,
    ring: false,
    lettersGiveWay: true,
  });
});

test("PLAIN is taken over TLS, or where it is allowed by name", () => {
  const sasl = { mechanism: "PLAIN", username: "u", password: "p" } as const;
  for (const binding of [
    { ...kafka, sasl, tls: true },
    { ...kafka, sasl: { ...sasl, allowPlaintext: true } },
  ]) {
    const [sink] = readSettings({ binding }).pipeline.sinks;
    assert.ok(sink?.kind === "kafka");
    assert.equal(sink.sasl?.mechanism, "PLAIN");
  }
});

test("Kafka options become the settings of a Kafka sink", () => {
  const [sink] = readSettings({
    binding: {
      ...kafka,
      tls: true,
      sasl: { mechanism: "SCRAM-SHA-512", username: "alice", password: "alice-secret" },
      compression: "zstd",
    },
  }).pipeline.sinks;
  assert.ok(sink?.kind === "kafka");
  assert.deepEqual(sink.tls, { ca: undefined, cert: undefined, key: undefined, servername: undefined });
  assert.equal(sink.sasl?.password.reveal(), "alice-secret");
  assert.equal(sink.key, "subject");
  assert.equal(sink.compression, "zstd");
});

for (const name of [
  "Content-Type",
  "content-length",
  "Transfer-Encoding",
  "Connection",
  "Keep-Alive",
  "Upgrade",
  "Expect",
  "ce-id",
]) {
  test(`a header ${name} that the pipeline would refuse later is refused when the emitter is made`, () => {
    const message = `CloudEventEmitter: binding.headers.${name} must be left out or named otherwise: ${name.toLowerCase()} is made for each request`;
    assert.throws(() => new CloudEventEmitter({ binding: { ...http, headers: { [name]: "x" } } }), {
      name: "TypeError",
      message,
    });
  });
}

test("secrets among the options do not print", () => {
  const settings = readSettings({ binding: { ...http, headers: { Authorization: "Bearer canary" } } });
  assert.doesNotMatch(inspect(settings, { depth: 9 }) + JSON.stringify(settings), /canary/);
});

test("a policy is in ./policies unless the environment or the option says otherwise", (t) => {
  const policyOf = (policy: { package: string; dir?: string; dryRun?: boolean }): object | undefined =>
    readSettings({ binding: http, policy }).pipeline.policy;
  const before = process.env["CORESDK_POLICY_DIR"];
  t.after(() => {
    if (before === undefined) delete process.env["CORESDK_POLICY_DIR"];
    else process.env["CORESDK_POLICY_DIR"] = before;
  });
  delete process.env["CORESDK_POLICY_DIR"];
  const settings = { package: "acme/egress", deadlineMs: 250, dryRun: false };
  assert.deepEqual(policyOf({ package: "acme/egress" }), { ...settings, dir: resolve("policies") });
  process.env["CORESDK_POLICY_DIR"] = "/etc/policies";
  assert.deepEqual(policyOf({ package: "acme/egress" }), { ...settings, dir: "/etc/policies" });
  const own = policyOf({ package: "acme/egress", dir: "own", dryRun: true });
  assert.deepEqual(own, { ...settings, dir: resolve("own"), dryRun: true });
  assert.equal(readSettings({ binding: http }).pipeline.policy, undefined);
});

const wrong: readonly (readonly [what: string, options: object, message: RegExp])[] = [
  ["no binding", {}, /binding must be an object with kind "http" or "kafka"/],
  ["an unknown binding", { binding: { kind: "amqp" } }, /binding must be/],
  ["an unknown option", { binding: http, flushSecs: 5 }, /flushSecs is no option; there are source, /],
  [
    "an unknown option of the binding",
    { binding: { ...http, batchsize: 5 } },
    /binding\.batchsize is no option/,
  ],
  ["no endpoint", { binding: { kind: "http" } }, /binding\.endpoint must be given/],
  [
    "an endpoint that is no URL",
    { binding: { ...http, endpoint: "events" } },
    /binding\.endpoint must be an http: or https: URL/,
  ],
  [
    "an endpoint of another scheme",
    { binding: { ...http, endpoint: "ftp://a/" } },
    /binding\.endpoint must be/,
  ],
  [
    "a password in the endpoint",
    { binding: { ...http, endpoint: "https://u:hunter2@a/" } },
    /binding\.endpoint must be without user/,
  ],
  [
    "a batch of nothing",
    { binding: { ...http, batchSize: 0 } },
    /binding\.batchSize must be a whole number from 1/,
  ],
  ["a batch of one and a half", { binding: { ...http, batchSize: 1.5 } }, /binding\.batchSize/],
  [
    "a batch in binary mode",
    { binding: { ...http, batchSize: 2, contentMode: "binary" } },
    /binding\.batchSize must be 1 with contentMode binary/,
  ],
  [
    "a negative interval",
    { binding: { ...http, flushSecs: -1 } },
    /binding\.flushSecs must be a number from 0/,
  ],
  ...[new Headers({ authorization: "Bearer x" }), new Map([["a", "b"]]), [["a", "b"]]].map(
    (headers) =>
      [
        `headers in a ${headers.constructor.name}`,
        { binding: { ...http, headers } },
        /binding\.headers must be a plain object of texts$/,
      ] as const,
  ),
  [
    "a queue in a Map",
    { binding: http, queue: new Map([["dir", "/var/lib/a"]]) },
    /queue must be a plain object$/,
  ],
  [
    "retry options that are getters of a class",
    {
      binding: http,
      retry: new (class Retry {
        get maxAgeMs(): number {
          return 1;
        }
      })(),
    },
    /retry must be a plain object$/,
  ],
  [
    "an illegal header",
    { binding: { ...http, headers: { "a b": "c" } } },
    /binding\.headers\.a b must be left out or named otherwise: "a b" is no header name/,
  ],
  [
    "a header with a line break",
    { binding: { ...http, headers: { a: "hunter2\r\nb: c" } } },
    /binding\.headers\.a must be a text that an HTTP header can carry/,
  ],
  [
    "an endpoint that it shall not connect to",
    { binding: { ...http, endpoint: "http://2130706433/", blockPrivateAddresses: true } },
    /binding\.endpoint must be no private address with blockPrivateAddresses/,
  ],
  [
    "PLAIN without TLS",
    { binding: { ...kafka, sasl: { mechanism: "PLAIN", username: "u", password: "p" } } },
    /binding\.sasl\.mechanism must be another one without TLS, or used with allowPlaintext/,
  ],
  [
    "a certificate by file name",
    { binding: { ...http, tls: { ca: "/etc/ca.pem" } } },
    /binding\.tls\.ca must be PEM text/,
  ],
  [
    "a client key without certificate",
    { binding: { ...http, tls: { key: "-----BEGIN PRIVATE KEY-----" } } },
    /binding\.tls\.key must be given together with cert/,
  ],
  ["no brokers", { binding: { ...kafka, brokers: [] } }, /binding\.brokers must be a list/],
  ["a broker without port", { binding: { ...kafka, brokers: ["kafka"] } }, /binding\.brokers must be a list/],
  ["no topic", { binding: { kind: "kafka", brokers: ["a:1"] } }, /binding\.topic must be given/],
  [
    "an unknown mechanism",
    { binding: { ...kafka, sasl: { mechanism: "GSSAPI", username: "u", password: "p" } } },
    /binding\.sasl\.mechanism must be one of PLAIN/,
  ],
  [
    "no password",
    { binding: { ...kafka, sasl: { mechanism: "PLAIN", username: "u" } } },
    /binding\.sasl\.password must be given/,
  ],
  ["a source that is no URI-reference", { binding: http, source: "a b" }, /source must be/],
  [
    "an unknown extension",
    { binding: http, extensions: ["tracing"] },
    /extensions must be a list of distributed-tracing/,
  ],
  [
    "a fixed attribute that is no extension",
    { binding: http, fixedExtensions: { type: "x" } },
    /fixedExtensions\.type must be left out/,
  ],
  [
    "a fixed traceparent that is none",
    { binding: http, fixedExtensions: { traceparent: "00-x" } },
    /fixedExtensions\.traceparent must be version-traceid/,
  ],
  [
    "an illegal extension name",
    { binding: http, fixedExtensions: { "a-b": "x" } },
    /fixedExtensions\.a-b must be/,
  ],
  [
    "a tenant that no subject can hold",
    { binding: http, tenant: "\ud800" },
    /tenant must be a text without lone/,
  ],
  ["an unknown span mode", { binding: http, spans: "some" }, /spans must be "all", "marked" or a function/],
  ["a callback that is none", { binding: http, onLoss: 1 }, /onLoss must be a function/],
  [
    "a queue without room",
    { binding: http, queue: { maxBytes: 1 } },
    /queue\.maxBytes must be a whole number from 1024/,
  ],
  ["a policy without a package", { binding: http, policy: { dir: "p" } }, /policy\.package must be given/],
  [
    "a package with an empty part",
    { binding: http, policy: { package: "acme//egress" } },
    /policy\.package must be names divided by slashes/,
  ],
  [
    "an unknown option of the policy",
    { binding: http, policy: { package: "a", query: "x" } },
    /policy\.query is no option/,
  ],
  [
    "a policy's deadline that no batch can keep",
    { binding: http, policy: { package: "a", deadlineMs: 1 } },
    /policy\.deadlineMs must be a whole number from 10/,
  ],
  [
    "a trial that is neither on nor off",
    { binding: http, policy: { package: "a", dryRun: "yes" } },
    /policy\.dryRun must be a boolean/,
  ],
  [
    "intervals the wrong way round",
    { binding: http, retry: { initialIntervalMs: 10, maxIntervalMs: 5 } },
    /retry\.initialIntervalMs must be at most/,
  ],
];

for (const [what, options, message] of wrong) {
  test(`the constructor refuses ${what} and names the option`, () => {
    assert.throws(
      () => Reflect.construct(CloudEventEmitter, [options]),
      (error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /^CloudEventEmitter: /);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  });
}
