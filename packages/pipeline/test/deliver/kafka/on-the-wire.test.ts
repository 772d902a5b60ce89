/** What a broker is asked to do with records, read off the wire. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createDelivery } from "../../../src/delivery.ts";
import { createMemoryQueue } from "../../../src/queue/memory-queue.ts";
import type { KafkaSinkSettings } from "../../../src/settings.ts";
import { systemClock, systemRandom } from "../../../src/system.ts";
import { buildBatch, type EventOfTest } from "../../build-batch.ts";
import { sinkEvents } from "../events.ts";
import { FactsOfTest } from "../rig.ts";
import { MetadataBroker, PRODUCER } from "./metadata-broker.ts";
import { openMetadataSink } from "./open-metadata-sink.ts";
import { type Produced, readProduce } from "./read-produce.ts";

const PRODUCE = 0;
const NEVER = new AbortController().signal;

/** Sends each of these as a request of its own, and reads the requests. */
async function produce(
  sends: readonly (readonly EventOfTest[])[],
  changes: Partial<KafkaSinkSettings> = {},
): Promise<Produced[]> {
  await using broker = await new MetadataBroker().listen();
  const produced: Produced[] = [];
  broker.onRequest = (apiKey, request) => {
    if (apiKey === PRODUCE) produced.push(readProduce(request));
  };
  const sink = openMetadataSink(systemClock, [broker.port], { batchSize: 50, ...changes });
  try {
    for (const events of sends) {
      for (const { kind } of await sink.send(sinkEvents(...events), NEVER)) assert.equal(kind, "delivered");
    }
  } finally {
    await sink.close();
  }
  assert.equal(produced.length, sends.length);
  return produced;
}

test("records are acknowledged by all replicas", async () => {
  const [one] = await produce([[{ id: "1" }]]);
  assert.equal(one?.acks, -1);
});

test("records are numbered, so that a broker stores none of them twice when it is sent again", async () => {
  const sends = [[{ id: "1" }, { id: "2" }, { id: "3" }], [{ id: "4" }], [{ id: "5" }]];
  const numbers = (await produce(sends)).map(({ producerId, producerEpoch, baseSequence, count }) => ({
    id: producerId,
    epoch: producerEpoch,
    baseSequence,
    count,
  }));
  assert.deepEqual(numbers, [
    { ...PRODUCER, baseSequence: 0, count: 3 },
    { ...PRODUCER, baseSequence: 3, count: 1 },
    { ...PRODUCER, baseSequence: 4, count: 1 },
  ]);
});

/** The number of each compression in a record batch's attributes, and what its output begins with, in hexadecimal. */
const codecs = [
  ["none", 0, ""],
  ["gzip", 1, "1f8b"],
  ["snappy", 2, ""],
  ["lz4", 3, "04224d18"],
  ["zstd", 4, "28b52ffd"],
] as const;

for (const [compression, codec, magic] of codecs) {
  test(`records go out with the compression that is asked for: ${compression}`, async () => {
    const data = "again ".repeat(1_000);
    const [sent] = await produce([[{ id: "1", data }]], { compression });
    assert.equal(sent?.codec, codec);
    assert.equal(sent.records.toString("hex", 0, magic.length / 2), magic);
    const isSmall = sent.records.length < data.length / 2;
    assert.equal(isSmall, compression !== "none", `${sent.records.length} bytes`);
  });
}

test("no send begins before the one before it has ended: more at once break the order when a broker fails", async () => {
  await using broker = await new MetadataBroker().listen();
  broker.beforeAnswer = async () => {
    // Turns enough for any other send to begin as well.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  };
  const ports = { clock: systemClock, facts: new FactsOfTest(), random: systemRandom };
  const queue = createMemoryQueue({ kind: "memory", maxBytes: 1e9, ring: false }, ["default"], ports);
  const sink = openMetadataSink(systemClock, [broker.port]);
  // With one broker the client itself sends one request after the other; with several it does not.
  const send = sink.send.bind(sink);
  let underWay = 0;
  let most = 0;
  sink.send = async (...given) => {
    underWay += 1;
    most = Math.max(most, underWay);
    return send(...given).finally(() => {
      underWay -= 1;
    });
  };
  const retry = { initialIntervalMs: 1_000, maxIntervalMs: 30_000, maxAgeMs: 1e9 };
  const delivery = createDelivery(queue.reader("default"), sink, { retry, order: "none" }, ports);
  const events = Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, subject: `user/${i}` }));
  await queue.append(buildBatch(events, systemClock.now()));
  delivery.start();
  try {
    assert.deepEqual(await delivery.flush(30_000), { remaining: 0 });
  } finally {
    await delivery.stop(0);
  }
  assert.equal(broker.stored, events.length);
  assert.equal(most, 1);
});
