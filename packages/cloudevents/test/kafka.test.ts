import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CloudEvent, CloudEventError, checkAttribute, createEvent } from "@coresdk/cloudevents";
import { decode, encode, type KafkaHeaders } from "@coresdk/cloudevents/kafka";
import fc from "fast-check";

const event = createEvent({
  type: "com.acme.order.created",
  source: "/orders",
  subject: "42 €",
  partitionkey: "p1",
  datacontenttype: "application/json",
  data: { total: 9.5 },
});
const HEADERS = { ce_specversion: "1.0", ce_id: "1", ce_source: "/s", ce_type: "t" };

describe("Kafka binding: structured mode", () => {
  it("is the default: the JSON format in the value, the media type in a header, no key", () => {
    assert.deepEqual(encode(event), {
      key: null,
      value: JSON.stringify(event),
      headers: { "content-type": "application/cloudevents+json; charset=UTF-8" },
    });
    assert.deepEqual(decode(encode(event)), event);
  });

  it("carries the ce_ headers as well when asked to (section 3.3.3)", () => {
    const { headers, value } = encode(event, { attributeHeaders: true });
    assert.deepEqual(headers, {
      "content-type": "application/cloudevents+json; charset=UTF-8",
      ce_specversion: "1.0",
      ce_id: event.id,
      ce_time: event.time,
      ce_type: "com.acme.order.created",
      ce_source: "/orders",
      ce_subject: "42 €",
      ce_partitionkey: "p1",
    });
    assert.deepEqual(
      decode({ value, headers: { ...headers, ce_type: "other", "ce_not-a-name": "x" } }),
      event,
    );
  });

  it("refuses a record without a value, a batch, and other formats", () => {
    const { headers } = encode(event);
    assert.throws(() => decode({ value: null, headers }), { code: "invalid_format" });
    assert.throws(
      () => decode({ value: "[]", headers: { "content-type": "application/cloudevents-batch+json" } }),
      { code: "unexpected_batch" },
    );
    assert.throws(() => decode({ value: "", headers: { "content-type": "application/cloudevents+avro" } }), {
      code: "unsupported_media_type",
    });
  });
});

