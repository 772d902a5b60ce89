/**
 * `@coresdk/cloudevents` beside the npm package `cloudevents`: where both follow the specification they say the
 * same; every deliberate difference stands here by name, and fails when it is gone.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CloudEvent, CloudEventError, createEvent } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as kafka from "@coresdk/cloudevents/kafka";
import { HTTP, Kafka, CloudEvent as PeerEvent } from "cloudevents";
import fc from "fast-check";

const STRUCTURED = { "content-type": "application/cloudevents+json" };
const HEAD = { specversion: "1.0", id: "1", source: "/s", type: "t" } as const;

/** Events that both can carry: times in UTC with milliseconds, texts in ASCII, objects as data. */
const plain = fc.stringMatching(/^[!#$&-~]{1,20}$/);
const shared: fc.Arbitrary<CloudEvent> = fc
  .record(
    {
      id: plain,
      type: plain,
      source: fc.webUrl().filter((url) => !url.includes("%")),
      subject: plain,
      time: fc
        .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString()),
      comexample: plain,
      data: fc.dictionary(
        fc.stringMatching(/^[a-z]{1,5}$/),
        fc.oneof(fc.string(), fc.integer(), fc.boolean()),
        { minKeys: 1, noNullPrototype: true },
      ),
    },
    { requiredKeys: ["id", "type", "source", "time", "data"] },
  )
  .map((init) => createEvent({ ...init, datacontenttype: "application/json" }));

/** The peer's events have a prototype and empty properties of their own. */
function attributesOf(peer: unknown): unknown {
  return JSON.parse(JSON.stringify(peer));
}

function peerOf(event: CloudEvent): PeerEvent<unknown> {
  return new PeerEvent({ ...event });
}

describe("where both follow the specification", () => {
  it("structured messages of each are read by the other", () => {
    fc.assert(
      fc.property(shared, (event) => {
        const { body } = http.encode(event);
        assert.deepEqual(attributesOf(HTTP.toEvent({ headers: STRUCTURED, body })), event);
        const theirs = HTTP.structured(peerOf(event));
        assert.deepEqual(http.decode({ headers: theirs.headers, body: theirs.body }), event);
      }),
    );
  });

  it("binary messages of each are read by the other", () => {
    fc.assert(
      fc.property(shared, (event) => {
        const { headers, body } = http.encode(event, { mode: "binary" });
        assert.deepEqual(attributesOf(HTTP.toEvent({ headers, body })), event);
        const theirs = HTTP.binary(peerOf(event));
        assert.deepEqual(http.decode({ headers: theirs.headers, body: theirs.body }), event);
        assert.deepEqual({ ...theirs.headers }, headers);
      }),
    );
  });

  it("batches from here are read there", () => {
    fc.assert(
      fc.property(fc.array(shared, { minLength: 1, maxLength: 3 }), (events) => {
        const { body } = http.encode(events);
        const read = HTTP.toEvent({
          headers: { "content-type": "application/cloudevents-batch+json" },
          body,
        });
        assert.deepEqual(attributesOf(read), events);
      }),
    );
  });

  it("Kafka records of each are read by the other", () => {
    fc.assert(
      fc.property(shared, (event) => {
        for (const mode of ["binary", "structured"] as const) {
          const { headers, value } = kafka.encode(event, { mode });
          const message = { headers, value: String(value), body: undefined };
          assert.deepEqual(attributesOf(Kafka.toEvent(message)), event);
        }
        const { headers, value } = Kafka.structured(peerOf(event));
        assert.deepEqual(kafka.decode({ headers: textHeaders(headers), value: String(value) }), event);
      }),
    );
  });
});

function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

/** What came of reading: the event's attributes, or `refused`. */
function outcome(read: () => unknown): unknown {
  try {
    return attributesOf(read());
  } catch {
    return "refused";
  }
}

function oursOf(body: string): unknown {
  try {
    return attributesOf(http.decode({ headers: STRUCTURED, body }));
  } catch (error) {
    assert.ok(error instanceof CloudEventError);
    return error.attribute ?? error.code;
  }
}

/** Bodies of structured messages that are read otherwise here, and what is made of them. */
const DIFFERENCES: readonly { readonly name: string; readonly body: unknown; readonly ours: unknown }[] = [
  { name: "an event without a type is refused", body: { ...HEAD, type: undefined }, ours: "type" },
  { name: "an id is not invented", body: { ...HEAD, id: undefined }, ours: "id" },
  { name: "specversion is not invented", body: { ...HEAD, specversion: undefined }, ours: "specversion" },
  { name: "a time is not invented", body: HEAD, ours: HEAD },
  { name: "an invalid time is refused", body: { ...HEAD, time: "2026-02-30T00:00:00Z" }, ours: "time" },
  {
    name: "a time keeps its digits",
    body: { ...HEAD, time: "2026-01-01T00:00:00.123456Z" },
    ours: { ...HEAD, time: "2026-01-01T00:00:00.123456Z" },
  },
  { name: "data 0 is data", body: { ...HEAD, data: 0 }, ours: { ...HEAD, data: 0 } },
  { name: "data false is data", body: { ...HEAD, data: false }, ours: { ...HEAD, data: false } },
  { name: "data null is data", body: { ...HEAD, data: null }, ours: { ...HEAD, data: null } },
  { name: "an empty text is data", body: { ...HEAD, data: "" }, ours: { ...HEAD, data: "" } },
  { name: "a null attribute is unset", body: { ...HEAD, comexample: null }, ours: HEAD },
  {
    name: "an attribute name with capitals is refused",
    body: { ...HEAD, comExample: "x" },
    ours: "comExample",
  },
  {
    name: "an attribute that is an object is refused",
    body: { ...HEAD, comexample: {} },
    ours: "comexample",
  },
  {
    name: "an integer beyond 32 bits is refused",
    body: { ...HEAD, comexample: 2 ** 31 },
    ours: "comexample",
  },
  { name: "a source that is no URI-reference is refused", body: { ...HEAD, source: "a b" }, ours: "source" },
  {
    name: "a dataschema that is not absolute is refused",
    body: { ...HEAD, dataschema: "/x" },
    ours: "dataschema",
  },
  { name: "control characters are refused", body: { ...HEAD, subject: "a\nb" }, ours: "subject" },
  { name: "version 0.3 is refused", body: { ...HEAD, specversion: "0.3" }, ours: "specversion" },
  {
    name: "data and data_base64 together are refused",
    body: { ...HEAD, data: "x", data_base64: "eA==" },
    ours: "data",
  },
  { name: "base64 that is none is refused", body: { ...HEAD, data_base64: "*" }, ours: "data" },
  { name: "a JSON array of no event is refused", body: [], ours: "invalid_format" },
];

describe("deliberate differences", () => {
  for (const { name, body, ours } of DIFFERENCES) {
    it(name, () => {
      const text = JSON.stringify(body);
      const theirs = outcome(() => HTTP.toEvent({ headers: STRUCTURED, body: text }));
      assert.deepEqual(oursOf(text), ours);
      assert.notDeepEqual(theirs, ours);
      if (typeof ours === "string") assert.notEqual(theirs, "refused", "both refuse it: no difference");
    });
  }

  it("data_base64 is bytes, not numbers of 32 bits", () => {
    const body = JSON.stringify({ ...HEAD, data_base64: "AQID" });
    const theirs = HTTP.toEvent({ headers: STRUCTURED, body });
    assert.ok(!Array.isArray(theirs) && theirs.data instanceof Uint32Array);
    assert.deepEqual(http.decode({ headers: STRUCTURED, body }).data, new Uint8Array([1, 2, 3]));
  });

  it("a media type with parameters is read", () => {
    const headers = { "content-type": "application/cloudevents+json;charset=UTF-8" };
    const body = JSON.stringify(HEAD);
    assert.equal(
      outcome(() => HTTP.toEvent({ headers, body })),
      "refused",
    );
    assert.deepEqual(http.decode({ headers, body }), HEAD);
  });

  it("header values are percent-encoded", () => {
    const event = createEvent({ ...HEAD, subject: "ü" });
    assert.equal(HTTP.binary(peerOf(event)).headers["ce-subject"], "ü");
    assert.equal(http.encode(event, { mode: "binary" }).headers["ce-subject"], "%C3%BC");
  });

  it("a percent sign in an attribute is not taken for an escape", () => {
    const event = createEvent({ ...HEAD, source: "/a%20b" });
    assert.equal(HTTP.binary(peerOf(event)).headers["ce-source"], "/a%20b");
    const { headers } = http.encode(event, { mode: "binary" });
    assert.equal(headers["ce-source"], "/a%2520b");
    assert.equal(http.decode({ headers }).source, "/a%20b");
  });

  it("a record's key does not become the event's partitionkey", () => {
    const { headers, value } = kafka.encode(createEvent({ ...HEAD, time: "2026-01-01T00:00:00Z", data: 1 }));
    const record = { key: "k", headers, value: String(value), body: undefined };
    assert.equal(Reflect.get(Kafka.toEvent(record), "partitionkey"), "k");
    assert.equal(kafka.decode(record).partitionkey, undefined);
  });

  it("a record without a value is read", () => {
    const { headers } = kafka.encode(createEvent({ ...HEAD }), { mode: "binary" });
    const record = { headers, value: null, body: undefined };
    assert.equal(
      outcome(() => Reflect.apply(Kafka.toEvent, undefined, [record])),
      "refused",
    );
    assert.equal(kafka.decode(record).id, "1");
  });

  it("no ce_datacontenttype is written", () => {
    const event = createEvent({ ...HEAD, datacontenttype: "application/json", data: {} });
    assert.ok(Object.hasOwn(Kafka.binary(peerOf(event)).headers, "ce_datacontenttype"));
    assert.ok(!Object.hasOwn(kafka.encode(event, { mode: "binary" }).headers, "ce_datacontenttype"));
  });
});
