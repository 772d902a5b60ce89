import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fact, facts, Secret } from "@coresdk/pipeline";
import { createLogger } from "../../src/observe/logger.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { formatPretty } from "../../src/observe/pretty.ts";
import { createRecorder } from "../../src/observe/recorder.ts";
import { ClockOfTest } from "./clock.ts";

function setUp(level: "debug" | "info" | "warn" | "error" = "info") {
  const lines: string[] = [];
  const clock = new ClockOfTest();
  const metrics = createMetrics();
  const logger = createLogger({ level, format: "json" }, { write: (text) => lines.push(text) });
  const recorder = createRecorder(metrics.meter, logger, clock);
  const entries = (): object[] => lines.map((line) => Object(JSON.parse(line)));
  return { recorder, metrics, clock, logger, entries };
}

test("each fact is counted under its OpenTelemetry name, with its labels", async () => {
  const { recorder, metrics } = setUp();
  recorder.record(facts.delivered, 3, { sink: "default" });
  recorder.record(facts.delivered, 2, { sink: "default" });
  recorder.record(facts.eventsAccepted);
  recorder.record(facts.sends, 0.02, { sink: "default" });
  const depth: Fact = { name: "coresdk.test.depth", kind: "gauge", unit: "1", description: "Depth" };
  recorder.record(depth, 7);
  recorder.record(depth, 4);
  const text = await metrics.render();
  assert.match(text, /^coresdk_events_delivered_total\{sink="default"\} 5$/m);
  assert.match(text, /^coresdk_events_accepted_total 1$/m);
  assert.match(text, /^coresdk_sink_send_duration_bucket\{sink="default",le="0\.025"\} 1$/m);
  assert.match(text, /^coresdk_test_depth 4$/m);
});

test("gauges are measured when somebody reads", async () => {
  const metrics = createMetrics();
  const gauge = { name: "coresdk.queue.size", unit: "By", description: "Bytes" };
  let value = 1;
  metrics.observe([gauge], async () => [{ gauge, value, labels: { sink: "a" } }]);
  assert.match(await metrics.render(), /^coresdk_queue_size\{sink="a"\} 1$/m);
  value = 2;
  assert.match(await metrics.render(), /^coresdk_queue_size\{sink="a"\} 2$/m);
});

test("facts with a level are logged with their detail, those without are not", () => {
  const { recorder, entries } = setUp();
  recorder.record(facts.delivered, 1, { sink: "default" });
  recorder.record(facts.sinkDegraded, 1, { sink: "default" }, "connection refused");
  recorder.record(facts.retried, 1, { sink: "default" });
  const [entry, ...others] = entries();
  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...entry, time: "" },
    {
      level: "warn",
      time: "",
      fact: "coresdk.sink.degraded",
      amount: 1,
      sink: "default",
      msg: "Sinks that stopped answering: connection refused",
    },
  );
});

test("a fact that repeats is logged once in ten seconds, with how many there were", () => {
  const { recorder, entries, clock } = setUp();
  const messages = (): unknown[] =>
    entries().map((entry) => [Reflect.get(entry, "repeated"), Reflect.get(entry, "msg")]);
  for (let i = 0; i < 100; i++) recorder.record(facts.queueRefused, 1, { reason: "full" }, `no ${i}`);
  recorder.record(facts.queueRefused, 1, { reason: "closing" });
  assert.equal(entries().length, 2);
  clock.advance(10_000);
  const said = "Events refused because the queue could not take them: no 99";
  assert.deepEqual(messages().slice(2), [[98, said]]);
  clock.advance(10_000);
  assert.equal(entries().length, 3);
  assert.equal(clock.timers, 0);
  recorder.record(facts.queueRefused, 1, { reason: "full" });
  assert.equal(entries().length, 4);
});

test("of a fact whose details say different things each one is logged, at a rate of its own", () => {
  const { recorder, entries, clock } = setUp();
  const record = (place: string): void =>
    recorder.record(facts.policyFailures, 1, { kind: "evaluation" }, place);
  for (let i = 0; i < 3; i++) for (const place of ["a.rego:1:1", "b.rego:2:2"]) record(place);
  const places = (): unknown[] =>
    entries().map((entry) => [
      /\S+$/.exec(String(Reflect.get(entry, "msg")))?.[0],
      Reflect.get(entry, "repeated"),
    ]);
  const first = [
    ["a.rego:1:1", undefined],
    ["b.rego:2:2", undefined],
  ];
  assert.deepEqual(places(), first);
  clock.advance(10_000);
  assert.deepEqual(places(), [...first, ["a.rego:1:1", 1], ["b.rego:2:2", 1]]);
});

test("labels without end do not make the memory grow without end", () => {
  const { recorder, clock } = setUp();
  for (let i = 0; i < 5_000; i++) recorder.record(facts.eventsRefused, 1, { type: `t${i}` });
  assert.ok(clock.timers <= 513, String(clock.timers));
});

test("a secret in a log entry prints as ***", () => {
  const { logger, entries } = setUp();
  logger.info({ token: new Secret("c4n4ry") }, "x");
  assert.equal(Reflect.get(entries()[0] ?? {}, "token"), "***");
});

test("the pretty form is one line that nothing in it can break", () => {
  const line = JSON.stringify({
    level: "warn",
    time: "2026-01-02T03:04:05.678Z",
    msg: "a\nforged \u001b[2Jline",
    sink: "default",
    amount: 2,
    text: "x y",
  });
  assert.equal(
    formatPretty(line, false),
    '03:04:05.678 warn  a?forged ?[2Jline sink=default amount=2 text="x y"\n',
  );
  assert.ok(formatPretty(line, true).startsWith("03:04:05.678 \u001b[33mwarn \u001b[0m "));
  assert.equal(formatPretty("no json", false), "no json");
});

test("auto is pretty on a terminal and JSON elsewhere", () => {
  for (const isTTY of [true, false]) {
    const lines: string[] = [];
    createLogger({ level: "info", format: "auto" }, { isTTY, write: (text) => lines.push(text) }).info("x");
    assert.equal(lines[0]?.startsWith("{"), !isTTY);
  }
});

test("what is so from now on is logged at once each time, and never later", () => {
  const { recorder, entries, clock } = setUp();
  recorder.record(facts.policyRefused, 1, {}, "a.rego:1:1: one");
  recorder.record(facts.policyRefused, 1, {}, "a.rego:1:1: one");
  recorder.record(facts.policyLoaded, 1, {}, "a/b");
  clock.advance(60_000);
  const said = entries().map((entry) => Object.entries(entry).find(([name]) => name === "fact")?.[1]);
  assert.deepEqual(said, [
    "coresdk.policy.load_failures",
    "coresdk.policy.load_failures",
    "coresdk.policy.loads",
  ]);
});
