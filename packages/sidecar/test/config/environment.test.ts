import assert from "node:assert/strict";
import { hostname, networkInterfaces } from "node:os";
import { test } from "node:test";
import { createAuthority } from "../../../../testing/certificates.ts";
import { lookUpHosts } from "../../src/config/own-addresses.ts";
import { load, loadError } from "./load.ts";

const UPSTREAM = "otel: { endpoint: 'http://collector:4317' }\n";

test("OTEL_EXPORTER_OTLP_* fill what the file leaves unset", (t) => {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=abc,other=d%20e",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_EXPORTER_OTLP_TIMEOUT: "2500",
    OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
  };
  const { upstream } = load(t, "", { environment }).settings;
  assert.deepEqual(
    [upstream?.endpoint, upstream?.protocol, upstream?.compression, upstream?.timeoutMs],
    ["http://collector:4318", "grpc", "gzip", 2_500],
  );
  assert.deepEqual(
    upstream?.headers.map(([name, value]) => [name, value.reveal()]),
    [
      ["api-key", "abc"],
      ["other", "d e"],
    ],
  );
});

test("OTEL_EXPORTER_OTLP_*CERTIFICATE and CLIENT_KEY are the upstream's, unless the file has tls", async (t) => {
  const authority = await createAuthority();
  const { cert, key } = await authority.client("sidecar");
  const files = { "ca.pem": authority.ca, "cert.pem": cert, "key.pem": key };
  const text = "otel: { endpoint: 'https://collector' }\n";
  const tlsOf = (file: string, environment: Record<string, string>) =>
    load(t, file, { files, environment }).settings.upstream?.tls;
  const ca = tlsOf(text, { OTEL_EXPORTER_OTLP_CERTIFICATE: authority.ca });
  assert.deepEqual([ca?.ca, ca?.cert, ca?.key], [authority.ca, undefined, undefined]);
  const identity = { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert, OTEL_EXPORTER_OTLP_CLIENT_KEY: key };
  const own = tlsOf(text, identity);
  assert.deepEqual([own?.ca, own?.cert, own?.key?.reveal()], [undefined, cert, key]);
  const configured = tlsOf("otel: { endpoint: 'https://collector', tls: { ca: ./ca.pem } }\n", identity);
  assert.deepEqual([configured?.ca, configured?.cert, configured?.key], [authority.ca, undefined, undefined]);
});

test("endpoints of single signals are not read, and each one is said so", (t) => {
  for (const signal of ["TRACES", "METRICS", "LOGS"]) {
    const name = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
    const { settings, warnings } = load(t, "", { environment: { [name]: "http://other:4318" } });
    assert.equal(settings.upstream, undefined);
    assert.deepEqual(warnings, [`${name} is not read: set otel.endpoint, which takes all signals`]);
  }
});

test("what the file sets stays, and another peer's variables are not used for it", (t) => {
  const given = load(t, "otel: { endpoint: 'http://collector:4317', compression: none }\n", {
    environment: { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip", OTEL_EXPORTER_OTLP_HEADERS: "a=b" },
  }).settings.upstream;
  assert.deepEqual([given?.compression, given?.headers.length], ["none", 1]);
  const { settings, warnings } = load(t, UPSTREAM, {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://vendor",
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=theirs",
    },
  });
  assert.deepEqual([settings.upstream?.endpoint, settings.upstream?.headers], ["http://collector:4317", []]);
  assert.deepEqual(warnings, [
    "OTEL_EXPORTER_OTLP_* are of another peer than otel.endpoint and are ignored here",
  ]);
});

test("the variable that leads applications to this sidecar is ignored with a warning, its neighbours too", (t) => {
  for (const own of ["http://localhost:4318", "http://127.0.0.1:4317", "http://[::1]:4318/"]) {
    const { settings, warnings } = load(t, "", {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: own, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" },
    });
    assert.equal(settings.upstream, undefined);
    assert.equal(settings.portsMoved, false);
    assert.match(warnings.join(), /^OTEL_EXPORTER_OTLP_ENDPOINT is this sidecar's own receiver/, own);
  }
  const kept = load(t, UPSTREAM, {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    },
  }).settings.upstream;
  assert.equal(kept?.protocol, "grpc");
});

test("the protocol follows from the port when nobody says", (t) => {
  const protocolOf = (endpoint: string): unknown =>
    load(t, `otel: { endpoint: '${endpoint}' }\n`).settings.upstream?.protocol;
  assert.equal(protocolOf("http://c:4317"), "grpc");
  assert.equal(protocolOf("http://c:4318"), "http/protobuf");
  assert.equal(protocolOf("https://c"), "http/protobuf");
});

