/** What users of the transport in the npm package `cloudevents` met; each test is named after the defect. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { facts } from "../../../src/facts.ts";
import { ManualClock } from "../manual-clock.ts";
import { Rig } from "../rig.ts";
import { openSink, post, reasonOf, sendOne } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

describe("defects of the incumbent's HTTP transport", () => {
  it("it resolves on any status and discards it (#654, #564)", async () => {
    await using receiver = await new Receiver().listen();
    for (const [status, kind] of [
      [200, "delivered"],
      [202, "delivered"],
      [204, "delivered"],
      [400, "rejected"],
      [401, "parked"],
      [413, "rejected"],
      [429, "retry"],
      [500, "retry"],
      [503, "retry"],
    ] as const) {
      receiver.answer = (_request, response) => void response.writeHead(status).end();
      const outcome = await post(receiver.url());
      assert.equal(outcome.kind, kind, `${status}`);
      if (outcome.kind !== "delivered") assert.equal(outcome.status, String(status));
    }
  });

  it("it has no time-out (#654, #564)", async () => {
    await using receiver = await new Receiver().listen();
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    // Nothing is ever answered.
    receiver.answer = () => resolve();
    const clock = new ManualClock();
    await using sink = openSink(receiver.url(), { timeoutMs: 9_000 }, { clock });
    const sending = sendOne(sink);
    await asked;
    await clock.pass(9_000);
    assert.match(reasonOf(await sending), /9000 ms/);
  });

  it("it has no retries (#654, #564)", async () => {
    await using receiver = await new Receiver().listen();
    const rig = new Rig();
    receiver.answer = (_request, response) => {
      response.writeHead(receiver.requests.length < 3 ? 503 : 204).end();
    };
    await using sink = openSink(receiver.url());
    rig.sink.forwardTo(sink);
    await rig.append("-1");
    rig.delivery.start();
    // The receiver answers in its own time, the retries wait in the test's.
    while (rig.facts.count(facts.delivered.name) === 0) await rig.clock.pass(1_000);
    assert.deepEqual(
      receiver.requests.map(({ body }) => JSON.parse(body).id),
      ["-1", "-1", "-1"],
    );
    assert.equal(await rig.pending(), 0);
    await rig.delivery.stop(0);
  });
});
