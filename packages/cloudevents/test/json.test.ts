import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { type CloudEvent, CloudEventError, createEvent, withAttributes } from "@coresdk/cloudevents";
import { decode, decodeBatch, encode } from "@coresdk/cloudevents/json";

const HEAD = '"specversion":"1.0","id":"1","source":"/s","type":"t"';
const EVENT = `{${HEAD},"data":{"a":1}}`;

/** What the cause of an error says. */
function faultOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof CloudEventError && error.cause instanceof Error) return error.cause.message;
  }
  return undefined;
}

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
      `\ufeff${EVENT}`,
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

  it("takes one byte order mark, in text and in bytes alike", () => {
    for (const input of [`\ufeff\ufeff${EVENT}`, new TextEncoder().encode(`\ufeff\ufeff${EVENT}`)]) {
      assert.throws(() => decode(input), { code: "invalid_format" });
    }
  });

  it("keeps the message out of its errors, causes included, and says where it goes wrong", () => {
    const secret = "hunter2";
    for (const text of [
      `{"pw":${secret}}`,
      `${secret}`,
      `{"a":"${"x".repeat(500)}","pw":${secret}}`,
      `["${secret}"`,
    ]) {
      assert.throws(
        () => decode(text),
        (error) =>
          error instanceof CloudEventError &&
          error.cause instanceof SyntaxError &&
          !inspect(error, { depth: 10 })
            .replace(/^ +at .*$/gm, "")
            .includes(secret),
        text,
      );
    }
    assert.equal(
      faultOf(() => decode(`{"a":"${"x".repeat(500)}",pw}`)),
      "not JSON at position 508",
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

  it("validates a frozen object that somebody else made like any other", () => {
    const frozen = (changes: object): CloudEvent =>
      Object.freeze({ specversion: "1.0", id: "1", source: "/s", type: "t", ...changes });
    assert.equal(encode(frozen({})), `{${HEAD}}`);
    for (const changes of [
      { id: "" },
      { id: 1 },
      { type: undefined },
      { "a-b": "x" },
      { comexample: {} },
      { source: "not a uri {}" },
      { subject: "a\nb" },
      { time: "yesterday" },
      { dataschema: "x y" },
      { comexample: "\ud800" },
      { datacontenttype: "a/b\r\nx: y" },
      { data: new Map([[1, 2]]) },
    ]) {
      assert.throws(() => encode(frozen(changes)), CloudEventError, JSON.stringify(changes));
    }
  });

  it("reads a getter once, so that it cannot give another value after the validation", () => {
    let reads = 0;
    const tricky = Object.freeze({
      specversion: "1.0" as const,
      id: "1",
      source: "/s",
      type: "t",
      get comexample() {
        return reads++ === 0 ? "right" : "wr\u0000ng";
      },
    });
    assert.equal(JSON.parse(encode(tricky)).comexample, "right");
    assert.equal(reads, 1);
  });

  it("writes the own attributes of an object that has a toJSON of its class", () => {
    class Event {
      readonly specversion = "1.0";
      readonly id = "1";
      readonly source = "/s";
      readonly type = "t";
      toJSON(): unknown {
        return { other: true };
      }
    }
    assert.equal(encode({ ...new Event() }), `{${HEAD}}`);
    assert.equal(encode(Object.assign(Object.create(Event.prototype), new Event())), `{${HEAD}}`);
  });

  it("says what a bigint needs", () => {
    for (const data of [1n, { n: [1n] }]) {
      const event = createEvent({ type: "t", source: "/s", data });
      assert.throws(() => encode(event), { code: "invalid_data", message: /integers: "bigint"/ });
    }
  });

  it("is not misled by a toJSON on the prototype of bigints", (t) => {
    const event = createEvent({ type: "t", source: "/s", data: { n: 12345678901234567890n } });
    Object.defineProperty(BigInt.prototype, "toJSON", {
      configurable: true,
      value(this: bigint) {
        return String(this);
      },
    });
    t.after(() => Reflect.deleteProperty(BigInt.prototype, "toJSON"));
    assert.throws(() => encode(event), { code: "invalid_data", message: /integers: "bigint"/ });
    assert.match(encode(event, { integers: "bigint" }), /{"n":12345678901234567890}/);
  });

  it("says that data has a cycle since it was created", () => {
    const data: { self?: unknown } = {};
    const event = createEvent({ type: "t", source: "/s", data });
    data.self = data;
    assert.throws(() => encode(event), { code: "invalid_data", message: /without cycles/ });
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

  it("reports an event that is nested too deep by index, and decodes its neighbours", () => {
    const deep = (depth: number): string =>
      `{${HEAD},"data":${"[".repeat(depth)}"]}\\"[{"${"]".repeat(depth)}}`;
    const batch = ` [ ${deep(2)} , ${deep(999)},${deep(1000)} ,${encode(binary)},[${deep(2000)}], ${deep(5)}] `;
    for (const integers of ["number", "bigint"] as const) {
      const { events, errors } = decodeBatch(batch, { integers });
      assert.equal(events.length, 4);
      assert.deepEqual(
        errors.map(({ index, code }) => [index, code]),
        [
          [2, "limit_exceeded"],
          [4, "limit_exceeded"],
        ],
      );
    }
    assert.equal(decodeBatch(`[${deep(1)},${deep(2)}]`, { maxDepth: 2 }).events.length, 1);
    assert.equal(
      faultOf(() => decodeBatch(`[${deep(2000)},{"a" 1}]`)),
      `not JSON at position ${deep(2000).length + 7}`,
    );
  });

  it("refuses a batch that does not end, is no array or is no JSON beside what is nested too deep", () => {
    const deep = "[".repeat(1e6);
    const closed = `${"[".repeat(2000)}${"]".repeat(2000)}`;
    for (const [text, code] of [
      [deep, "limit_exceeded"],
      [`[${EVENT},${deep}`, "limit_exceeded"],
      [`{"a":${closed}}`, "limit_exceeded"],
      [`[${closed}`, "limit_exceeded"],
      [`[${closed},]`, "invalid_format"],
      [`[${closed}]]`, "invalid_format"],
      [`[${closed}] x`, "invalid_format"],
      [`[${closed},"a]`, "invalid_format"],
    ] as const) {
      assert.throws(() => decodeBatch(text), { code }, text.slice(0, 20));
    }
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
