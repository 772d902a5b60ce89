import assert from "node:assert/strict";
import { test } from "node:test";
import { overrideExtensions } from "../../../src/deliver/http/override-extensions.ts";
import { batchMessage, binaryMessage, structuredMessage } from "../../../src/deliver/http/write-message.ts";
import { sinkEvents } from "../events.ts";

test("a request's body stays as it is when its batch is freed: it may still be on its way then", () => {
  const events = sinkEvents({ id: "a", data: { n: 1 } }, { id: "b", data: "text" });
  const [first] = events;
  assert.ok(first);
  const override = overrideExtensions({});
  const messages = [
    structuredMessage(override)(first),
    binaryMessage(override)(first),
    batchMessage(events, override),
  ];
  const before = messages.map(({ body }) => String(body));
  first.batch.retain();
  first.batch.release();
  assert.throws(() => first.batch.id(0), TypeError);
  assert.deepEqual(
    messages.map(({ body }) => String(body)),
    before,
  );
  assert.match(before[2] ?? "", /^\[.*\]$/);
});

test("a batch is the array of its events, whatever batches they come from", () => {
  const events = [
    ...sinkEvents({ id: "a" }, { id: "é" }),
    ...sinkEvents({ id: "b", data: [1] }),
  ].toReversed();
  const idsIn = (override: ReturnType<typeof overrideExtensions>): unknown => {
    const sent: readonly { readonly id: string; readonly cluster?: string }[] = JSON.parse(
      String(batchMessage(events, override).body),
    );
    return sent.map(({ id, cluster }) => [id, cluster]);
  };
  assert.deepEqual(idsIn(overrideExtensions({})), [
    ["b", undefined],
    ["é", undefined],
    ["a", undefined],
  ]);
  assert.deepEqual(idsIn(overrideExtensions({ cluster: "x" })), [
    ["b", "x"],
    ["é", "x"],
    ["a", "x"],
  ]);
});
