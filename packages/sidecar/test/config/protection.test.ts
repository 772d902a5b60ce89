/** Keys that protect who is delivered to, and what is delivered with. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { SinkSettings } from "@coresdk/pipeline";
import { locateSidecar } from "../../src/config/load.ts";
import { formatConfig } from "../../src/config/print.ts";
import { createDirectory, load, loadError } from "./load.ts";

function http(keys: string): string {
  return `cloud_events: { http: { endpoint: "https://events.acme.internal/in", ${keys} } }\n`;
}

test("the webhook handshake is off, and its keys arrive in the settings", (t) => {
  const off = load(t, http("")).settings.pipeline.sinks[0];
  assert.ok(off?.kind === "http");
  assert.deepEqual([off.webhook, off.blockPrivateAddresses], [undefined, false]);
  const text = http(
    'webhook: { origin: acme.example, rate: 120, callback: "https://acme.example/ok?k=s3cr3t", renew: 1h }, block_private_addresses: true',
  );
  const { settings } = load(t, text);
  const sink: SinkSettings | undefined = settings.pipeline.sinks[0];
  assert.ok(sink?.kind === "http" && sink.webhook !== undefined);
  const { callback, ...rest } = sink.webhook;
  assert.deepEqual(rest, { origin: "acme.example", ratePerMinute: 120, renewMs: 3_600_000 });
  assert.equal(callback?.reveal(), "https://acme.example/ok?k=s3cr3t");
  assert.equal(sink.blockPrivateAddresses, true);
  const printed = formatConfig(settings);
  assert.match(printed, /origin: acme\.example\n {6}rate: 120\n {6}callback: "\*\*\*"\n {6}renew: 1h/);
  assert.doesNotMatch(printed, /s3cr3t/);
});

test("a webhook that cannot be is an error by name", (t) => {
  assert.match(loadError(t, http("webhook: { rate: 5 }")), /cloud_events\.http\.webhook needs origin/);
  for (const origin of ["https://acme.example/", "a b", ".acme", "acme.", "-x", "a..b", '"a\\r\\nb"']) {
    assert.match(loadError(t, http(`webhook: { origin: ${origin} }`)), /origin must be a DNS name/, origin);
  }
  assert.match(loadError(t, http("webhook: { origin: a.b, rate: 0 }")), /rate must be a whole number/);
  const callback = loadError(t, http('webhook: { origin: a.b, callback: "http://x/?k=s3cr3t" }'));
  assert.match(callback, /callback must be an https:\/\/ URL/);
  assert.doesNotMatch(callback, /s3cr3t/);
  const twice = http("webhook: { origin: a.b }, headers: { webhook-request-origin: c.d }");
  assert.match(loadError(t, twice), /WebHook-Request-Origin is set by webhook\.origin/);
});

test("an endpoint that is a private address cannot be with block_private_addresses", (t) => {
  for (const host of ["127.0.0.1", "10.1.2.3", "2130706433", "[::1]", "[::ffff:192.168.0.1]"]) {
    const text = `cloud_events: { http: { endpoint: "http://${host}/", block_private_addresses: true } }\n`;
    assert.match(loadError(t, text), /block_private_addresses: the endpoint is such an address/, host);
  }
});

test("PLAIN needs TLS, unless it is allowed by name", (t) => {
  const kafka = (keys: string): string =>
    `cloud_events: { binding: kafka, kafka: { brokers: [a:1], topic: t, ${keys} } }\n`;
  const sasl = "mechanism: PLAIN, username: u, password: p";
  assert.match(loadError(t, kafka(`sasl: { ${sasl} }`)), /PLAIN without tls .*allow_plaintext/);
  const withTls = load(t, kafka(`sasl: { ${sasl} }, tls: true`)).settings.pipeline.sinks[0];
  const allowed = load(t, kafka(`sasl: { ${sasl}, allow_plaintext: true }`)).settings.pipeline.sinks[0];
  assert.ok(withTls?.kind === "kafka" && allowed?.kind === "kafka");
  assert.deepEqual([withTls.sasl?.allowPlaintext, allowed.sasl?.allowPlaintext], [false, true]);
  load(t, kafka("sasl: { mechanism: SCRAM-SHA-256, username: u, password: p }"));
});

test("an empty value does not switch off what keeps events in or senders out", (t) => {
  const empty = ["", "~", '"${UNSET:-}"', "${EMPTY}"];
  for (const value of empty) {
    const beside = { environment: { EMPTY: "" } };
    const policy = loadError(t, `cloud_events:\n  customer_egress_policy: ${value}\n`, beside);
    assert.match(policy, /:2:\d+.*cloud_events\.customer_egress_policy is empty/);
    for (const key of ["literals", "blocked_keys", "patterns", "signals"]) {
      const list = loadError(t, `masking:\n  ${key}: ${value}\n`, beside);
      assert.match(list, new RegExp(`:2:\\d+.*masking\\.${key} is empty`));
    }
    for (const key of ["http.tls", "http.webhook", "kafka.tls", "kafka.sasl"]) {
      const [sink, block] = key.split(".");
      const text = `cloud_events:\n  ${sink}:\n    ${block}: ${value}\n`;
      assert.match(loadError(t, text, beside), /:3:\d+: .* is empty/);
    }
    const door = (keys: string): string => `receivers:\n  otlp:\n    http:\n      ${keys}\n`;
    assert.match(loadError(t, door(`auth: ${value}`), beside), /receivers\.otlp\.http\.auth is empty/);
    const authority = loadError(t, door(`tls:\n        client_ca: ${value}`), beside);
    assert.match(authority, /receivers\.otlp\.http\.tls\.client_ca is empty/);
  }
  assert.equal(load(t, "cloud_events:\n  source:\n").settings.pipeline.policy, undefined);
});

test("an empty variable does not open a door, let events out or stand for a credential: it is refused as in the file", (t) => {
  const names = {
    CORESDK_RECEIVERS_OTLP_HTTP_AUTH_BEARER: "receivers.otlp.http.auth.bearer",
    CORESDK_RECEIVERS_OTLP_GRPC_TLS_CLIENT_CA: "receivers.otlp.grpc.tls.client_ca",
    CORESDK_RECEIVERS_OTLP_GRPC_TLS_KEY: "receivers.otlp.grpc.tls.key",
    CORESDK_CUSTOMER_EGRESS_POLICY: "cloud_events.customer_egress_policy",
    CORESDK_CLOUD_EVENTS_CUSTOMER_EGRESS_POLICY: "cloud_events.customer_egress_policy",
    CORESDK_HTTP_BLOCK_PRIVATE_ADDRESSES: "cloud_events.http.block_private_addresses",
    CORESDK_MASKING_LITERALS: "masking.literals",
    CORESDK_HTTP_HEADERS: "cloud_events.http.headers",
    CORESDK_OTEL_HEADERS: "otel.headers",
    CORESDK_KAFKA_SASL_PASSWORD: "cloud_events.kafka.sasl.password",
    CORESDK_KAFKA_TLS: "cloud_events.kafka.tls",
  };
  const file = "receivers: { otlp: { http: { auth: { bearer: t0ken } } } }\n";
  for (const [name, key] of Object.entries(names)) {
    for (const text of [undefined, file]) {
      for (const nothing of ["", " ", "\n", " ,", ",,"]) {
        const said = loadError(t, text, { environment: { [name]: nothing } });
        assert.ok(said.startsWith(`${name}: ${key} is empty; leave the variable out if that is meant`), said);
      }
    }
  }
  const both = Object.fromEntries(Object.keys(names).map((name) => [name, ""]));
  assert.equal(loadError(t, undefined, { environment: both }).split("\n").length, Object.keys(names).length);
  const { settings } = load(t, file, { environment: { CORESDK_TENANT: "", CORESDK_HTTP_ENDPOINT: "" } });
  assert.equal(settings.receivers.http?.bearerToken?.reveal(), "t0ken");
});

test("a command that asks a running sidecar does without the variables of its secrets", (t) => {
  const environment = { CORESDK_RECEIVERS_OTLP_HTTP_AUTH_BEARER: "" };
  const cwd = createDirectory(t);
  assert.equal(
    locateSidecar({ flags: {}, environment, cwd, noFile: true }).dataDir,
    join(cwd, "coresdk-data"),
  );
});
