import assert from "node:assert/strict";
import { test } from "node:test";
import { overrideExtensions } from "../../../src/deliver/http/override-extensions.ts";
import { batchMessage, binaryMessage, structuredMessage } from "../../../src/deliver/http/write-message.ts";
import { sinkEvents } from "../events.ts";
import { openSink } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

test("an override of a documented Integer or Boolean extension is one, and not its text", () => {
  const override = overrideExtensions({ sampledrate: "12", deprecated: "true", tenantid: "12" });
  const plain = override?.(Buffer.from('{"id":"1"}')) ?? "";
  assert.equal(plain.toString(), '{"id":"1","sampledrate":12,"deprecated":true,"tenantid":"12"}');
  const required = '{"specversion":"1.0","id":"1","source":"/s","type":"t"';
  const replaced = override?.(Buffer.from(`${required},"sampledrate":3}`)) ?? "";
  assert.equal(replaced.toString(), `${required},"sampledrate":12,"deprecated":true,"tenantid":"12"}`);
});

test("an override that no event could have is refused at the start", () => {
  for (const overrides of [{ sampledrate: "often" }, { region: "\u0007" }, { type: "t" }]) {
    assert.throws(() => overrideExtensions(overrides), /^Error: K_CE_OVERRIDES: /);
  }
});

test("an override that replaces an extension leaves all digits of the data as they were", () => {
  const required = '{"specversion":"1.0","id":"1","source":"/s","type":"t"';
  const override = overrideExtensions({ tenantid: "b" });
  const replaced = override?.(Buffer.from(`${required},"tenantid":"a","data":{"n":12345678901234567890}}`));
  assert.equal(String(replaced), `${required},"tenantid":"b","data":{"n":12345678901234567890}}`);
});

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

test("binary mode turns down an event whose data is an event, which would arrive in its place", async () => {
  await using receiver = await new Receiver().listen();
  await using sink = openSink(receiver.url(), { contentMode: "binary" });
  const inner = { specversion: "1.0", id: "INNER", source: "/s", type: "t" };
  const datacontenttype = "application/cloudevents+json";
  const bytes = Buffer.from(JSON.stringify({ ...inner, id: "1", datacontenttype, data: inner }));
  const [like] = sinkEvents({ id: "1" });
  assert.ok(like);
  const event = { ...like, batch: Object.assign(like.batch, { event: () => bytes }) };
  const [outcome] = await sink.send([event], new AbortController().signal);
  assert.equal(outcome?.kind, "rejected");
  assert.match(outcome.detail, /"datacontenttype": .* structured mode/);
  assert.deepEqual(receiver.requests, []);
});
