import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CloudEvent, CloudEventError, createEvent, withAttributes } from "@coresdk/cloudevents";
import { decode, decodeBatch, encode } from "@coresdk/cloudevents/json";

const HEAD = '"specversion":"1.0","id":"1","source":"/s","type":"t"';
const EVENT = `{${HEAD},"data":{"a":1}}`;

describe("the JSON format: decode", () => {
  it("takes text, bytes and a buffer, with a byte order mark or without", () => {
    const bytes = new TextEncoder().encode(EVENT);
    const expected = { specversion: "1.0", id: "1", source: "/s", type: "t", data: { a: 1 } };
    for (const input of [
      EVENT,
      bytes,
      Buffer.from(EVENT),
      bytes.buffer,
      new TextEncoder().encode(`\ufeff${EVENT}`),
    ]) {
      assert.deepEqual(decode(input), expected);
    }
  });

  it("gives a frozen plain object with the members in their order", () => {
    const event = decode(`{"data":1,"type":"t","id":"1","specversion":"1.0","source":"/s"}`);
    assert.ok(Object.isFrozen(event));
    assert.equal(Object.getPrototypeOf(event), Object.prototype);
    assert.deepEqual(Object.keys(event), ["data", "type", "id", "specversion", "source"]);
  });

  it("reads null attributes as unset, and null data as data (section 2.2, 3.1.1)", () => {
    const event = decode(
      `{${HEAD},"subject":null,"comexample":null,"time":null,"data_base64":null,"data":null}`,
    );
    assert.deepEqual(Object.keys(event), ["specversion", "id", "source", "type", "data"]);
    assert.equal(event.data, null);
  });

  it("decodes data_base64 to bytes, without a type too (section 3.1.2)", () => {
    const event = decode(`{${HEAD},"data_base64":"eyAieHl6IjogMTIzIH0="}`);
    assert.deepEqual(event.data, new TextEncoder().encode('{ "xyz": 123 }'));
    assert.ok(!Object.hasOwn(event, "datacontenttype"));
    assert.ok(!Object.hasOwn(event, "data_base64"));
  });

  it("does not interpret data_base64 under a JSON type", () => {
    const event = decode(`{${HEAD},"datacontenttype":"application/json","data_base64":"MQ=="}`);
    assert.deepEqual(event.data, new Uint8Array([0x31]));
  });

  it("leaves a string under a JSON type a string (section 3.1.2)", () => {
    assert.equal(
      decode(`{${HEAD},"datacontenttype":"application/json","data":"{\\"a\\":1}"}`).data,
      '{"a":1}',
    );
    assert.equal(decode(`{${HEAD},"data":"1"}`).data, "1");
  });

  it("refuses data and data_base64 together, and base64 that is none", () => {
    for (const members of [
      '"data":1,"data_base64":"MQ=="',
      '"data":null,"data_base64":"MQ=="',
      '"data_base64":1',
      '"data_base64":"MQ"',
      '"data_base64":"MQ=\\n="',
      '"data_base64":"M-_="',
      '"data_base64":"MR=="',
      '"data_base64":"="',
      '"data_base64":"===="',
    ]) {
      assert.throws(
        () => decode(`{${HEAD},${members}}`),
        { code: "invalid_data", attribute: "data" },
        members,
      );
    }
  });

  it("refuses data that is no string under a type that is not JSON", () => {
    assert.throws(() => decode(`{${HEAD},"datacontenttype":"text/xml","data":{"a":1}}`), {
      code: "invalid_data",
    });
    assert.equal(decode(`{${HEAD},"datacontenttype":"text/xml","data":"<a/>"}`).data, "<a/>");
  });

  it("refuses what is no JSON object in UTF-8, and keeps the cause", () => {
    for (const input of [
      "",
      "{",
      "[]",
      "1",
      "null",
      '"x"',
      new Uint8Array([0xff]),
      new Uint8Array([0x22, 0xc0, 0xa0, 0x22]),
    ]) {
      assert.throws(() => decode(input), { code: "invalid_format" });
    }
    assert.throws(
      () => decode("{"),
      (error: Error) => error.cause instanceof SyntaxError,
    );
  });

  it("refuses JSON that is too large or too deep", () => {
    const deep = `{${HEAD},"data":${"[".repeat(2000)}${"]".repeat(2000)}}`;
    assert.throws(() => decode(deep), { code: "limit_exceeded" });
    assert.ok(decode(deep, { maxDepth: 2001 }).data);
    assert.throws(() => decode(deep, { maxDepth: 2000 }), { code: "limit_exceeded" });
    assert.throws(() => decode(EVENT, { maxBytes: EVENT.length - 1 }), { code: "limit_exceeded" });
    assert.ok(decode(EVENT, { maxBytes: EVENT.length }));
  });

  it("does not count brackets in strings and in siblings as depth", () => {
    assert.ok(decode(`{${HEAD},"data":"${'[{\\"\\\\'.repeat(2000)}"}`));
    assert.ok(decode(`{${HEAD},"data":[${"[],{},".repeat(2000)}0]}`));
  });

  it("takes integers in full when asked to", () => {
    const text = `{${HEAD},"data":{"a":12345678901234567890,"b":1,"c":1.5,"d":1e400,"e":-9007199254740993}}`;
    assert.deepEqual(decode(text, { integers: "bigint" }).data, {
      a: 12345678901234567890n,
      b: 1,
      c: 1.5,
      d: Infinity,
      e: -9007199254740993n,
    });
    assert.deepEqual(decode(text).data, {
      a: 12345678901234567000,
      b: 1,
      c: 1.5,
      d: Infinity,
      e: -9007199254740992,
    });
    assert.throws(() => decode(`{${HEAD},"data":${"9".repeat(5000)}}`, { integers: "bigint" }), {
      code: "limit_exceeded",
    });
    assert.throws(() => decode(`{${HEAD},"comexample":12345678901234567890}`, { integers: "bigint" }), {
      attribute: "comexample",
    });
  });
});

