/** Credentials go to the host that they were configured for, whoever names another one. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createAuthority } from "../../../../testing/certificates.ts";
import { type Beside, load } from "./load.ts";

const authority = await createAuthority();
const { cert, key } = await authority.client("sidecar");
const files = { "ca.pem": authority.ca, "cert.pem": cert, "key.pem": key };
const TLS = "tls: { ca: ./ca.pem, cert: ./cert.pem, key: ./key.pem }";

const PEERS = {
  "the sink": {
    file: (endpoint: string) =>
      `cloud_events: { http: { ${endpoint} headers: { Authorization: Bearer c4n4ry, X-Own: b }, ${TLS} } }\n`,
    key: "cloud_events.http",
    flag: ["http", "--http"],
    variable: "CORESDK_HTTP_ENDPOINT",
    headers: "CORESDK_HTTP_HEADERS",
  },
  "the upstream": {
    file: (endpoint: string) =>
      `otel: { ${endpoint} headers: { Authorization: Bearer c4n4ry, X-Own: b }, ${TLS} }\n`,
    key: "otel",
    flag: ["otelEndpoint", "--otel-endpoint"],
    variable: "CORESDK_OTEL_ENDPOINT",
    headers: "CORESDK_OTEL_HEADERS",
  },
} as const;

for (const [name, peer] of Object.entries(PEERS)) {
  const [flag, shownFlag] = peer.flag;
  const OWN = "endpoint: 'https://e.example/in',";

  test(`a peer on another host is not sent what the file has for its own endpoint: ${name}`, (t) => {
    const cases: [by: string, (url: string) => Beside][] = [
      [shownFlag, (url) => ({ flags: { [flag]: url } })],
      [peer.variable, (url) => ({ environment: { [peer.variable]: url } })],
    ];
    for (const [by, beside] of cases) {
      const shownTo = (url: string, endpoint = OWN) => show(t, name, peer.file(endpoint), beside(url));
      for (const other of [
        "https://other.example/in",
        "https://e.example:8443/in",
        "https://e.example.other/",
      ]) {
        const { sent, warnings } = shownTo(other);
        assert.deepEqual(sent, { names: [], cert: undefined, key: undefined, ca: authority.ca }, other);
        assert.deepEqual(warnings, [
          `${peer.key}.headers (Authorization, ***) are not sent to ${by}: configured for another host`,
          `${peer.key}.tls.cert and key are not sent to ${by}: configured for another host`,
        ]);
      }
      const all = { names: ["Authorization", "X-Own"], cert, key, ca: authority.ca };
      assert.deepEqual(shownTo("https://e.example/other"), { sent: all, warnings: [] });
      // The host is given by environment here, and never in the file.
      assert.deepEqual(shownTo("https://other.example/in", ""), { sent: all, warnings: [] });
    }
  });

  test(`a peer is sent the headers that a variable gives, but for those beside an endpoint of its own: ${name}`, (t) => {
    const environment = { [peer.headers]: "X-Given=1" };
    const flags = { [flag]: "https://other.example/in" };
    assert.deepEqual(show(t, name, peer.file(OWN), { environment, flags }).sent.names, ["X-Given"]);
    const beside = { ...environment, [peer.variable]: "https://variable.example/" };
    assert.deepEqual(show(t, name, peer.file(OWN), { environment: beside }).sent.names, ["X-Given"]);
    assert.deepEqual(show(t, name, peer.file(OWN), { environment: beside, flags }).sent.names, []);
  });
}

/** What the peer would be sent, and what was said about that. */
function show(t: TestContext, name: string, text: string, beside: Beside) {
  const { settings, warnings } = load(t, text, { ...beside, files });
  const [sink] = settings.pipeline.sinks;
  const peer = name === "the sink" && sink?.kind === "http" ? sink : settings.upstream;
  assert.ok(peer !== undefined);
  const { tls, headers } = peer;
  const names = headers.map(([header]) => header);
  const sent = { names, cert: tls?.cert, key: tls?.key?.reveal(), ca: tls?.ca };
  return { sent, warnings: warnings.filter((warning) => warning.includes("another host")) };
}