test("an upstream on a default port of this host moves both receivers, and lets admin move", (t) => {
  for (const endpoint of ["http://localhost:4317", "http://127.0.0.1:4318", "http://[::1]:4317"]) {
    const { settings } = load(t, `otel: { endpoint: '${endpoint}' }\n`);
    const { receivers, admin, portsMoved } = settings;
    assert.deepEqual(
      [receivers.grpc?.port, receivers.http?.port, portsMoved],
      [14317, 14318, true],
      endpoint,
    );
    assert.deepEqual(admin, { host: "127.0.0.1", port: 13133, fallbackPort: 14133 });
  }
});

test("an upstream on a default port moves the receivers however this host is spelled", (t) => {
  const hosts = new Map([
    ["me.example", ["10.0.0.1", "127.0.1.1"]],
    ["other.example", ["10.0.0.1"]],
  ]);
  const moves = (endpoint: string): boolean =>
    load(t, `otel: { endpoint: '${endpoint}' }\n`, { hosts }).settings.portsMoved;
  for (const own of ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "ME.example"]) {
    assert.equal(moves(`http://${own}:4317`), true, own);
  }
  for (const foreign of ["other.example", "unknown.example", "[::ffff:10.0.0.1]"]) {
    assert.equal(moves(`http://${foreign}:4317`), false, foreign);
  }
});

test("receivers do not move when the upstream is elsewhere, or they were told where to be", (t) => {
  for (const text of [
    UPSTREAM,
    "otel: { endpoint: 'http://localhost:5317' }\n",
    "otel: { endpoint: 'http://localhost:4317' }\nreceivers: { otlp: { grpc: { endpoint: '127.0.0.1:5317' } } }\n",
  ]) {
    assert.equal(load(t, text).settings.portsMoved, false, text);
  }
});

test("a sidecar that would forward to itself is refused however its address is spelled", (t) => {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const hosts = new Map([
    ["loop.example", ["127.0.0.1"]],
    ["door.example", ["192.0.2.7", "2001:db8::7"]],
    ["alias.example", ["::ffff:192.0.2.7"]],
    ["all.example", interfaces.map(({ address }) => address)],
  ]);
  for (const [endpoint, listen] of [
    ["http://[::ffff:127.0.0.1]:5318", "127.0.0.1:5318"],
    ["http://127.0.0.1:5318", "[::ffff:127.0.0.1]:5318"],
    ["http://[::ffff:0.0.0.0]:5318", "127.0.0.1:5318"],
    ["http://loop.example:5318", "127.0.0.1:5318"],
    ["http://LOOP.example:5318", "0.0.0.0:5318"],
    ["http://alias.example:5318", "192.0.2.7:5318"],
    ["http://alias.example:5318", "door.example:5318"],
    ["http://[2001:0db8:0::7]:5318", "door.example:5318"],
    ["http://all.example:5318", "[::]:5318"],
  ]) {
    const text = `otel: { endpoint: '${endpoint}' }\nreceivers: { otlp: { http: { endpoint: '${listen}' } } }\n`;
    assert.match(
      loadError(t, text, { hosts }),
      /^coresdk-sidecar\.yaml:1:\d+: otel\.endpoint is the sidecar's own/,
    );
  }
  const foreign = "receivers: { otlp: { http: { endpoint: '0.0.0.0:5318' } } }\n";
  for (const host of ["alias.example", "unknown.example", "[::ffff:192.0.2.7]"]) {
    load(t, `otel: { endpoint: 'http://${host}:5318' }\n${foreign}`, { hosts });
  }
});

test("host names are looked up as they are, and one that does not exist holds nothing up", async () => {
  const hosts = await lookUpHosts([hostname(), "[::1]", "localhost", "10.0.0.1", "no-such-host.invalid"]);
  assert.deepEqual([...hosts.keys()], [hostname().toLowerCase(), "no-such-host.invalid"]);
  assert.deepEqual(hosts.get("no-such-host.invalid"), []);
});

test("a sidecar that would forward to itself is refused", (t) => {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal)?.address;
  const cases: [endpoint: string, listen: string][] = [
    ["http://localhost:5318", "127.0.0.1:5318"],
    ["http://127.0.0.1:5318", "0.0.0.0:5318"],
    ["http://0.0.0.0:5318", "127.0.0.1:5318"],
    ["http://[::1]:5318", "[::]:5318"],
    ["http://host.example:5318", "host.example:5318"],
  ];
  if (own !== undefined) cases.push([`http://${own}:5318`, "0.0.0.0:5318"]);
  for (const [endpoint, listen] of cases) {
    const text = `otel: { endpoint: '${endpoint}' }\nreceivers: { otlp: { http: { endpoint: '${listen}' } } }\n`;
    assert.match(loadError(t, text), /it would forward to itself/, endpoint);
  }
});

test("Knative's K_SINK is the endpoint, one event a request, with its overrides", (t) => {
  const environment = {
    K_SINK: "http://broker-ingress.knative-eventing/default/default",
    K_CE_OVERRIDES: '{"extensions":{"tenantid":"acme"}}',
  };
  const { settings, warnings } = load(t, "cloud_events: { http: { batch_size: 50 } }\n", { environment });
  const [sink] = settings.pipeline.sinks;
  assert.ok(sink?.kind === "http");
  assert.deepEqual(
    [sink.endpoint, sink.batchSize, sink.overrides],
    [environment.K_SINK, 1, { tenantid: "acme" }],
  );
  assert.match(warnings.join(), /batch_size is not used: K_SINK takes one event a request/);
});

