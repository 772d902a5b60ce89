import assert from "node:assert/strict";
import { test } from "node:test";
import { createEvent } from "@coresdk/cloudevents";
import { encode as encodeJson } from "@coresdk/cloudevents/json";
import { decode } from "@coresdk/cloudevents/kafka";
import fc from "fast-check";
import { leastBatchBytes, recordWriter } from "../../../src/deliver/kafka/write-record.ts";
import { sinkEvents } from "../events.ts";

const attributes = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/).filter((name) => !name.startsWith("data")),
  fc.oneof(fc.string(), fc.boolean(), fc.integer()),
);

/** Key and headers of a structured record of these bytes. */
function write(json: string): {
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string | undefined;
} {
  const [event] = sinkEvents({ id: "x" });
  assert.ok(event);
  const bytes = Buffer.from(json);
  const batch = Object.assign(event.batch, { event: () => bytes });
  const { headers, key } = recordWriter("structured", "subject")({ ...event, batch });
  const { "content-type": _type, ...rest } = Object.fromEntries(
    [...headers].map(([name, value]) => [String(name), String(value)]),
  );
  return { headers: rest, key: key?.toString() };
}

test("each attribute is a header, wherever the data stands and whatever it holds", () => {
  fc.assert(
    fc.property(attributes, fc.option(fc.jsonValue()), fc.nat(10), (given, data, at) => {
      const members: (readonly [string, unknown])[] = Object.entries(given);
      if (data !== null) members.splice(at, 0, ["data", data]);
      const json = `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
      const expected = Object.entries(given).map(([name, value]) => [`ce_${name}`, String(value)]);
      assert.deepEqual(Object.entries(write(json).headers).sort(), expected.sort());
    }),
  );
});

test("base64 data and an attribute that is null have no header", () => {
  assert.deepEqual(write('{"id":"1","data_base64":"AAA=","time":null,"x":"y"}').headers, {
    ce_id: "1",
    ce_x: "y",
  });
});

test("escapes, numbers and booleans are written as the text they mean", () => {
  assert.deepEqual(write('{"a":"\\u00e9\\"","b":-7,"c":true,"d":"ü"}').headers, {
    ce_a: 'é"',
    ce_b: "-7",
    ce_c: "true",
    ce_d: "ü",
  });
});

test("a member named __proto__ is an attribute and nothing else", () => {
  const { headers, key } = write('{"id":"1","__proto__":{"subject":"s"}}');
  assert.deepEqual(Object.keys(headers), ["ce_id", "ce___proto__"]);
  assert.equal(key, undefined);
});

test("what is no JSON object is refused", () => {
  for (const text of ["", "[]", "null", "1", '{"id":']) assert.throws(() => write(text), SyntaxError, text);
});

test("a structured record reads back as the event, and its headers hold each attribute as text", () => {
  const event = createEvent({
    type: "com.acme.é",
    source: "/s",
    subject: "a/b",
    data: { n: 1 },
    flag: true,
    number: 7,
  });
  const bytes = Buffer.from(encodeJson(event));
  const batch = { event: () => bytes };
  const [like] = sinkEvents({ id: "x" });
  assert.ok(like);
  const record = recordWriter("structured", "subject")({ ...like, batch: Object.assign(like.batch, batch) });
  assert.deepEqual(record.value, bytes);
  assert.equal(record.key?.toString(), "a/b");
  const headers = Object.fromEntries(
    [...record.headers].map(([name, value]) => [String(name), String(value)]),
  );
  assert.equal(headers["content-type"], "application/cloudevents+json; charset=UTF-8");
  assert.equal(headers["ce_flag"], "true");
  assert.equal(headers["ce_number"], "7");
  assert.equal(headers["ce_type"], "com.acme.é");
  assert.equal(headers["ce_datacontenttype"], undefined);
  assert.deepEqual(decode({ headers, value: record.value }), event);
});

test("a binary record reads back as the event", () => {
  const [event] = sinkEvents({ id: "1", subject: "s", data: { n: [1, "ü"] } });
  assert.ok(event);
  const { key, value, headers } = recordWriter("binary", "id")(event);
  assert.equal(key?.toString(), "1");
  const named = Object.fromEntries([...headers].map(([name, text]) => [String(name), String(text)]));
  const read = decode({ headers: named, value });
  assert.equal(read.subject, "s");
  assert.deepEqual(read.data, { n: [1, "ü"] });
});

test("a binary record is not made of an event whose data is an event, which would be read in its place", () => {
  const datacontenttype = "application/cloudevents+json";
  const inner = createEvent({ type: "t", source: "/s" });
  const bytes = Buffer.from(
    encodeJson(createEvent({ type: "t", source: "/s", datacontenttype, data: inner })),
  );
  const [like] = sinkEvents({ id: "x" });
  assert.ok(like);
  const event = { ...like, batch: Object.assign(like.batch, { event: () => bytes }) };
  assert.throws(() => recordWriter("binary", "none")(event), { attribute: "datacontenttype" });
  assert.deepEqual(recordWriter("structured", "none")(event).value, bytes);
});

test("an event without the key's attribute has no key", () => {
  const [event] = sinkEvents({ id: "1" });
  assert.ok(event);
  for (const key of ["subject", "partitionkey", "none"] as const) {
    assert.equal(recordWriter("structured", key)(event).key, undefined);
  }
});

test("the least size of a record counts key, value and headers", () => {
  const record = {
    key: Buffer.alloc(10),
    value: Buffer.alloc(100),
    headers: new Map([[Buffer.alloc(3), Buffer.alloc(7)]]),
  };
  assert.equal(leastBatchBytes(record), 61 + 7 + 10 + 100 + 2 + 3 + 7);
  assert.equal(leastBatchBytes({ key: undefined, value: null, headers: new Map() }), 68);
});

test("a record stays as it is when its batch is freed: a client that was given up may still hold it", () => {
  for (const mode of ["structured", "binary"] as const) {
    const [event] = sinkEvents({ id: "a", subject: "s", data: { n: 1 } });
    assert.ok(event);
    const { key, value } = recordWriter(mode, "subject")(event);
    const before = String(value);
    event.batch.retain();
    event.batch.release();
    assert.throws(() => event.batch.id(0), TypeError);
    assert.equal(String(value), before);
    assert.equal(String(key), "s");
  }
});
