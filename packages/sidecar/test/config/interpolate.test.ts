import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Environment, interpolate } from "../../src/config/interpolate.ts";
import { load, loadError } from "./load.ts";

function textOf(text: string, environment: Environment): string {
  const result = interpolate(text, environment);
  return result.ok ? result.text : `refused: ${result.message}`;
}

test("variables, defaults and dollars are substituted", () => {
  const environment = { A: "alpha", EMPTY: "" };
  assert.equal(textOf("Bearer ${A}", environment), "Bearer alpha");
  assert.equal(textOf("${env:A}-${A}", environment), "alpha-alpha");
  assert.equal(textOf("${NONE:-x y}", environment), "x y");
  assert.equal(textOf("${EMPTY:-x}", environment), "x");
  assert.equal(textOf("${NONE:-}", environment), "");
  assert.equal(textOf("${EMPTY}", environment), "");
  assert.equal(textOf("$$A costs 5$$, $A", environment), "$A costs 5$, $A");
  assert.equal(textOf("$${A}", environment), "${A}");
});

test("an unset variable without default is named", () => {
  assert.equal(
    textOf("${NONE}", {}),
    "refused: the environment variable NONE is not set, and has no default here",
  );
});

test("what begins like a substitution and is none is refused", () => {
  for (const text of ["${", "${}", "${A", "${1A}", "${A:default}", "${A:-${B}}", "${ A }"]) {
    assert.match(textOf(text, { A: "a", B: "b" }), /^refused: "\$\{" begins no substitution/, text);
  }
});

test("properties that every object has are no variables", () => {
  assert.match(textOf("${constructor}", {}), /not set/);
  assert.match(textOf("${__proto__}", {}), /not set/);
});

test("what a variable holds is not looked at again", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      if (value === "") return;
      assert.equal(textOf("<${V}>", { V: value }), `<${value}>`);
    }),
  );
});

test("a variable cannot become structure, whatever it holds", (t) => {
  const text = "tenant: ${TENANT}\n";
  const hostile = "a\nqueue: { dir: /etc }\n# \"'{[";
  const { settings } = load(t, text, { environment: { TENANT: hostile } });
  assert.equal(settings.pipeline.wrap.tenant, hostile);
  assert.doesNotMatch(settings.dataDir, /etc/);
});

test("keys are not substituted", (t) => {
  assert.match(loadError(t, "${A}: x\n", { environment: { A: "tenant" } }), /unknown key of 4 characters/);
});

test("a substituted value takes the type of its key", (t) => {
  const text =
    'cloud_events:\n  keep_in_otlp: ${KEEP}\n  http: { endpoint: "http://x", batch_size: "${BATCH}", timeout: "${TIME}" }\n';
  const { settings } = load(t, text, { environment: { KEEP: "true", BATCH: "7", TIME: "3s" } });
  const [sink] = settings.pipeline.sinks;
  assert.ok(sink?.kind === "http");
  assert.deepEqual([settings.logs.keepInOtlp, sink.batchSize, sink.timeoutMs], [true, 7, 3_000]);
});

test("a substitution that comes out empty is as good as a key left out", (t) => {
  const { settings } = load(t, 'tenant: ${NONE:-}\ncloud_events: { source: "${EMPTY}" }\n', {
    environment: { EMPTY: "" },
  });
  assert.deepEqual([settings.pipeline.wrap.tenant, settings.pipeline.wrap.source], [undefined, undefined]);
});

test("a variable that is empty within a credential is an error that names it, unless that is meant", (t) => {
  const environment = { EVENTS_TOKEN: "" };
  const header = (value: string): string =>
    `cloud_events: { http: { endpoint: 'http://h', headers: { Authorization: "${value}" } } }\n`;
  const sasl = "sasl: { mechanism: SCRAM-SHA-512, username: u, password: '${EVENTS_TOKEN}' }";
  for (const text of [
    header("Bearer ${EVENTS_TOKEN}"),
    header("${env:EVENTS_TOKEN}"),
    "otel: { endpoint: 'http://h', headers: { api-key: 'k ${EVENTS_TOKEN}' } }\n",
    `cloud_events: { kafka: { brokers: ['h:9092'], topic: t, ${sasl} } }\n`,
  ]) {
    assert.match(
      loadError(t, text, { environment }),
      /^coresdk-sidecar\.yaml:1:\d+: the environment variable EVENTS_TOKEN is empty; write \$\{EVENTS_TOKEN:-\} if that is meant\n/,
      text,
    );
  }
  const [sink] = load(t, header("Bearer ${EVENTS_TOKEN:-}"), { environment }).settings.pipeline.sinks;
  assert.equal(sink?.kind === "http" ? sink.headers[0]?.[1].reveal() : "", "Bearer ");
  assert.equal(load(t, 'tenant: "a${EVENTS_TOKEN}"\n', { environment }).settings.pipeline.wrap.tenant, "a");
});
