import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloudEventError, createEvent } from "@coresdk/cloudevents";
import { decode, decodeBatch, encode, type HttpHeaders } from "@coresdk/cloudevents/http";

const event = createEvent({
  type: "com.acme.order.created",
  source: "/orders",
  subject: "42",
  datacontenttype: "application/json",
  data: { total: 9.5 },
});
const ATTRIBUTES = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };

function decodeHeaders(headers: HttpHeaders): ReturnType<typeof decode> {
  return decode({ headers });
}

describe("HTTP binding: structured mode", () => {
  it("is the default and carries the JSON format", () => {
    const message = encode(event);
    assert.deepEqual(message, {
      headers: { "content-type": "application/cloudevents+json" },
      body: JSON.stringify(event),
    });
    assert.deepEqual(decode(message), event);
  });

  it("is found by the content type without regard to case and parameters", () => {
    for (const type of [
      "application/cloudevents+json",
      "Application/CloudEvents+JSON;charset=utf-8",
      'application/cloudevents+json ; charset="UTF-8"',
      "application/cloudevents+json;",
      "application/cloudevents+json; ; charset=utf-8 ;",
      " application/cloudevents+json ",
    ]) {
      assert.deepEqual(
        decode({ headers: { "Content-Type": type }, body: JSON.stringify(event) }),
        event,
        type,
      );
    }
  });

  it("refuses formats and charsets that are not known here", () => {
    for (const type of [
      "application/cloudevents+avro",
      "application/cloudevents",
      "application/cloudevents+json; charset=utf-16",
      "application/cloudevents-batch+xml",
    ]) {
      assert.throws(
        () => decode({ headers: { "content-type": type }, body: "{}" }),
        { code: "unsupported_media_type" },
        type,
      );
    }
  });

  it("ignores attributes in headers, since all of them are in the payload (section 3.2.3)", () => {
    const message = encode(event);
    assert.deepEqual(
      decode({ ...message, headers: { ...message.headers, "ce-id": "other", "ce-not_a_name": "x" } }),
      event,
    );
  });

  it("takes a body that a framework has parsed, and leaves it as it is", () => {
    const body = JSON.parse(JSON.stringify(event));
    assert.deepEqual(decode({ headers: encode(event).headers, body }), event);
    assert.ok(!Object.isFrozen(body));
  });

  it("refuses a message without a body", () => {
    for (const body of [undefined, null, ""]) {
      assert.throws(() => decode({ headers: encode(event).headers, body }), { code: "invalid_format" });
    }
  });
});

