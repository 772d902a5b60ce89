import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome, Sink } from "../../../src/contracts.ts";
import { sinkEvents } from "../events.ts";
import { ManualClock } from "../manual-clock.ts";
import { MetadataBroker } from "./metadata-broker.ts";
import { openMetadataSink } from "./open-metadata-sink.ts";

const DESCRIBE_CONFIGS = 32;

interface Opened extends AsyncDisposable {
  readonly broker: MetadataBroker;
  readonly clock: ManualClock;
  readonly sink: Sink;
  /** How often the broker was asked for the limit. */
  asked: number;
}

function limit(value: string): readonly [name: string, value: string] {
  return ["max.message.bytes", value];
}

async function open(...topicConfig: readonly (readonly [name: string, value: string])[]): Promise<Opened> {
  const broker = await new MetadataBroker().listen();
  broker.topicConfig = topicConfig;
  const clock = new ManualClock();
  const sink = openMetadataSink(clock, [broker.port], { compression: "none" });
  const opened = {
    broker,
    clock,
    sink,
    asked: 0,
    async [Symbol.asyncDispose]() {
      await sink.close();
      await broker[Symbol.asyncDispose]();
    },
  };
  broker.onRequest = (key) => {
    if (key === DESCRIBE_CONFIGS) opened.asked += 1;
  };
  return opened;
}

/** What becomes of an event of about so many bytes. */
async function send({ sink }: Opened, bytes: number): Promise<Outcome> {
  const event = { id: "1", data: "x".repeat(bytes) };
  const [outcome] = await sink.send(sinkEvents(event), new AbortController().signal);
  return outcome ?? assert.fail();
}

test("a topic's limit that was raised is asked again before an event is called too large", async () => {
  await using opened = await open(limit("1000"));
  assert.equal((await send(opened, 10)).kind, "delivered");
  const refused = await send(opened, 2_000);
  assert.ok(refused.kind === "rejected" && refused.reason === "too_large");
  assert.match(refused.detail, /^its record takes 2\d{3} bytes and the topic allows 1000$/);
  opened.broker.topicConfig = [limit("10000")];
  await opened.clock.pass(2_000);
  assert.equal((await send(opened, 2_000)).kind, "delivered");
  assert.equal((await send(opened, 2_000)).kind, "delivered");
  assert.equal(opened.asked, 2);
});

test("events that are too large one after the other do not make the broker be asked for each", async () => {
  await using opened = await open(limit("1000"));
  for (let i = 0; i < 20; i++) {
    assert.equal((await send(opened, 2_000)).kind, "rejected");
    await opened.clock.pass(200);
  }
  assert.equal(opened.asked, 2);
});

test("a topic's limit is not asked again for events that it allows, however old it is", async () => {
  await using opened = await open(limit("1000"));
  for (let i = 0; i < 5; i++) {
    assert.equal((await send(opened, 10)).kind, "delivered");
    await opened.clock.pass(3_600_000);
  }
  assert.equal(opened.asked, 1);
});

test("when the broker does not tell the limit any more, it has to turn the event down itself", async () => {
  await using opened = await open(limit("1000"));
  assert.equal((await send(opened, 2_000)).kind, "rejected");
  opened.broker.topicConfig = undefined;
  await opened.clock.pass(2_000);
  assert.equal((await send(opened, 2_000)).kind, "delivered");
  assert.equal(opened.broker.stored, 1);
});

test("what is no positive number is no limit, and the event is sent", async () => {
  for (const value of ["", " ", "0", "-5", "+5", "0x10", "1e3", "1.5", "1000 ", "9".repeat(16), "none"]) {
    await using opened = await open(limit(value));
    assert.equal((await send(opened, 2_000)).kind, "delivered", value);
  }
});

test("of what a broker tells beside the limit nothing is taken for it", async () => {
  await using opened = await open(["min.insync.replicas", "1"], limit("1000"), ["segment.bytes", "9999"]);
  assert.equal((await send(opened, 10)).kind, "delivered");
  assert.equal((await send(opened, 2_000)).kind, "rejected");
  await using silent = await open(["retention.ms", "-1"], ["min.insync.replicas", "1"]);
  assert.equal((await send(silent, 2_000)).kind, "delivered");
});
