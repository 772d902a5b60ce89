import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Pipeline } from "../../src/contracts.ts";
import { facts } from "../../src/facts.ts";
import { createPipeline } from "../../src/pipeline.ts";
import type { PolicySettings } from "../../src/settings.ts";
import { systemClock, systemRandom } from "../../src/system.ts";
import { logEvent, settingsOf } from "../intake/take-in.ts";
import { FactsOfTest, makeFolder, moduleOf, PACKAGE } from "./rig.ts";

interface PipelineRig {
  readonly pipeline: Pipeline;
  readonly facts: FactsOfTest;
}

async function openPipeline(
  context: TestContext,
  rules: string,
  settings: Partial<PolicySettings> = {},
): Promise<PipelineRig> {
  const dir = await makeFolder(context, { "egress.rego": moduleOf(rules) });
  const seen = new FactsOfTest();
  const pipeline = await createPipeline(
    {
      wrap: settingsOf(),
      policy: { dir, package: PACKAGE, deadlineMs: 2_000, dryRun: false, ...settings },
      queue: { kind: "memory", maxBytes: 1_000_000, ring: true },
      sinks: [],
      retry: { initialIntervalMs: 1, maxIntervalMs: 1, maxAgeMs: 1_000 },
    },
    { clock: systemClock, random: systemRandom, facts: seen, onFatal: assert.fail },
  );
  context.after(() => pipeline.close(0));
  return { pipeline, facts: seen };
}

async function storedTypes({ queue }: Pipeline): Promise<string[]> {
  const segments = await queue.browse(0, { maxEvents: 100, maxBytes: 1_000_000 });
  return segments.flatMap(({ batch, indexes }) => indexes.map((i) => batch.type(i)));
}

const RULES = 'allow if startswith(input.event_type, "ok.")';
const EVENTS = ["ok.a", "no.b", "no.b", "ok.c"].map((eventName, index) =>
  logEvent({ eventName, index, attributes: { "user.email": "jo@acme.example", tenant_id: "acme" } }),
);

test("denied events are acknowledged, counted by type, stored nowhere, and shown to whoever watches, masked", async (t) => {
  const { pipeline, facts: seen } = await openPipeline(t, RULES);
  const shown: string[] = [];
  const unwatch = pipeline.watchDenied((denied) => {
    for (let i = 0; i < denied.count; i++) shown.push(Buffer.from(denied.event(i)).toString());
  });
  const { appended, result } = await pipeline.emit(EVENTS);
  assert.equal(appended.committed, true);
  assert.deepEqual([...result.denied], [["no.b", 2]]);
  assert.deepEqual(result.withheld, [1, 2]);
  assert.deepEqual(await storedTypes(pipeline), ["ok.a", "ok.c"]);
  assert.deepEqual(
    seen.of(facts.eventsDenied).map(({ amount, labels }) => [amount, labels]),
    [[2, { type: "no.b" }]],
  );
  assert.equal(shown.length, 2);
  assert.match(shown[0] ?? "", /"type":"no\.b".*"user\.email":"\[REDACTED\]"/);
  unwatch();
  const again = await pipeline.emit(EVENTS);
  assert.equal(again.result.deniedBatch, undefined);
  assert.equal(shown.length, 2);
});

test("on trial, everything leaves, and what would have been denied is counted and shown", async (t) => {
  const { pipeline, facts: seen } = await openPipeline(t, RULES, { dryRun: true });
  let shown = 0;
  pipeline.watchDenied((denied) => {
    shown += denied.count;
  });
  const { result } = await pipeline.emit(EVENTS);
  assert.deepEqual(await storedTypes(pipeline), ["ok.a", "no.b", "no.b", "ok.c"]);
  assert.deepEqual([[...result.denied], [...result.wouldBeDenied], result.withheld], [[], [["no.b", 2]], []]);
  assert.equal(seen.total(facts.eventsWouldBeDenied), 2);
  assert.equal(seen.total(facts.eventsDenied), 0);
  assert.equal(shown, 2);
  assert.equal(pipeline.policy()?.dryRun, true);
});

test("a request that comes while the pipeline closes is refused retryably, though all of it would be denied", async (t) => {
  const { pipeline, facts: seen } = await openPipeline(t, "allow := false");
  const closed = pipeline.close(0);
  const { appended } = await pipeline.emit(EVENTS);
  assert.equal(appended.committed, false);
  await closed;
  const late = await pipeline.emit(EVENTS);
  assert.deepEqual(late.appended.committed ? "committed" : late.appended.reason, "closing");
  assert.equal(seen.total(facts.eventsDenied), 0);
});

test("policies that do not compile open no pipeline", async (t) => {
  await assert.rejects(openPipeline(t, "allow if {"), { name: "PolicyLoadError" });
});