describe("HTTP binding: binary mode", () => {
  it("puts attributes into headers and data into the body", () => {
    const message = encode(event, { mode: "binary" });
    assert.deepEqual(message, {
      headers: {
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": event.id,
        "ce-time": event.time,
        "ce-type": "com.acme.order.created",
        "ce-source": "/orders",
        "ce-subject": "42",
      },
      body: '{"total":9.5}',
    });
    assert.deepEqual(decode(message), event);
  });

  it("takes headers in every shape and case", () => {
    const { headers, body } = encode(event, { mode: "binary" });
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    const arrays = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    const bare: Record<string, string> = Object.assign(Object.create(null), headers);
    for (const shape of [
      headers,
      upper,
      arrays,
      bare,
      new Headers(headers),
      new Map(Object.entries(headers)),
      Object.entries(headers),
      { ...headers, host: undefined, accept: "*/*" },
    ]) {
      assert.deepEqual(decode({ headers: shape, body }), event);
    }
  });

  it("percent-encodes as section 3.1.3.2 says, and decodes once", () => {
    const subject = 'Euro € 😀 "%41"~!';
    const { headers } = encode(createEvent({ type: "t", source: "/s", subject }), { mode: "binary" });
    assert.equal(headers["ce-subject"], "Euro%20%E2%82%AC%20%F0%9F%98%80%20%22%2541%22~!");
    assert.equal(decodeHeaders(headers).subject, subject);
  });

  it("decodes what older and other senders write", () => {
    for (const [value, subject] of [
      ["a b", "a b"],
      ['"a b"', "a b"],
      ['"a \\"b\\" \\\\"', 'a "b" \\'],
      ['"%41"', "A"],
      ["%e2%82%ac", "€"],
      ["  a\t", "a"],
      ["%61%62", "ab"],
      ['a "b"', 'a "b"'],
      ["a%2541", "a%41"],
    ] as const) {
      assert.equal(decodeHeaders({ ...ATTRIBUTES, "ce-subject": value }).subject, subject, value);
    }
  });

  it("refuses octets that are not UTF-8, broken escapes and quotes, and what is not ASCII", () => {
    for (const value of [
      "%C0%A0",
      "%ED%A0%80",
      "%FF",
      "%E2%82",
      "%",
      "%4",
      "%zz",
      '"a',
      '"a"b',
      "€",
      "Ã¼",
      "a\u0080",
      "%0A",
      "%00",
      "%EF%BF%BF",
      "",
    ]) {
      assert.throws(
        () => decodeHeaders({ ...ATTRIBUTES, "ce-subject": value }),
        { code: "invalid_attribute", attribute: "subject" },
        value,
      );
    }
  });

  it("makes the implied application/json explicit, and leaves bytes without a type", () => {
    const json = encode(createEvent({ type: "t", source: "/s", data: "I'm just a string" }), {
      mode: "binary",
    });
    assert.equal(json.headers["content-type"], "application/json");
    assert.equal(json.body, '"I\'m just a string"');
    const bytes = encode(createEvent({ type: "t", source: "/s", data: new Uint8Array([123]) }), {
      mode: "binary",
    });
    assert.ok(!Object.hasOwn(bytes.headers, "content-type"));
    assert.deepEqual(decode(bytes).data, new Uint8Array([123]));
    const none = encode(createEvent({ type: "t", source: "/s" }), { mode: "binary" });
    assert.ok(!Object.hasOwn(none.headers, "content-type"));
    // Spread into what fetch takes: an own `body` that is undefined has another type than none.
    assert.deepEqual(Object.keys(none), ["headers"]);
  });

  it("keeps the content type as it is written", () => {
    const datacontenttype = "Application/JSON; Charset=utf-8";
    const message = encode(createEvent({ type: "t", source: "/s", datacontenttype, data: 1 }), {
      mode: "binary",
    });
    assert.equal(message.headers["content-type"], datacontenttype);
    assert.equal(decode(message).datacontenttype, datacontenttype);
  });

  it("refuses an attribute that is there twice, and ce-datacontenttype", () => {
    assert.throws(() => decodeHeaders({ ...ATTRIBUTES, "CE-ID": "2" }), {
      code: "invalid_attribute",
      attribute: "id",
    });
    assert.throws(() => decodeHeaders({ ...ATTRIBUTES, "ce-subject": ["a", "b"] }), { attribute: "subject" });
    assert.throws(
      () => decodeHeaders([["ce-comexample", "1"], ["ce-comexample", "1"], ...Object.entries(ATTRIBUTES)]),
      { attribute: "comexample" },
    );
    assert.throws(() => decodeHeaders({ ...ATTRIBUTES, "ce-datacontenttype": "text/plain" }), {
      attribute: "datacontenttype",
    });
    assert.throws(() => decodeHeaders({ ...ATTRIBUTES, "Content-Type": "a/b", "content-type": "a/c" }), {
      attribute: "datacontenttype",
    });
  });

  it("refuses names that no attribute can have", () => {
    for (const name of ["ce-", "ce-a_b", "ce-a-b", "ce-data", "ce-__proto__"]) {
      assert.throws(
        () => decodeHeaders(Object.entries({ ...ATTRIBUTES, [name]: "x" })),
        { code: "invalid_attribute_name" },
        name,
      );
    }
  });

  it("tells a message that is no event from an event that is wrong", () => {
    for (const headers of [{}, { "content-type": "application/json" }, new Headers(), []]) {
      assert.throws(() => decode({ headers, body: "{}" }), { code: "not_a_cloudevent" });
    }
    assert.throws(() => decodeHeaders({ "ce-id": "1" }), {
      code: "missing_attribute",
      attribute: "specversion",
    });
    assert.throws(() => decodeHeaders({ "ce-comexample": "1" }), { code: "missing_attribute" });
    assert.throws(() => decodeHeaders({ "ce-time": "2026-01-01T00:00:00Z" }), { code: "missing_attribute" });
    assert.throws(() => decodeHeaders({ ...ATTRIBUTES, "ce-specversion": "" }), { attribute: "specversion" });
  });

  it("refuses a JSON body that is none, and takes an empty one as no data", () => {
    const headers = { ...ATTRIBUTES, "content-type": "application/json" };
    assert.throws(
      () => decode({ headers, body: "{" }),
      (error: unknown) =>
        error instanceof CloudEventError &&
        error.code === "invalid_data" &&
        error.cause instanceof SyntaxError,
    );
    for (const body of ["", new Uint8Array(0), undefined, null]) {
      assert.ok(!Object.hasOwn(decode({ headers, body }), "data"));
    }
    assert.equal(decode({ headers: { ...ATTRIBUTES, "content-type": "text/plain" }, body: "" }).data, "");
    assert.equal(decode({ headers, body: "null" }).data, null);
    assert.deepEqual(decode({ headers, body: { parsed: true } }).data, { parsed: true });
    assert.throws(() => decode({ headers: ATTRIBUTES, body: { parsed: true } }), { code: "invalid_data" });
  });

  it("keeps text that is not UTF-8 as bytes, and makes bytes of text under other types", () => {
    assert.deepEqual(
      decode({ headers: { ...ATTRIBUTES, "content-type": "text/plain" }, body: new Uint8Array([0xff]) }).data,
      new Uint8Array([0xff]),
    );
    assert.deepEqual(
      decode({ headers: { ...ATTRIBUTES, "content-type": "image/png" }, body: "ü" }).data,
      new Uint8Array([0xc3, 0xbc]),
    );
  });

  it("refuses to write text that UTF-8 cannot carry, or that the charset is not", () => {
    const lone = createEvent({ type: "t", source: "/s", datacontenttype: "text/plain", data: "\ud800" });
    assert.throws(() => encode(lone, { mode: "binary" }), { code: "invalid_data" });
    const latin = createEvent({
      type: "t",
      source: "/s",
      datacontenttype: "text/plain; charset=iso-8859-1",
      data: "ü",
    });
    assert.throws(() => encode(latin, { mode: "binary" }), { code: "invalid_data" });
  });

  it("has limits, for the body of every media type", () => {
    for (const type of ["application/json", "text/plain", "image/png"]) {
      assert.throws(
        () => decode({ headers: { ...ATTRIBUTES, "content-type": type }, body: "123" }, { maxBytes: 2 }),
        { code: "limit_exceeded" },
      );
    }
  });

  it("writes and reads integers in full when asked to", () => {
    const big = createEvent({
      type: "t",
      source: "/s",
      datacontenttype: "application/json",
      data: { n: 2n ** 64n },
    });
    const message = encode(big, { mode: "binary", integers: "bigint" });
    assert.equal(message.body, '{"n":18446744073709551616}');
    assert.deepEqual(decode(message, { integers: "bigint" }), big);
    assert.throws(() => encode(big, { mode: "binary" }), { code: "invalid_data" });
  });
});

