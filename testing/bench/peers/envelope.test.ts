import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchView, createIntake, systemClock, systemRandom } from "@coresdk/pipeline";
import { decisionRequest } from "../../otlp/requests.ts";
import { eventsOf } from "./envelope.ts";

const source = "https://orders.acme.com";

test("the peer of the benchmark makes the same events of a request as we do, ids and fractions of a millisecond aside", async () => {
  const request = decisionRequest(20, 7);
  const intake = createIntake(
    {
      source,
      tenant: undefined,
      extensions: ["distributed-tracing"],
      fixedExtensions: {},
      data: "attributes",
      order: "subject",
    },
    { clock: systemClock, random: systemRandom },
  );
  const { batch } = await intake.intakeRequest(request, "protobuf");
  assert.ok(batch !== undefined);
  const view = new BatchView(new Uint8Array(batch.buffer));
  const ours = Array.from({ length: view.count }, (_, i) =>
    JSON.parse(Buffer.from(view.event(i)).toString()),
  );
  const theirs = eventsOf(Buffer.from(request), source).map((event) => JSON.parse(JSON.stringify(event)));
  assert.deepEqual(theirs.map(comparable), ours.map(comparable));
});

function comparable(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...event, id: undefined, time: Math.trunc(Date.parse(String(event["time"]))) };
}
