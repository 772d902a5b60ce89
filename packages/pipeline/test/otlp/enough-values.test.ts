/** An event that has more values than one may have is refused when it is wrapped: not all of them are kept until then. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countDown, MAX_EVENT_VALUES } from "../../src/depth.ts";
import type { AnyValue, LogEvent } from "../../src/log-event.ts";
import { createLogsDecoder } from "../../src/otlp/decode-logs.ts";
import { attribute, field, join, request, text } from "./wire-bytes.ts";

/** A list of so many empty maps, as an AnyValue. */
function listOf(count: number): Uint8Array {
  const item = field(1, field(6));
  return field(5, Buffer.alloc(count * item.length, item));
}

function eventOf(...fields: readonly Uint8Array[]): LogEvent {
  const [event] = createLogsDecoder().decode(request(join(field(12, "e"), ...fields))).events;
  assert.ok(event !== undefined);
  return event;
}

/** Values in attributes and body, as wrap counts them. */
function countValues({ attributes, body }: LogEvent): number {
  const most = 10_000_000;
  return most - countDown(body ?? null, countDown(attributes, most));
}

test("values beyond those that an event may have are not kept, and are too many all the same", () => {
  const large = 400_000;
  for (const fields of [
    [field(5, listOf(large))],
    [field(5, field(6, field(1, field(1, "k"), field(2, listOf(large)))))],
    [attribute("a", listOf(large)), field(5, listOf(large))],
    [attribute("a", listOf(20_000)), attribute("b", listOf(large)), attribute("c", text("x"))],
    // A body in pieces.
    [field(5, listOf(30_000)), field(5, listOf(30_000)), field(5, listOf(30_000))],
  ]) {
    const count = countValues(eventOf(...fields));
    assert.ok(count > MAX_EVENT_VALUES && count < MAX_EVENT_VALUES + 10, `${count}`);
  }
});

test("as many values as an event may have are kept, and one more is", () => {
  for (const count of [MAX_EVENT_VALUES, MAX_EVENT_VALUES + 1]) {
    assert.equal(countValues(eventOf(field(5, listOf(count)))), count);
    assert.equal(countValues(eventOf(attribute("a", listOf(count - 1)))), count);
  }
});

test("what was within a member that another one replaced is not counted among them", () => {
  const replaced = listOf(40_000);
  const kept: AnyValue = ["x", "y"];
  const list = field(5, field(1, text("x")), field(1, text("y")));
  for (const members of [
    [replaced, text("gone"), list],
    [replaced, replaced, text("gone"), replaced, field(6), list],
    [field(6, field(1, field(1, "k"), field(2, replaced))), list],
  ]) {
    const event = eventOf(field(6, field(1, "a"), field(2, ...members)), field(5, ...members));
    assert.deepEqual(event.attributes.values, [kept]);
    assert.deepEqual(event.body, kept);
  }
});

test("each event, and each resource, has as many", () => {
  const records = Array.from({ length: 3 }, () => field(2, field(12, "e"), field(5, listOf(30_000))));
  const resource = field(1, field(1, field(1, "a"), field(2, listOf(30_000))));
  const { events } = createLogsDecoder().decode(field(1, resource, field(2, ...records)));
  for (const event of events) {
    assert.equal(countValues(event), 30_000);
    assert.equal(countDown(event.resource.attributes, 30_001), 0);
  }
});