describe("Kafka binding: binary mode", () => {
  it("puts attributes into headers and data into the value", () => {
    const record = encode(event, { mode: "binary" });
    assert.equal(record.value, '{"total":9.5}');
    assert.equal(record.headers["content-type"], "application/json");
    assert.equal(record.headers["ce_subject"], "42 €");
    assert.ok(!Object.hasOwn(record.headers, "ce_datacontenttype"));
    assert.deepEqual(decode(record), event);
  });

  it("takes headers in every shape, in bytes and in text", () => {
    const { headers, value } = encode(event, { mode: "binary" });
    const entries = Object.entries(headers);
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const shapes: KafkaHeaders[] = [
      headers,
      Object.fromEntries(entries.map(([name, text]) => [name, Buffer.from(text)])),
      Object.fromEntries(entries.map(([name, text]) => [name, [bytes(text)]])),
      new Map(entries),
      new Map(entries.map(([name, text]) => [bytes(name), bytes(text)])),
      entries,
      entries.map(([name, text]) => [Buffer.from(name), bytes(text)] as const),
      { ...headers, traceparent: null, other: undefined },
    ];
    for (const shape of shapes) assert.deepEqual(decode({ value, headers: shape }), event);
    assert.deepEqual(
      decode({ value: typeof value === "string" ? Buffer.from(value) : null, headers }),
      event,
    );
  });

  it("does not percent-encode", () => {
    const { headers } = encode(createEvent({ type: "t", source: "/s", subject: 'a %41 "b"' }), {
      mode: "binary",
    });
    assert.equal(headers["ce_subject"], 'a %41 "b"');
    assert.equal(decode({ headers }).subject, 'a %41 "b"');
  });

  it("reads and writes null for no data", () => {
    const none = createEvent({ type: "t", source: "/s", datacontenttype: "application/json" });
    const record = encode(none, { mode: "binary" });
    assert.equal(record.value, null);
    assert.deepEqual(decode(record), none);
    for (const value of [null, undefined])
      assert.ok(!Object.hasOwn(decode({ value, headers: HEADERS }), "data"));
  });

  it("keeps data apart that is null, empty or false", () => {
    for (const data of [null, false, 0, ""]) {
      const record = encode(createEvent({ type: "t", source: "/s", data }), { mode: "binary" });
      assert.equal(record.value, JSON.stringify(data));
      assert.equal(decode(record).data, data);
    }
  });

  it("refuses headers that are not UTF-8, not once, or not attributes", () => {
    assert.throws(() => decode({ headers: { ...HEADERS, ce_subject: new Uint8Array([0xff]) } }), {
      code: "invalid_attribute",
      attribute: "subject",
    });
    assert.throws(() => decode({ headers: { ...HEADERS, ce_type: new Uint8Array([0xff]) } }), {
      attribute: "type",
    });
    assert.throws(() => decode({ headers: { ...HEADERS, ce_subject: ["a", "b"] } }), {
      attribute: "subject",
    });
    assert.throws(() => decode({ headers: [...Object.entries(HEADERS), ["ce_id", "2"]] }), {
      attribute: "id",
    });
    assert.throws(() => decode({ headers: { ...HEADERS, "ce_a-b": "x" } }), {
      code: "invalid_attribute_name",
      attribute: "a-b",
    });
    assert.throws(() => decode({ headers: Object.entries({ ...HEADERS, ce___proto__: "x" }) }), {
      code: "invalid_attribute_name",
    });
  });

  it("takes ce_datacontenttype, which other SDKs write, unless it contradicts the content type", () => {
    const typeOf = (headers: KafkaHeaders): string | undefined =>
      decode({ headers, value: "x" }).datacontenttype;
    const both = { ...HEADERS, "content-type": "text/plain", ce_datacontenttype: "text/plain" };
    assert.equal(typeOf(both), "text/plain");
    assert.equal(typeOf({ ...HEADERS, ce_datacontenttype: Buffer.from("text/plain") }), "text/plain");
    for (const ce_datacontenttype of ["Text/PLAIN", "text/plain "]) {
      assert.equal(typeOf({ ...both, ce_datacontenttype }), "text/plain");
    }
    const withCharset = { ...both, "content-type": "text/plain; charset=utf-8" };
    assert.equal(
      typeOf({ ...withCharset, ce_datacontenttype: "TEXT/plain;charset=UTF-8" }),
      "text/plain; charset=utf-8",
    );
    for (const ce_datacontenttype of ["text/html", "x", ["text/plain", "text/plain"]]) {
      assert.throws(() => typeOf({ ...both, ce_datacontenttype }), {
        code: "invalid_attribute",
        attribute: "datacontenttype",
      });
    }
    assert.throws(() => typeOf({ ...HEADERS, ce_datacontenttype: "no type" }), {
      attribute: "datacontenttype",
    });
    assert.throws(() => decode({ headers: { ce_datacontenttype: "text/plain" } }), {
      code: "not_a_cloudevent",
    });
  });

  it("takes a list of single headers, as clients over librdkafka have it", () => {
    const headers = Object.entries(HEADERS).map(([name, value]) => ({ [name]: Buffer.from(value) }));
    assert.equal(decode({ headers }).id, "1");
    assert.throws(() => decode({ headers: [...headers, { ce_id: Buffer.from("2") }] }), { attribute: "id" });
    for (const header of [{}, { ce_id: "1", ce_type: "t" }]) {
      assert.throws(() => decode({ headers: [header] }), { code: "invalid_argument" });
    }
  });

  it("refuses data that is itself an event, which the consumer would take for the event", () => {
    const datacontenttype = "application/cloudevents+json";
    const outer = createEvent({ type: "t", source: "/s", datacontenttype, data: { ...event } });
    assert.throws(() => encode(outer, { mode: "binary" }), {
      code: "invalid_attribute",
      attribute: "datacontenttype",
    });
    assert.deepEqual(decode(encode(outer, { attributeHeaders: true })), outer);
  });

  it("ignores headers that are not its own", () => {
    const headers = [
      ...Object.entries(HEADERS),
      [new Uint8Array([0xff]), "x"],
      ["CE_ID", "2"],
      ["__proto__", "x"],
    ] as const;
    assert.equal(decode({ headers }).id, "1");
  });

  it("tells a record that is no event from an event that is wrong", () => {
    for (const headers of [undefined, null, {}, { "content-type": "application/json" }]) {
      assert.throws(() => decode({ value: "{}", headers }), { code: "not_a_cloudevent" });
    }
    assert.throws(() => decode({ headers: { ce_id: "1" } }), { code: "missing_attribute" });
  });

  it("does not mistake one text for another when it has seen many", () => {
    for (let i = 0; i < 2000; i++) {
      const type = `com.acme.${i}.x${i % 7}`;
      const headers = { ...HEADERS, ce_type: Buffer.from(type), ce_source: Buffer.from(`/s/${i % 3}`) };
      assert.equal(decode({ headers }).type, type);
      assert.equal(decode({ headers }).source, `/s/${i % 3}`);
    }
  });
});

