import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchView } from "../../src/batch.ts";
import type { Outcome, Sink, SinkEvent } from "../../src/contracts.ts";
import { settle } from "./manual-clock.ts";
import { DELIVERED, Rig, rejected, retry } from "./rig.ts";

/** A sink that keeps the batches it was sent, and answers by an event's id. */
class Holding implements Sink {
  readonly name = "default";
  readonly maxEventsPerSend = 1;
  readonly maxBytesPerSend = 1_000_000;
  readonly flushIntervalMs = 0;
  readonly maxInFlight = 4;
  readonly batches = new Set<BatchView>();
  readonly outcomes: Record<string, Outcome> = {};

  async send(events: readonly SinkEvent[]): Promise<readonly Outcome[]> {
    return events.map(({ batch, index }) => {
      this.batches.add(batch);
      return this.outcomes[batch.id(index)] ?? DELIVERED;
    });
  }

  async close(): Promise<void> {}

  get freed(): boolean {
    const [batch] = this.batches;
    assert.equal(this.batches.size, 1);
    try {
      return batch?.eventLength(0) === undefined;
    } catch (error) {
      assert.ok(error instanceof TypeError);
      return true;
    }
  }
}

function start(): { readonly rig: Rig; readonly sink: Holding } {
  const rig = new Rig();
  const sink = new Holding();
  rig.sink.forwardTo(sink);
  rig.delivery.start();
  return { rig, sink };
}

test("a batch is freed when its last event is delivered, and not while one waits for another attempt", async () => {
  const { rig, sink } = start();
  sink.outcomes["-2"] = retry();
  await rig.append("-1", "-2", "-3");
  await settle();
  assert.equal(await rig.pending(), 1);
  assert.equal(sink.freed, false);
  sink.outcomes["-2"] = DELIVERED;
  await rig.clock.pass(1_000);
  assert.equal(await rig.pending(), 0);
  assert.equal(sink.freed, true);
});

test("a dead letter keeps its event when the batch is freed", async () => {
  const { rig, sink } = start();
  sink.outcomes["-2"] = rejected();
  await rig.append("-1", "-2");
  await settle();
  assert.equal(sink.freed, true);
  const [letter] = await rig.letters();
  const event: unknown = JSON.parse(Buffer.from(letter?.event ?? []).toString());
  assert.ok(typeof event === "object" && event !== null && "id" in event);
  assert.equal(event.id, "-2");
});
