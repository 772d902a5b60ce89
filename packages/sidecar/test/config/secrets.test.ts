import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { describeDestination } from "../../src/config/describe.ts";
import { formatConfig } from "../../src/config/print.ts";
import { load, loadError } from "./load.ts";

const CANARY = "c4n4ry-5ecret";

/** Every place of a configuration that holds a secret, next to something that is wrong. */
const places: readonly string[] = [
  `otel: { headers: { Authorization: "Bearer ${CANARY}", "bad name": ${CANARY} }, timeout: x }`,
  `otel: { headers: { Authorization: ["${CANARY}"] } }`,
  `otel: { endpoint: "http://user:${CANARY}@x" }`,
  `otel: { endpoint: "ftp://x/?key=${CANARY}" }`,
  `cloud_events: { http: { headers: { X-Api-Key: ${CANARY} }, batch_size: x } }`,
  `cloud_events: { http: { heders: { X-Api-Key: ${CANARY} } } }`,
  `cloud_events: { kafka: { sasl: { password: ${CANARY}, mechanism: none } } }`,
  `cloud_events: { kafka: { sasl: { pasword: ${CANARY} } } }`,
  `cloud_events: { kafka: { tls: { key: "-----BEGIN PRIVATE KEY-----${CANARY}", cert: 5 } } }`,
  `receivers: { otlp: { http: { auth: { bearer: ${CANARY} }, endpoint: x } } }`,
  `receivers: { otlp: { http: { auth: { token: ${CANARY} } } } }`,
  `masking: { literals: [${CANARY}], signals: [x] }`,
  `unknown: ${CANARY}`,
  `unknown: [${CANARY}, { a: ${CANARY} }]`,
  `__proto__: ${CANARY}`,
  `tenant: a\ntenant: ${CANARY}`,
  `cloud_events:\n  http:\n    headers:\n      Authorization: |\n        Bearer ${CANARY}\n        more\n`,
  `otel: { headers: { a: \${UNSET}, b: ${CANARY} } }`,
  // No YAML at all: nobody knows which value is which.
  `cloud_events:\n  kafka:\n    sasl: { password: ${CANARY}\n`,
  `password: "${CANARY}\ntenant: [`,
  `headers:\n  - ${CANARY}\n: ][\n`,
  `Authorization "Bearer ${CANARY}"\ntenant: x\n`,
];

for (const [i, text] of places.entries()) {
  test(`an error message repeats no secret: case ${i}`, (t) => {
    const message = loadError(t, `${text}\n`, { environment: { TOKEN: CANARY } });
    assert.doesNotMatch(message, new RegExp(CANARY));
  });
}

test("a wrong variable's value is not repeated", (t) => {
  const environment = { CORESDK_HTTP_ENDPOINT: `http://u:${CANARY}@x`, CORESDK_HTTP_HEADERS: CANARY };
  assert.doesNotMatch(loadError(t, undefined, { environment }), new RegExp(CANARY));
});

const FULL = `
otel:
  endpoint: https://upstream.example/?key=${CANARY}
  headers: { Authorization: Bearer ${CANARY} }
receivers:
  otlp:
    http: { auth: { bearer: ${CANARY} } }
cloud_events:
  http:
    endpoint: https://events.example/in?code=${CANARY}
    headers: { Authorization: "Bearer \${TOKEN}", X-Api-Key: ${CANARY} }
`;
const KAFKA = `
cloud_events:
  binding: kafka
  kafka:
    brokers: [a:1]
    topic: t
    sasl: { mechanism: PLAIN, username: alice, password: "\${TOKEN}", allow_plaintext: true }
`;

test("config print, the banner's words and inspect show no secret, and show that there is one", (t) => {
  for (const text of [FULL, KAFKA]) {
    const { settings, warnings } = load(t, text, { environment: { TOKEN: CANARY } });
    const printed = formatConfig(settings);
    const shown = [
      printed,
      describeDestination(settings),
      JSON.stringify(settings.pipeline.retry),
      ...warnings,
    ];
    assert.doesNotMatch(shown.join("\n"), new RegExp(CANARY));
    assert.match(printed, /\*\*\*/);
    const { pipeline, receivers } = settings;
    const [sink] = pipeline.sinks;
    const held = sink?.kind === "http" ? sink.headers : sink?.sasl;
    assert.doesNotMatch(inspect([held, receivers], { depth: 9 }), new RegExp(CANARY));
  }
});