/** The event, or what is wrong with it. */
function outcome(run: () => CloudEvent): unknown {
  try {
    return { ...run() };
  } catch (error) {
    assert.ok(error instanceof CloudEventError);
    return { code: error.code, attribute: error.attribute };
  }
}

describe("Kafka binding: header bytes that are decoded together", () => {
  const decodeBytes = (attributes: Record<string, string | Uint8Array>): CloudEvent =>
    decode({
      headers: Object.entries({ ...HEADERS, ...attributes }).map(([name, value]) => [
        name,
        Buffer.from(value),
      ]),
    });

  it("gives each attribute its own text, in any script and of any length", () => {
    const text = fc.oneof(
      fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(..." ~aZ09-") }),
      fc.string({ minLength: 1, maxLength: 400, unit: fc.constantFrom(..."ab€ü😀") }),
      fc.string({ minLength: 500, maxLength: 1100, unit: fc.constantFrom("x", " ") }),
    );
    fc.assert(
      fc.property(text, text, text, (id, subject, custom) => {
        const decoded = decodeBytes({ ce_id: id, ce_subject: subject, ce_custom: custom });
        assert.deepEqual({ ...decoded }, { ...decoded, id, subject, custom });
      }),
      { numRuns: 200 },
    );
  });

  it("lets no byte pass that no text may have, wherever it stands", () => {
    for (const byte of [0x00, 0x1f, 0x7f, 0x80, 0xff]) {
      for (let place = 0; place < 9; place++) {
        const subject = new TextEncoder().encode("abcdefghi");
        subject[place] = byte;
        assert.throws(() => decodeBytes({ ce_id: "12", ce_subject: subject, ce_custom: "x" }), {
          code: "invalid_attribute",
          attribute: "subject",
        });
      }
    }
    for (const text of [" ", "~", "a ~"]) assert.equal(decodeBytes({ ce_subject: text }).subject, text);
  });

  it("refuses empty texts and wrong times beside right ones", () => {
    assert.throws(() => decodeBytes({ ce_id: "" }), { attribute: "id" });
    assert.throws(() => decodeBytes({ ce_subject: "" }), { attribute: "subject" });
    assert.throws(() => decodeBytes({ ce_traceparent: "" }), { attribute: "traceparent" });
    assert.throws(() => decodeBytes({ ce_time: "2026-02-30T00:00:00Z" }), { attribute: "time" });
    assert.equal(decodeBytes({ ce_custom: "" })["custom"], "");
    assert.equal(decodeBytes({ ce_severitynumber: "9" }).severitynumber, 9);
  });

  it("gives the same for every kind of bytes, with a value that is decoded with them or not", () => {
    const name = fc.constantFrom("ce_subject", "ce_time", "ce_custom", "ce_traceparent", "ce_dataschema");
    const text = fc.oneof(
      fc.constantFrom(
        "2026-03-19T07:47:01.673417Z",
        "2026-03-19T07:47:01+02:00",
        "https://a.example/s",
        "",
        "€",
      ),
      fc.string({ maxLength: 40 }),
    );
    const attributes = fc.dictionary(name, text, { maxKeys: 5 });
    const value = fc.oneof(
      fc.json(),
      fc.constantFrom("", " {}\n", "\ufeff[1]", '"€"', "{", `"${"x".repeat(1100)}"`),
    );
    const kinds = [
      (one: string) => Buffer.from(one),
      (one: string) => new TextEncoder().encode(one),
      (one: string) => new TextEncoder().encode(`ab${one}c`).subarray(2, -1),
    ];
    fc.assert(
      fc.property(attributes, value, (given, json) => {
        const headers = Object.entries({ ...HEADERS, "content-type": "application/json", ...given });
        const expected = outcome(() => decode({ headers, value: json }));
        for (const bytes of kinds) {
          const record = {
            headers: headers.map(([key, one]) => [key, bytes(one)] as const),
            value: bytes(json),
          };
          assert.deepEqual(
            outcome(() => decode(record)),
            expected,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it("takes the times in bytes that are right in text, and no others", () => {
    const right = "2026-03-19T07:47:01.6Z";
    const changed = fc
      .tuple(
        fc.nat(right.length),
        fc.nat(2),
        fc.string({ maxLength: 2, unit: fc.constantFrom(..."0123569:-TZtz.+ ") }),
      )
      .map(([start, length, text]) => right.slice(0, start) + text + right.slice(start + length));
    fc.assert(
      fc.property(fc.oneof(changed, fc.constantFrom(right, "", "2026-03-19T07:47:01Z")), (time) => {
        const decoded = outcome(() => decodeBytes({ ce_time: time }));
        const isRight = checkAttribute("time", time) === undefined;
        const wrong = { code: "invalid_attribute", attribute: "time" };
        assert.deepEqual(
          decoded,
          isRight ? { specversion: "1.0", id: "1", source: "/s", type: "t", time } : wrong,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps to the limit of the value's size where it is decoded with the headers", () => {
    const headers = { ...HEADERS, "content-type": Buffer.from("application/json") };
    assert.deepEqual(decode({ headers, value: Buffer.from("[1]") }, { maxBytes: 3 }).data, [1]);
    assert.throws(() => decode({ headers, value: Buffer.from("[1]") }, { maxBytes: 2 }), {
      code: "limit_exceeded",
    });
  });

  it("takes an attribute that is there twice when one of the two has no value", () => {
    const twice = [
      ...Object.entries(HEADERS),
      ["ce_subject", null],
      ["ce_subject", "s"],
      ["ce_id", []],
    ] as const;
    assert.equal(decode({ headers: twice }).subject, "s");
    for (const name of ["ce_subject", "ce_custom", "ce_time"]) {
      const headers = [...twice, [name, "2026-03-19T07:47:01Z"], [name, "2026-03-19T07:47:01Z"]] as const;
      assert.throws(() => decode({ headers }), { code: "invalid_attribute", attribute: name.slice(3) });
    }
  });

  it("does not take a value that was right for one attribute as right for another", () => {
    const value = "no uri reference";
    assert.equal(decodeBytes({ ce_type: value }).type, value);
    assert.throws(() => decodeBytes({ ce_source: value }), { attribute: "source" });
    assert.throws(() => decodeBytes({ ce_source: value }), { attribute: "source" });
  });
});

describe("Kafka binding: the key (section 3.1)", () => {
  it("is the one that is given, by default", () => {
    const bytes = new Uint8Array([1]);
    assert.equal(encode(event, { key: "k" }).key, "k");
    assert.equal(encode(event, { key: bytes }).key, bytes);
    assert.equal(encode(event, { key: "k", keyFrom: "subject" }).key, "k");
    assert.equal(encode(event, { key: null, keyFrom: "subject" }).key, null);
    for (const options of [{ key: "a\ud800" }, { keyFrom: () => "\udc00" }]) {
      assert.throws(() => encode(event, options), { code: "invalid_argument", message: /lone surrogates/ });
    }
  });

  it("comes from an attribute when asked to", () => {
    for (const name of ["partitionkey", "subject", "source", "type", "id"] as const) {
      assert.equal(encode(event, { keyFrom: name }).key, event[name]);
    }
    assert.equal(encode(createEvent({ type: "t", source: "/s" }), { keyFrom: "subject" }).key, null);
  });

  it("comes from an own function, and the event stays as it is", () => {
    const record = encode(event, { mode: "binary", keyFrom: (it) => `${it.source}#${it.subject}` });
    assert.equal(record.key, "/orders#42 €");
    assert.deepEqual(decode(record), event);
    assert.equal(encode(event, { keyFrom: () => undefined }).key, null);
  });

  it("is not looked at when decoding", () => {
    const record = { ...encode(event), key: "another" };
    assert.equal(decode(record).partitionkey, "p1");
  });
});