describe("the JSON format: encode", () => {
  it("is what JSON.stringify gives, bytes aside", () => {
    const event = createEvent({
      type: "t",
      source: "/s",
      subject: 'quote " and \\ and ü 😀',
      sampledrate: 5,
      deprecated: true,
      data: { a: [null] },
    });
    assert.equal(encode(event), JSON.stringify(event));
  });

  it("writes bytes as data_base64, in the place of data", () => {
    const event = createEvent({
      type: "t",
      source: "/s",
      id: "1",
      time: null,
      data: Buffer.from([0, 255, 16]),
      comexample: 1,
    });
    assert.equal(
      encode(event),
      '{"specversion":"1.0","type":"t","source":"/s","id":"1","data_base64":"AP8Q","comexample":1}',
    );
  });

  it("validates literals, and writes no unset attribute", () => {
    const literal: CloudEvent = JSON.parse(`{${HEAD},"subject":null}`);
    assert.equal(encode(literal), `{${HEAD}}`);
    assert.throws(() => encode({ specversion: "1.0", id: "", source: "/s", type: "t" }), {
      code: "invalid_attribute",
      attribute: "id",
    });
    const event = createEvent({ type: "t", source: "/s", data: 1 });
    assert.throws(() => encode({ ...event, type: "a\nb" }), { attribute: "type" });
    assert.throws(() => encode({ ...event, data_base64: "MQ==" }), { code: "invalid_attribute_name" });
  });

  it("looks at the texts of a frozen event no more, but at everything else", () => {
    const frozen = (changes: object): CloudEvent =>
      Object.freeze({ specversion: "1.0", id: "1", source: "/s", type: "t", ...changes });
    assert.equal(encode(frozen({})), `{${HEAD}}`);
    for (const changes of [{ id: "" }, { id: 1 }, { type: undefined }, { "a-b": "x" }, { comexample: {} }]) {
      assert.throws(() => encode(frozen(changes)), CloudEventError, JSON.stringify(changes));
    }
    // Wrong, and frozen by somebody else: it does no harm on the wire.
    assert.ok(encode(frozen({ subject: "a\nb" })).endsWith('"subject":"a\\nb"}'));
    assert.throws(() => encode(frozen({ datacontenttype: "a/b\r\nx: y" })), { attribute: "datacontenttype" });
  });

  it("refuses data that is no JSON, and says what a bigint needs", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    let deep: unknown = null;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    for (const data of [cycle, deep, { n: 1n }]) {
      const event = createEvent({ type: "t", source: "/s", data });
      assert.throws(
        () => encode(event),
        (error: unknown) =>
          error instanceof CloudEventError && error.code === "invalid_data" && error.cause instanceof Error,
      );
    }
    assert.throws(() => encode(createEvent({ type: "t", source: "/s", data: 1n })), /integers: "bigint"/);
  });

  it("writes integers in full when asked to", () => {
    const event = createEvent({
      type: "t",
      source: "/s",
      id: "1",
      time: null,
      data: { n: 12345678901234567890n },
    });
    assert.equal(
      encode(event, { integers: "bigint" }),
      '{"specversion":"1.0","type":"t","source":"/s","id":"1","data":{"n":12345678901234567890}}',
    );
  });
});

describe("the JSON batch format", () => {
  const good = createEvent({ type: "t", source: "/s", data: 1 });
  const binary = withAttributes(good, { id: "b", data: new Uint8Array([1, 2, 3]) });

  it("encodes an array and decodes it", () => {
    assert.deepEqual(decodeBatch(encode([good, binary])), { events: [good, binary], errors: [] });
    assert.equal(encode([]), "[]");
    assert.deepEqual(decodeBatch("[]"), { events: [], errors: [] });
  });

  it("reports bad events by index and decodes their neighbours", () => {
    const batch = `[${encode(good)},{"specversion":"1.0"},${encode(binary)},null,[1],{${HEAD},"time":"now"}]`;
    const { events, errors } = decodeBatch(batch);
    assert.deepEqual(events, [good, binary]);
    assert.deepEqual(
      errors.map(({ index, code, attribute }) => ({ index, code, attribute })),
      [
        { index: 1, code: "missing_attribute", attribute: "id" },
        { index: 3, code: "invalid_format", attribute: undefined },
        { index: 4, code: "invalid_format", attribute: undefined },
        { index: 5, code: "invalid_attribute", attribute: "time" },
      ],
    );
    assert.match(errors[3]?.message ?? "", /^event 5: "time": expected a timestamp/);
  });

  it("names the event that cannot be encoded", () => {
    assert.throws(() => encode([good, withAttributes(good, { data: 1n })]), {
      code: "invalid_data",
      index: 1,
    });
    assert.throws(() => encode([good, { ...good, id: "" }]), { code: "invalid_attribute", index: 1 });
  });

  it("refuses what is no array, and too many events", () => {
    assert.throws(() => decodeBatch(encode(good)), { code: "invalid_format" });
    assert.throws(() => decodeBatch(`[${encode(good)},${encode(good)}]`, { maxEvents: 1 }), {
      code: "limit_exceeded",
    });
  });
});
