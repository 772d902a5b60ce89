import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { describeDestination } from "../../src/config/describe.ts";
import { formatConfig } from "../../src/config/print.ts";
import { load, loadError } from "./load.ts";
import { listWrongFiles, listWrongVariables } from "./secret-places.ts";

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

/** As it is, and as a part of an identifier. */
const FORMS = /c4n4ry/;

for (const [name, text] of listWrongFiles(CANARY)) {
  test(`an error message repeats no secret, but says where it is: ${name}`, (t) => {
    const message = loadError(t, `${text}\n`);
    assert.doesNotMatch(message, FORMS);
    assert.match(message, /^coresdk-sidecar\.yaml:\d+:\d+: /);
  });
}

test("a wrong variable is named, and its value is not repeated", (t) => {
  for (const environment of listWrongVariables(CANARY)) {
    const message = loadError(t, undefined, { environment });
    assert.doesNotMatch(message, FORMS);
    if (environment["CORESDK_CONFIG"] === undefined) assert.match(message, /^(?:CORESDK|K)_\w+:? /);
  }
});

test("a header of OTEL_EXPORTER_OTLP_HEADERS that cannot be sent is not repeated", (t) => {
  const environment = { OTEL_EXPORTER_OTLP_HEADERS: `${CANARY}=%0a,te=${CANARY},Bearer ${CANARY}=x` };
  const { warnings } = load(t, "otel: { endpoint: 'http://h:1' }\n", { environment });
  assert.equal(warnings.length, 3);
  assert.doesNotMatch(warnings.join("\n"), FORMS);
});

test("a token in the path of an endpoint is not shown, and the rest of it is", (t) => {
  const path = `services/T01ABCDEF/${CANARY}`;
  const { settings } = load(
    t,
    `otel: { endpoint: "https://otel.example/${path}" }\ncloud_events: { http: { endpoint: "https://hooks.example/${path}?k=1" } }\n`,
  );
  assert.equal(
    describeDestination(settings),
    "https://hooks.example/services/***/***?*** (HTTP, structured)",
  );
  const printed = formatConfig(settings);
  assert.match(printed, /endpoint: https:\/\/otel\.example\/services\/\*\*\*\/\*\*\*\n/);
  assert.doesNotMatch(printed, FORMS);
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
masking:
  literals: ["${CANARY}"]
  patterns: [{ name: own, regex: "${CANARY}[0-9]" }]
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
