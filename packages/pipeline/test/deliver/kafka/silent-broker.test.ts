import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome, Sink } from "../../../src/contracts.ts";
import { createDelivery, type Delivery } from "../../../src/delivery.ts";
import { createMemoryQueue } from "../../../src/queue/memory-queue.ts";
import { systemRandom } from "../../../src/system.ts";
import { buildBatch } from "../../build-batch.ts";
import { sinkEvents } from "../events.ts";
import { reasonOf } from "../http/open-sink.ts";
import { ManualClock } from "../manual-clock.ts";
import { FactsOfTest } from "../rig.ts";
import { MetadataBroker } from "./metadata-broker.ts";
import { openMetadataSink, TIME_OUT_MS } from "./open-metadata-sink.ts";

const API_VERSIONS = 18;
const PRODUCE = 0;

/** From now on the broker gives no answer to requests of this kind; resolves when one has come. */
function silence(broker: MetadataBroker, apiKey: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  broker.answer = (key) => (key === apiKey ? Buffer.alloc(0) : undefined);
  broker.onRequest = (key) => {
    if (key === apiKey) resolve();
  };
  return promise;
}

async function sendTo(sink: Sink): Promise<Outcome> {
  const [outcome] = await sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
  return outcome ?? assert.fail();
}

/** What a send comes to within one time-out, after the broker was asked in vain. */
async function giveUp(sink: Sink, clock: ManualClock, asked: Promise<void>): Promise<Outcome> {
  let ended = false;
  const sending = sendTo(sink).finally(() => {
    ended = true;
  });
  await asked;
  await clock.passUntil(() => ended, TIME_OUT_MS);
  return sending;
}

interface Running {
  readonly clock: ManualClock;
  readonly facts: FactsOfTest;
  readonly delivery: Delivery;
  append(): Promise<unknown>;
}

function deliverTo(broker: MetadataBroker): Running {
  const clock = new ManualClock();
  const facts = new FactsOfTest();
  const ports = { clock, facts, random: systemRandom };
  const queue = createMemoryQueue({ kind: "memory", maxBytes: 1e9, ring: false }, ["default"], ports);
  const retry = { initialIntervalMs: 1_000, maxIntervalMs: 30_000, maxAgeMs: 1e9 };
  const sink = openMetadataSink(clock, [broker.port]);
  const delivery = createDelivery(queue.reader("default"), sink, { retry, order: "subject" }, ports);
  delivery.start();
  return { clock, facts, delivery, append: () => queue.append(buildBatch([{ id: "1" }], clock.now())) };
}

test("a broker that never answers is given up after one time-out, and the next attempt has another client", async () => {
  await using broker = await new MetadataBroker().listen();
  const asked = silence(broker, API_VERSIONS);
  const clock = new ManualClock();
  const sink = openMetadataSink(clock, [broker.port]);
  try {
    const outcome = await giveUp(sink, clock, asked);
    assert.match(reasonOf(outcome), /no usable answer within 600000 ms/);
    broker.answer = undefined;
    assert.equal((await sendTo(sink)).kind, "delivered");
  } finally {
    await sink.close();
  }
});

test("a broker that never answers does not keep the next attempt from beginning with another one", async () => {
  await using silent = await new MetadataBroker().listen();
  await using other = await new MetadataBroker().listen();
  const asked = silence(silent, API_VERSIONS);
  const clock = new ManualClock();
  const sink = openMetadataSink(clock, [silent.port, other.port]);
  try {
    assert.equal((await giveUp(sink, clock, asked)).kind, "retry");
    assert.equal((await sendTo(sink)).kind, "delivered");
    assert.equal(other.stored, 1);
  } finally {
    await sink.close();
  }
});

for (const [name, apiKey] of [
  ["is connected to", API_VERSIONS],
  ["gets records", PRODUCE],
] as const) {
  test(`a broker that falls silent when it ${name} makes the sink degraded after one time-out, once`, async () => {
    await using broker = await new MetadataBroker().listen();
    const asked = silence(broker, apiKey);
    const { clock, facts, delivery, append } = deliverTo(broker);
    await append();
    await asked;
    assert.equal(delivery.health().state, "ready");
    await clock.pass(TIME_OUT_MS);
    const { state, reason } = delivery.health();
    assert.equal(state, "degraded");
    assert.match(reason, /no usable answer within 600000 ms/);
    assert.equal(facts.count("coresdk.sink.degraded"), 1);
    const stopping = delivery.stop(0);
    await clock.pass(0);
    await stopping;
  });
}

test("a stop waits for a broker that never answers no longer than its deadline", async () => {
  await using broker = await new MetadataBroker().listen();
  const asked = silence(broker, API_VERSIONS);
  const { clock, delivery, append } = deliverTo(broker);
  await append();
  await asked;
  const flushing = delivery.flush(500);
  const stopping = delivery.stop(1_000);
  await clock.pass(500);
  assert.deepEqual(await flushing, { remaining: 1 });
  await clock.pass(500);
  assert.deepEqual(await stopping, { remaining: 1 });
});
