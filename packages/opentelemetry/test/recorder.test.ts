import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Fact } from "@coresdk/pipeline";
import { diag, metrics } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { OtelFactRecorder } from "../src/recorder.ts";
import { ManualClock } from "./manual-clock.ts";

const fact = (kind: Fact["kind"], level?: Fact["level"]): Fact => {
  return {
    name: `test.${kind}`,
    kind,
    unit: "{event}",
    description: "Things",
    ...(level === undefined ? {} : { level }),
  };
};

/** What is logged through OTel's `diag` during the test. */
function collectLogLines(t: TestContext): string[] {
  const lines: string[] = [];
  const log = (...words: unknown[]): void => void lines.push(words.join(" "));
  diag.setLogger(
    { error: log, warn: log, info: log, debug: log, verbose: log },
    { suppressOverrideMessage: true },
  );
  t.after(() => diag.disable());
  lines.length = 0;
  return lines;
}

test("facts are counted with a meter provider that is set after the recorder was used", async (t) => {
  const recorder = new OtelFactRecorder(new ManualClock());
  const [counter, gauge, histogram] = [fact("counter"), fact("gauge"), fact("histogram")];
  recorder.record(counter, 5);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  metrics.setGlobalMeterProvider(provider);
  t.after(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  recorder.record(counter, 2, { sink: "default" });
  recorder.record(counter, 1, { sink: "default" });
  recorder.record(gauge, 7);
  recorder.record(histogram, 0.5);
  await provider.forceFlush();
  const [scope] = exporter.getMetrics()[0]?.scopeMetrics ?? [];
  assert.equal(scope?.scope.name, "@coresdk/opentelemetry");
  assert.deepEqual(
    scope.metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      descriptor.unit,
      dataPoints[0]?.attributes,
    ]),
    [
      ["test.counter", "{event}", { sink: "default" }],
      ["test.gauge", "{event}", {}],
      ["test.histogram", "{event}", {}],
    ],
  );
  assert.equal(scope.metrics[0]?.dataPoints[0]?.value, 3);
});

test("a fact with a level is logged at once, then at most every ten seconds with what came in between", (t) => {
  const lines = collectLogLines(t);
  const clock = new ManualClock();
  const recorder = new OtelFactRecorder(clock);
  const warning = fact("counter", "warn");
  for (let i = 0; i < 3; i++) recorder.record(warning, 2, { reason: "full" }, "no room");
  recorder.record(warning, 1, { reason: "closed" });
  recorder.record(fact("gauge"), 9);
  clock.advance(10_000);
  recorder.record(warning, 1, { reason: "full" }, "no room");
  assert.deepEqual(lines, [
    "@coresdk/opentelemetry Things: 2 reason=full (no room)",
    "@coresdk/opentelemetry Things: 1 reason=closed",
    "@coresdk/opentelemetry Things: 5 reason=full (no room)",
  ]);
});

test("of a fact whose details say different things each one is logged, at a rate of its own", (t) => {
  const lines = collectLogLines(t);
  const recorder = new OtelFactRecorder(new ManualClock());
  const failure: Fact = { ...fact("counter", "warn"), logsEach: "detail" };
  for (let i = 0; i < 3; i++) {
    for (const place of ["a.rego:1:1", "b.rego:2:2"]) recorder.record(failure, 1, {}, place);
  }
  assert.deepEqual(lines, [
    "@coresdk/opentelemetry Things: 1 (a.rego:1:1)",
    "@coresdk/opentelemetry Things: 1 (b.rego:2:2)",
  ]);
});

test("a diagnostics logger that throws or rejects, and a meter provider that throws, end nothing", async (t) => {
  const fail = (): never => {
    throw new Error("logger");
  };
  for (const log of [fail, async (): Promise<never> => fail()]) {
    diag.setLogger(
      { error: log, warn: log, info: log, debug: log, verbose: log },
      { suppressOverrideMessage: true },
    );
    t.after(() => diag.disable());
    const recorder = new OtelFactRecorder(new ManualClock());
    recorder.warn("a sentence");
    recorder.record(fact("counter", "warn"));
    // A rejection that nobody handles would be known by then.
    await nextTurn();
  }
  metrics.setGlobalMeterProvider({ getMeter: fail });
  t.after(() => metrics.disable());
  new OtelFactRecorder(new ManualClock()).record(fact("counter"));
});
