import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchView } from "../src/batch.ts";
import { buildBatch } from "./build-batch.ts";

test("a built batch reads back as it was asked for", () => {
  const batch = buildBatch(
    [
      { id: "a", subject: 'tenant/é"x"', ordered: true, data: { n: 1 } },
      { id: "b", type: "t.b" },
    ],
    7,
  );
  const view = new BatchView(new Uint8Array(batch.buffer));
  assert.equal(view.acceptedAtMs, 7);
  assert.deepEqual([view.id(0), view.type(0), view.subject(0)], ["a", "io.coresdk.test", 'tenant/é"x"']);
  assert.deepEqual([view.id(1), view.type(1), view.subject(1)], ["b", "t.b", undefined]);
  const event: unknown = JSON.parse(Buffer.from(view.event(0)).toString());
  assert.deepEqual(event, {
    specversion: "1.0",
    id: "a",
    source: "/test",
    type: "io.coresdk.test",
    subject: 'tenant/é"x"',
    datacontenttype: "application/json",
    data: { n: 1 },
  });
});

test("events of one subject have one order key, wherever they stand, and others have others", () => {
  const users = Array.from({ length: 1000 }, (_, i) => `tenant/acme/user/usr_${i.toString(36)}`);
  const subjects = ["", "a", "ab", "abc", "abcd", "abcde", ...users];
  const events = subjects.map((subject, i) => ({ id: `${i}`, subject, ordered: true }));
  const one = new BatchView(new Uint8Array(buildBatch(events, 0).buffer));
  const two = new BatchView(new Uint8Array(buildBatch(events.toReversed(), 0).buffer));
  const keys = events.map((_, i) => one.orderKey(i));
  assert.equal(keys[0], undefined);
  assert.equal(new Set(keys).size, subjects.length);
  assert.deepEqual(
    keys.toReversed(),
    events.map((_, i) => two.orderKey(i)),
  );
});

test("an event whose subject orders nothing has no order key", () => {
  const view = new BatchView(new Uint8Array(buildBatch([{ id: "a", subject: "s" }], 0).buffer));
  assert.equal(view.orderKey(0), undefined);
});
