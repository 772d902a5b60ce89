/** What a consumer usually gets is decoded in a way of its own: nobody must be able to tell. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CloudEvent, CloudEventError, createEvent, isEvent } from "@coresdk/cloudevents";
import { type DecodeOptions, decode, encode } from "@coresdk/cloudevents/kafka";
import fc from "fast-check";
import { decodeUsual } from "../src/bindings/kafka/usual-record.ts";
import { decodeSettings } from "../src/formats/json/options.ts";
import { events } from "./arbitraries.ts";

type Headers = Readonly<Record<string, Uint8Array>>;

const usual = createEvent({
  id: "A234-1234-1234",
  time: "2026-03-19T12:00:00.417Z",
  type: "com.acme.order.created",
  source: "https://orders.acme.com",
  subject: "tenant/acme",
  datacontenttype: "application/json",
  data: { total: 9.5 },
});

function bytesOf(headers: Readonly<Record<string, string>>): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
}

/** An event with its attributes in order, or what is said to be wrong. */
function outcome(read: () => CloudEvent): unknown {
  try {
    const event = read();
    return [Object.entries(event), isEvent(event), Object.isFrozen(event)];
  } catch (error) {
    if (!(error instanceof CloudEventError)) throw error;
    return [error.code, error.attribute, error.message];
  }
}

/** Twice in an object, since types and the like are known from then on, and once in a shape that is not usual. */
function assertSame(headers: Headers, value: Uint8Array, options?: DecodeOptions): void {
  const shapes = [headers, headers, new Map(Object.entries(headers))];
  const [first, second, other] = shapes.map((shape) =>
    outcome(() => decode({ headers: shape, value }, options)),
  );
  assert.deepEqual(first, other);
  assert.deepEqual(second, other);
}

const NAMES = [
  ...["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type"],
  ...["ce_traceparent", "ce_partitionkey", "ce_dataschema", "ce_sampledrate", "ce_deprecated", "ce_region"],
  ...["ce_data", "ce_Upper", "ce_", "ce_datacontenttype", "Content-Type", "other", "__proto__"],
];
const VALUES = [
  ...["1.0", "0.3", "", "x", "https://schemas.acme.com/order/2", "/relative", "no uri at all", "12", "true"],
  ...["2026-03-19T12:00:00Z", "2026-02-30T12:00:00Z", "2026-03-19T12:00:00.1+01:00", "é", "\u0007", " x "],
  ...["application/json", "application/json; charset=utf-8", "text/plain", "image/png", " application/json"],
  ...["application/cloudevents+json", "application/cloudevents-batch+json", "no type", "x".repeat(900)],
];
const value = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom("", "{", "nul", "\uFEFF1", '{"a":"é"}', `"${"y".repeat(2000)}"`)
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }),
);
const field = fc.oneof(
  fc.constantFrom(...VALUES).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 8 }),
);

test("what a consumer gets of one sender is decoded in the short way once its types are known", () => {
  const { headers } = encode(usual, { mode: "binary" });
  const body = Buffer.from('{"total":9.5}');
  for (const more of [{}, { ce_traceparent: "x" }, { ce_dataschema: "https://acme.com/1" }, { other: "x" }]) {
    const record = { headers: bytesOf({ ...headers, ...more }), value: body };
    const event = decode(record);
    assert.deepEqual(decodeUsual(record.headers, body, decodeSettings(undefined)), event);
  }
  const structured = Buffer.from(JSON.stringify(usual));
  const alone = bytesOf(encode(usual).headers);
  const event = decode({ headers: alone, value: structured });
  assert.deepEqual(decodeUsual(alone, structured, decodeSettings(undefined)), event);
});

test("any record is decoded the same from an object of bytes as from other shapes", () => {
  const { headers } = encode(usual, { mode: "binary" });
  const changes = fc.dictionary(fc.constantFrom(...NAMES), fc.option(field, { nil: undefined }), {
    noNullPrototype: true,
    maxKeys: 4,
  });
  const options = fc.constantFrom<DecodeOptions | undefined>(
    undefined,
    { maxBytes: 8 },
    { maxDepth: 2 },
    { integers: "bigint" },
  );
  fc.assert(
    fc.property(fc.boolean(), changes, value, options, (isBare, changed, bytes, chosen) => {
      const merged = Object.entries({ ...(isBare ? {} : bytesOf(headers)), ...changed });
      assertSame(
        Object.fromEntries(merged.flatMap(([name, own]) => (own ? [[name, own]] : []))),
        bytes,
        chosen,
      );
    }),
    { numRuns: 2000 },
  );
});

test("any event that is sent is decoded the same from an object of bytes as from other shapes", () => {
  fc.assert(
    fc.property(events, fc.constantFrom("binary", "structured"), (event, mode) => {
      const { headers, value: body } = encode(event, { mode });
      if (body !== null) assertSame(bytesOf(headers), typeof body === "string" ? Buffer.from(body) : body);
    }),
    { numRuns: 500 },
  );
});

test("a header that decodes another record while it is read spoils none of the two", () => {
  const record = encode(usual, { mode: "binary" });
  const body = Buffer.from('{"total":9.5}');
  const headers = bytesOf(record.headers);
  const other = { headers: { ...headers, ce_id: Buffer.from("another") }, value: body };
  assert.deepEqual(decode({ headers, value: body }), usual);
  const inner: CloudEvent[] = [];
  const reading = Object.defineProperty({ ...headers }, "ce_time", {
    enumerable: true,
    get: () => {
      inner.push(decode(other));
      return headers["ce_time"];
    },
  });
  assert.deepEqual(decode({ headers: reading, value: body }), usual);
  assert.deepEqual(inner[0], { ...usual, id: "another" });
});

test("headers that an object has from its prototype are none of a record's", () => {
  const { headers } = encode(usual, { mode: "binary" });
  const { ce_subject, ...rest } = bytesOf(headers);
  const inheriting = Object.assign(Object.create({ ce_subject }), rest);
  assert.equal(decode({ headers: inheriting, value: Buffer.from("1") }).subject, undefined);
  const untyped = Object.assign(Object.create(bytesOf(encode(usual).headers)), { other: Buffer.from("x") });
  assert.throws(() => decode({ headers: untyped, value: Buffer.from(JSON.stringify(usual)) }), {
    code: "not_a_cloudevent",
  });
});
