import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome, Sink } from "../../../src/contracts.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { reasonOf } from "../http/open-sink.ts";
import { MetadataBroker } from "./metadata-broker.ts";
import { openMetadataSink } from "./open-metadata-sink.ts";

function openSink(broker: MetadataBroker): Sink {
  return openMetadataSink(systemClock, [broker.port]);
}

async function sendTo(sink: Sink): Promise<Outcome> {
  const [outcome] = await sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
  return outcome ?? assert.fail();
}

const faults: readonly [name: string, reason: RegExp, spoil: (broker: MetadataBroker) => void][] = [
  ...[0, 1, 2, 3].map((length): [string, RegExp, (broker: MetadataBroker) => void] => [
    `is ${length} bytes long`,
    /announced an answer of \d bytes, which is too short for one/,
    (broker) => {
      broker.answer = () => Buffer.from([0, 0, 0, length, ...Buffer.alloc(length)]);
    },
  ]),
  [
    "leaves out that records can be written",
    /PLT_KFK_UNSUPPORTED_API/,
    (broker) => {
      broker.takesRecords = false;
    },
  ],
  [
    "offers nothing at all",
    /offers nothing that can be asked of it/,
    (broker) => {
      broker.offersApis = false;
    },
  ],
  [
    "knows a topic without partitions",
    /knows no partition of the topic/,
    (broker) => {
      broker.partitions = 0;
    },
  ],
  [
    "names a port that is none",
    /names another one without an address/,
    (broker) => {
      broker.advertisedPort = 70_000;
    },
  ],
  [
    "names a port below zero",
    /names another one without an address/,
    (broker) => {
      broker.advertisedPort = -1;
    },
  ],
];

for (const [name, reason, spoil] of faults) {
  test(`an answer that ${name} ends the attempt, and neither the process nor the next one`, async () => {
    await using broker = await new MetadataBroker().listen();
    const sink = openSink(broker);
    try {
      assert.equal((await sendTo(sink)).kind, "delivered");
      await sink.close();
      spoil(broker);
      for (let attempt = 0; attempt < 2; attempt++) {
        const outcome = await sendTo(sink);
        assert.equal(outcome.kind, "retry");
        assert.match(reasonOf(outcome), reason);
      }
      broker.answer = undefined;
      broker.takesRecords = true;
      broker.offersApis = true;
      broker.partitions = 1;
      broker.advertisedPort = undefined;
      const outcome = await sendTo(sink);
      assert.equal(outcome.kind, "delivered", reasonOf(outcome));
      assert.equal(broker.stored, 2);
    } finally {
      await sink.close();
    }
  });
}
