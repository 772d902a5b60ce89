/** What an intake remembers of one event (names by their place, texts, rules) says nothing about the next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keyValues, logEvent, takeEvents, textsOf } from "./take-in.ts";

const names = [
  "coresdk.policy.result",
  "coresdk.result",
  "coresdk.tenant_id",
  "result",
  "tenant_id",
  "attributes.result",
  "trace_id",
  "request.body",
  "cloudevents.partitionkey",
  "k".repeat(300),
  'quoted"',
];

const event = fc.record({
  eventName: fc.constantFrom("io.coresdk.policy.decision", "com.acme.order.created"),
  pairs: fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom("a", "b", 1)), { maxLength: 90 }),
  traceId: fc.constantFrom("", "4bf92f3577b34da6a3ce929d0e0e4736"),
});

test("an event is the same alone and behind any others", () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 2, maxLength: 6 }), (drawn) => {
      const events = drawn.map(({ eventName, pairs, traceId }, index) => {
        const time = { seconds: 1_773_930_900, nanos: 0 };
        return logEvent({ eventName, attributes: keyValues(pairs), traceId, time, index });
      });
      const together = textsOf(takeEvents(events));
      const alone = events.flatMap((one) => textsOf(takeEvents([one])));
      assert.deepEqual(together.map(withoutId), alone.map(withoutId));
    }),
  );
});

/** Ids are fresh each time. */
function withoutId(text: string): string {
  return text.replace(/"id":"[^"]*"/, "");
}
