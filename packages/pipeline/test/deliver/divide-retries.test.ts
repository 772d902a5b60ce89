import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Outcome } from "../../src/contracts.ts";
import { facts } from "../../src/facts.ts";
import { openSink } from "./http/open-sink.ts";
import { Receiver } from "./http/receiver.ts";
import { settle } from "./manual-clock.ts";
import { DELIVERED, FAILED, Rig, retry } from "./rig.ts";

const MAX_AGE_MS = 600_000;

/** Lets every send fail that holds one of these. Returns what is delivered. */
function deliverAllBut(rig: Rig, poison: ReadonlySet<string>): ReadonlySet<string> {
  const delivered = new Set<string>();
  rig.sink.answer = (sent) => {
    if (sent.some((id) => poison.has(id))) return FAILED;
    for (const id of sent) delivered.add(id);
    return DELIVERED;
  };
  return delivered;
}

test("events that fail every send they are part of do not keep their batch from being delivered", async () => {
  const batch = fc.record({
    size: fc.integer({ min: 1, max: 60 }),
    bad: fc.array(fc.nat(59), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(batch, fc.double({ min: 0.3, max: 1, noNaN: true }), async ({ size, bad }, jitter) => {
      const rig = new Rig({ maxAgeMs: MAX_AGE_MS });
      rig.jitter = () => jitter;
      const { sink } = rig;
      sink.maxEventsPerSend = size;
      const ids = Array.from({ length: size }, (_, i) => `-${i}`);
      const poison = new Set(bad.map((i) => ids[i]).filter((id) => id !== undefined));
      const delivered = deliverAllBut(rig, poison);
      rig.delivery.start();
      await rig.append(...ids);
      await rig.clock.pass(MAX_AGE_MS / 2);
      const innocent = ids.filter((id) => !poison.has(id));
      assert.deepEqual(
        innocent.filter((id) => !delivered.has(id)),
        [],
      );
      assert.equal(await rig.pending(), poison.size);
      const most = 2 + Math.ceil(Math.log2(size));
      for (const id of innocent) {
        const attempts = sink.sends.filter((sent) => sent.includes(id)).length;
        assert.ok(attempts <= most, `${id} of ${size} was sent ${attempts} times`);
      }
      await rig.clock.pass(MAX_AGE_MS);
      assert.equal(rig.facts.count(facts.deadLettered.name), poison.size);
      assert.equal(await rig.pending(), 0);
    }),
    { numRuns: 40 },
  );
});

test("of the key of an event that always fails, what came before is delivered and what comes after waits", async () => {
  const rig = new Rig();
  rig.sink.maxEventsPerSend = 8;
  const delivered: string[] = [];
  rig.sink.answer = (ids) => {
    if (ids.includes("a3")) return FAILED;
    delivered.push(...ids);
    return DELIVERED;
  };
  rig.delivery.start();
  await rig.append("a1", "b1", "a2", "a3", "b2", "a4", "c1", "b3");
  await rig.clock.pass(600_000);
  assert.deepEqual(delivered.filter((id) => !id.startsWith("a")).toSorted(), ["b1", "b2", "b3", "c1"]);
  assert.deepEqual(
    delivered.filter((id) => id.startsWith("a")),
    ["a1", "a2"],
  );
  assert.equal(await rig.pending(), 2);
});

const whole: readonly (readonly [string, Outcome])[] = [
  ["the peer asks for time", retry(1_000)],
  ["the peer is not there", retry()],
];
for (const [when, outcome] of whole) {
  test(`a batch stays whole when ${when}`, async () => {
    const rig = new Rig();
    rig.sink.maxEventsPerSend = 4;
    rig.sink.answer = () => outcome;
    rig.delivery.start();
    await rig.append("-1", "-2", "-3", "-4");
    await rig.clock.pass(600_000);
    assert.ok(rig.sink.sends.length > 3);
    assert.ok(rig.sink.sends.every((ids) => ids.length === 4));
  });
}

test("a batch is sent whole a second time before it is cut", async () => {
  const rig = new Rig();
  rig.sink.maxEventsPerSend = 4;
  const answers = [FAILED];
  rig.sink.answer = () => answers.shift() ?? DELIVERED;
  rig.delivery.start();
  await rig.append("-1", "-2", "-3", "-4");
  await rig.clock.pass(600_000);
  assert.deepEqual(
    rig.sink.sends.map(({ length }) => length),
    [4, 4],
  );
});

const poisoned: readonly (readonly [string, (i: number) => boolean])[] = [
  ["one event in each", (i) => i % 20 === 7],
  ["every third event", (i) => i % 3 === 0],
  ["all events but one", (i) => i !== 33],
];
for (const [which, isPoison] of poisoned) {
  test(`three batches and nothing else: ${which} of them fails, and the others are delivered`, async () => {
    const rig = new Rig({ maxAgeMs: MAX_AGE_MS * 100 });
    rig.sink.maxEventsPerSend = 20;
    const ids = Array.from({ length: 60 }, (_, i) => `-${i}`);
    const poison = new Set(ids.filter((_id, i) => isPoison(i)));
    const delivered = deliverAllBut(rig, poison);
    rig.delivery.start();
    await rig.append(...ids);
    await rig.clock.pass(MAX_AGE_MS * 10);
    assert.deepEqual(delivered, new Set(ids.filter((id) => !poison.has(id))));
    assert.equal(await rig.pending(), poison.size);
  });
}

test("an event that fails in every batch of a busy sink does not hold up the others", async () => {
  const rig = new Rig({ maxAgeMs: MAX_AGE_MS * 100 });
  rig.sink.maxEventsPerSend = 20;
  rig.sink.maxInFlight = 1;
  const ids = Array.from({ length: 4_000 }, (_, i) => `-${i}`);
  const poison = new Set(ids.filter((_id, i) => i % 10 === 0));
  const delivered = deliverAllBut(rig, poison);
  rig.delivery.start();
  await rig.append(...ids);
  await rig.clock.pass(MAX_AGE_MS * 6);
  assert.equal(delivered.size, ids.length - poison.size);
});

test("while the whole sink is held to be down, a probe that fails is cut in two and nothing else is", async () => {
  const rig = new Rig();
  rig.sink.maxEventsPerSend = 4;
  rig.sink.answer = () => FAILED;
  rig.delivery.start();
  await rig.append(...Array.from({ length: 40 }, (_, i) => `-${i}`));
  await rig.clock.pass(600_000);
  const failed = rig.sink.sends.length;
  assert.ok(failed > 10);
  const whole = rig.sink.sends.slice(0, 4);
  assert.deepEqual(
    whole.map(({ length }) => length),
    [4, 4, 4, 4],
  );
  rig.sink.answer = () => DELIVERED;
  await rig.clock.pass(600_000);
  assert.equal(await rig.pending(), 0);
  assert.ok(rig.sink.sends.length - failed <= 10 + failed, "more was cut than probes failed");
});

for (const fault of ["answers 500", "resets the connection", "closes the connection"] as const)
  test(`over HTTP, an event at which a receiver ${fault} leaves the others of its batch alone`, async () => {
    await using receiver = await new Receiver().listen();
    const got: string[] = [];
    receiver.answer = ({ body }, response) => {
      const parsed: unknown = JSON.parse(body);
      const ids = (Array.isArray(parsed) ? parsed : [parsed]).map(({ id }) => String(id));
      const fails = ids.includes("-17");
      if (!fails) got.push(...ids);
      if (!fails || fault === "answers 500") response.writeHead(fails ? 500 : 204).end();
      else if (fault === "resets the connection") response.socket?.resetAndDestroy();
      else response.destroy();
    };
    const rig = new Rig();
    await using http = openSink(receiver.url(), { batchSize: 50, maxInFlight: 4 }, { facts: rig.facts });
    rig.sink.maxEventsPerSend = 50;
    rig.sink.forwardTo(http);
    rig.delivery.start();
    await rig.append(...Array.from({ length: 50 }, (_, i) => `-${i}`));
    while (got.length < 49) {
      // The receiver answers in its own time, the retries wait in the test's.
      await rig.clock.pass(1_000);
    }
    assert.equal(new Set(got).size, 49);
    await settle();
    assert.equal(rig.facts.count(facts.deadLettered.name), 0);
    assert.ok(receiver.requests.length <= 20, `${receiver.requests.length} requests`);
  });
