/** What is configured and has no effect is never passed over in silence. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Beside, load, loadError } from "./load.ts";

const KAFKA = "binding: kafka, kafka: { brokers: ['h:1'], topic: t }";

test("--http and --kafka on one command line are refused: one of them would be ignored", (t) => {
  const flags = { http: "http://h/", kafka: "h:1", topic: "t" };
  assert.equal(loadError(t, undefined, { flags }), "--http: either --http or --kafka, not both");
  // A flag goes before the file, and that is no contradiction.
  const { settings } = load(t, `cloud_events: { ${KAFKA} }\n`, { flags: { http: "http://h/" } });
  assert.deepEqual(
    settings.pipeline.sinks.map(({ kind }) => kind),
    ["http"],
  );
});

const cases: readonly [name: string, text: string, beside: Beside, warning: RegExp][] = [
  [
    "an http block beside binding: kafka",
    `cloud_events: { ${KAFKA}, http: { endpoint: 'http://h/c4n4ry' } }\n`,
    {},
    /^cloud_events\.http is not used: cloud_events\.binding is kafka$/,
  ],
  [
    "CORESDK_HTTP_ENDPOINT beside binding: kafka",
    `cloud_events: { ${KAFKA} }\n`,
    { environment: { CORESDK_HTTP_ENDPOINT: "http://h/c4n4ry" } },
    /^cloud_events\.http \(CORESDK_HTTP_ENDPOINT\) is not used: cloud_events\.binding is kafka$/,
  ],
  [
    "an http block without endpoint beside kafka",
    "cloud_events: { kafka: { brokers: ['h:1'], topic: t }, http: { timeout: 3s } }\n",
    {},
    /^cloud_events\.http is not used: it has no endpoint$/,
  ],
  [
    "K_SINK beside binding: kafka",
    `cloud_events: { ${KAFKA} }\n`,
    { environment: { K_SINK: "http://h/c4n4ry" } },
    /^K_SINK is not used: cloud_events\.binding is kafka$/,
  ],
  [
    "kafka beside K_SINK",
    "cloud_events: { kafka: { brokers: ['h:1'], topic: t } }\n",
    { environment: { K_SINK: "http://h/c4n4ry" } },
    /^cloud_events\.kafka is not used: K_SINK is set$/,
  ],
  [
    "a kafka block with neither brokers nor topic",
    "cloud_events: { kafka: { compression: zstd } }\n",
    {},
    /^cloud_events\.kafka has no brokers and no topic: events are kept in the local store$/,
  ],
  [
    "a kafka block with neither of them beside an endpoint",
    "cloud_events: { http: { endpoint: 'http://h/c4n4ry' }, kafka: { compression: zstd } }\n",
    {},
    /^cloud_events\.kafka is not used: cloud_events\.http\.endpoint is set too$/,
  ],
  [
    "K_CE_OVERRIDES without K_SINK",
    "",
    { environment: { K_CE_OVERRIDES: '{"extensions":{"a":"c4n4ry"}}' } },
    /^K_CE_OVERRIDES has no effect: K_SINK is not set$/,
  ],
  [
    "keep_in_otlp without an upstream",
    "cloud_events: { keep_in_otlp: true }\n",
    {},
    /^cloud_events\.keep_in_otlp has no effect: there is no otel\.endpoint$/,
  ],
  [
    "a query of the upstream's endpoint, which OTLP's paths take the place of",
    "otel: { endpoint: 'http://collector/up?key=c4n4ry' }\n",
    {},
    /^otel\.endpoint: its query is not sent; a key belongs into a header$/,
  ],
  [
    "OTEL_EXPORTER_OTLP_TIMEOUT that is no time",
    "otel: { endpoint: 'http://collector:4317' }\n",
    { environment: { OTEL_EXPORTER_OTLP_TIMEOUT: "c4n4ry" } },
    /^OTEL_EXPORTER_OTLP_TIMEOUT is no number of milliseconds above 0; it is ignored$/,
  ],
];

for (const [name, text, beside, warning] of cases) {
  test(`${name} is warned of`, (t) => {
    const { warnings } = load(t, text, beside);
    assert.equal(warnings.filter((one) => warning.test(one)).length, 1, warnings.join("\n"));
    assert.doesNotMatch(warnings.join(), /c4n4ry/);
  });
}

test("a configuration of which all has an effect is not warned of", (t) => {
  const upstream = "otel: { endpoint: 'http://collector:4317' }\n";
  for (const [text, environment] of [
    [`cloud_events: { ${KAFKA} }\n`, {}],
    [`${upstream}cloud_events: { keep_in_otlp: true }\n`, { OTEL_EXPORTER_OTLP_TIMEOUT: "2500" }],
    ["", { K_SINK: "http://h/", K_CE_OVERRIDES: '{"extensions":{"a":"b"}}' }],
  ] as const) {
    assert.deepEqual(load(t, text, { environment }).warnings, []);
  }
});
