import assert from "node:assert/strict";
import { test } from "node:test";
import { OtlpTooLargeError } from "../../src/contracts.ts";
import { field, join, request } from "../otlp/wire-bytes.ts";
import { logEvent, takeEvents, takeRequest, viewOf } from "./take-in.ts";

test("a batch of many texts, some of them not ASCII, has every event whole and in order", () => {
  const events = Array.from({ length: 1500 }, (_, i) =>
    logEvent({
      eventName: i % 97 === 0 ? `größe.${i}` : `size.${i}`,
      attributes: {
        tenant_id: `t${i}`,
        note: i % 411 === 0 ? "naïve “text”".repeat(20) : "plain".repeat(i % 50),
      },
    }),
  );
  const view = viewOf(takeEvents(events));
  assert.equal(view.count, events.length);
  for (const [i, event] of events.entries()) {
    const made = JSON.parse(Buffer.from(view.event(i)).toString("utf8"));
    assert.equal(made.type, event.eventName);
    assert.equal(made.data.note, event.attributes.values[1]);
    assert.deepEqual(
      [view.type(i), view.subject(i), view.id(i), view.time(i)],
      [made.type, made.subject, made.id, made.time],
    );
  }
});

test("a request whose events would come to more than 256 MiB is refused before they are written", () => {
  // 4,000 characters of tenant, percent-encoded nine to one, in each of 10,000 events.
  const tenant = field(1, field(1, "tenant_id"), field(2, field(1, "€".repeat(4000))));
  const records = Array.from({ length: 10_000 }, () => field(2, field(12, "a")));
  const bytes = field(1, field(1, tenant), field(2, join(...records)));
  assert.throws(
    () => takeRequest(bytes),
    (error) => error instanceof OtlpTooLargeError && /more than 268435456 bytes/.test(error.message),
  );
  assert.equal(takeRequest(request(field(12, "a"))).events, 1);
});