describe("HTTP binding: batched mode", () => {
  it("is what an array becomes", () => {
    const message = encode([event, event]);
    assert.equal(message.headers["content-type"], "application/cloudevents-batch+json");
    assert.deepEqual(decodeBatch(message), { events: [event, event], errors: [] });
    assert.deepEqual(decodeBatch(encode([])), { events: [], errors: [] });
  });

  it("has to be asked for by the receiver", () => {
    assert.throws(() => decode(encode([event])), { code: "unexpected_batch" });
  });

  it("is not binary", () => {
    const options: object = { mode: "binary" };
    assert.throws(() => encode([event], options), { code: "invalid_argument" });
  });

  it("reports bad events by index", () => {
    const { events, errors } = decodeBatch({
      headers: encode([]).headers,
      body: `[{},${JSON.stringify(event)}]`,
    });
    assert.deepEqual(events, [event]);
    assert.deepEqual(
      errors.map((error) => error.index),
      [0],
    );
    const parsed = decodeBatch({
      headers: encode([]).headers,
      body: [{}, JSON.parse(JSON.stringify(event))],
    });
    assert.deepEqual(parsed.events, [event]);
  });

  it("takes a single event as a batch of one", () => {
    assert.deepEqual(decodeBatch(encode(event)), { events: [event], errors: [] });
    assert.deepEqual(decodeBatch(encode(event, { mode: "binary" })).events, [event]);
    assert.deepEqual(
      decodeBatch({ headers: { "ce-id": "1" } }).errors.map((error) => error.index),
      [0],
    );
  });
});