test("K_SINK goes before the file, and a flag or a variable of the sidecar before it", (t) => {
  const file = "cloud_events: { http: { endpoint: 'http://file' } }\n";
  const endpoint = (beside: Parameters<typeof load>[2]): unknown => {
    const [sink] = load(t, file, beside).settings.pipeline.sinks;
    return sink?.kind === "http" ? sink.endpoint : undefined;
  };
  const K_SINK = "http://knative";
  assert.equal(endpoint({ environment: { K_SINK } }), K_SINK);
  assert.equal(
    endpoint({ environment: { K_SINK, CORESDK_HTTP_ENDPOINT: "http://variable" } }),
    "http://variable",
  );
  assert.equal(endpoint({ environment: { K_SINK }, flags: { http: "http://flag" } }), "http://flag");
  const kafka = "cloud_events: { binding: kafka, kafka: { brokers: [a:1], topic: t } }\n";
  assert.deepEqual(
    load(t, kafka, { environment: { K_SINK } }).settings.pipeline.sinks.map(({ kind }) => kind),
    ["kafka"],
  );
});

test("what is wrong with Knative's variables is refused, and said as it is", (t) => {
  assert.match(loadError(t, "", { environment: { K_SINK: "no url" } }), /K_SINK must be an http/);
  assert.match(
    loadError(t, "", { environment: { K_SINK: "http://h:0/" } }),
    /K_SINK must have a port above 0/,
  );
  for (const [overrides, message] of [
    ["{", /must be JSON/],
    ["[]", /must be JSON/],
    ['{"extensions":5}', /must be JSON/],
    ['{"extensions":{"Bad":"x"}}', /must name extensions with 1 to 20 of a-z and 0-9$/],
    ['{"extensions":{"a":5}}', /must give each extension a text$/],
    ['{"extensions":{"id":"x"}}', /must set extensions alone: id is an event's own attribute$/],
    ['{"extensions":{"sampledrate":"often"}}', /a value that it can have: an integer from 1 to 2147483647$/],
    ['{"extensions":{"region":"\\u0007"}}', /a value that it can have: a String \(no control characters/],
    ['{"extensions":{"a":"x\\r\\nce-b: y"}}', /a value that it can have: a String \(no control characters/],
    [
      '{"extensions":{"a":"\\ud800"}}',
      /a value that it can have: a String \(no control characters, lone surr/,
    ],
    ['{"extensions":{"sequence":""}}', /a value that it can have: a non-empty String/],
    ['{"extensions":{"traceparent":"zz"}}', /a value that it can have: version-traceid-parentid-flags/],
    ['{"extensions":{"tracestate":"zz"}}', /a value that it can have: 1 to 32 members key=value/],
    ['{"extensions":{"foo":"bar","type":"over"}}', /must set extensions alone: type is an event's own/],
  ] as const) {
    const environment = { K_SINK: "http://knative", K_CE_OVERRIDES: overrides };
    const error = loadError(t, "", { environment });
    assert.match(error, /^K_CE_OVERRIDES /);
    assert.match(error, message, overrides);
  }
});

test("K_SINK on another host is not sent the headers that the file has for its own endpoint", (t) => {
  const file = (endpoint: string): string =>
    `cloud_events: { http: { ${endpoint} headers: { Authorization: Bearer c4n4ry, X-Own: b }, webhook: { origin: a.example, callback: 'https://b.example/c4n4ry' } } }\n`;
  const sinkOf = (text: string, K_SINK: string) => {
    const { settings, warnings } = load(t, text, { environment: { K_SINK } });
    const [sink] = settings.pipeline.sinks;
    assert.ok(sink?.kind === "http");
    const { headers, webhook } = sink;
    return { sent: [headers.map(([name]) => name), webhook?.callback?.reveal()], warnings };
  };
  const own = [["Authorization", "X-Own"], "https://b.example/c4n4ry"];
  for (const other of ["https://other.example/in", "http://e.example/in", "https://e.example:8443/in"]) {
    const { sent, warnings } = sinkOf(file("endpoint: 'https://e.example/in',"), other);
    assert.deepEqual(sent, [[], undefined], other);
    const said = /headers \(Authorization, \*\*\*\) are not sent to K_SINK: configured for another host/;
    assert.equal(warnings.filter((warning) => said.test(warning)).length, 1, warnings.join("\n"));
    assert.doesNotMatch(warnings.join(), /c4n4ry/);
  }
  assert.deepEqual(sinkOf(file("endpoint: 'https://e.example/in',"), "https://e.example/other").sent, own);
  assert.deepEqual(sinkOf(file(""), "https://other.example/in").sent, own);
});
