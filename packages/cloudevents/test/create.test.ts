import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CloudEventError,
  type CloudEventInit,
  createEvent,
  validateEvent,
  withAttributes,
} from "@coresdk/cloudevents";

const INIT = { type: "com.acme.order.created", source: "/orders" };

describe("createEvent", () => {
  it("makes a plain frozen object whose own properties are its attributes", () => {
    const event = createEvent({ ...INIT, subject: "42", data: { total: 9.5 } });
    assert.equal(Object.getPrototypeOf(event), Object.prototype);
    assert.ok(Object.isFrozen(event));
    assert.deepEqual(Object.keys(event), ["specversion", "id", "time", "type", "source", "subject", "data"]);
    assert.deepEqual(JSON.parse(JSON.stringify(event)), event);
  });

  it("leaves the data to its owner", () => {
    const data = { list: [1] };
    const event = createEvent({ ...INIT, data });
    assert.equal(event.data, data);
    data.list.push(2);
    assert.deepEqual(event.data?.list, [1, 2]);
  });

  it("fills in specversion, a ULID of now, and now", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 2, 19, 14, 35) });
    const event = createEvent(INIT);
    assert.equal(event.specversion, "1.0");
    assert.equal(event.time, "2026-03-19T14:35:00.000Z");
    assert.match(event.id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    // 48 bits of milliseconds, in Crockford's base32.
    const digits = Array.from(event.id.slice(0, 10), (digit) =>
      "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(digit),
    );
    assert.equal(
      digits.reduce((ms, digit) => ms * 32 + digit, 0),
      Date.now(),
    );
  });

  it("gives different ids", () => {
    assert.equal(new Set(Array.from({ length: 10_000 }, () => createEvent(INIT).id)).size, 10_000);
  });

  it("keeps what is given, in the order in which it is given", () => {
    const given = {
      id: "1",
      subject: "s",
      ...INIT,
      time: "2018-04-05T17:31:00.123456789+02:00",
      comexample: 5,
      specversion: "1.0",
    } as const;
    const event = createEvent(given);
    assert.deepEqual(event, given);
    assert.deepEqual(Object.keys(event), [
      "specversion",
      "id",
      "subject",
      "type",
      "source",
      "time",
      "comexample",
    ]);
  });

  it("leaves out what is keyed by a symbol or inherited", () => {
    const init: CloudEventInit = Object.assign(Object.create({ inherited: "x" }), {
      type: "t",
      source: "/s",
      [Symbol()]: 1,
    });
    assert.deepEqual(Reflect.ownKeys(createEvent(init)), ["specversion", "id", "time", "type", "source"]);
  });

  it("refuses data_base64, which is a member of the JSON format and no attribute", () => {
    assert.throws(() => createEvent({ type: "t", source: "/s", data_base64: "AA==" }), {
      code: "invalid_attribute_name",
    });
  });

  it("takes undefined as not given, and null as unset", () => {
    const event = createEvent({ ...INIT, id: undefined, time: null, subject: undefined, comexample: null });
    assert.ok(event.id);
    assert.deepEqual(Object.keys(event).sort(), ["id", "source", "specversion", "type"]);
  });

  it("takes a Date and bytes where the type system has a Timestamp and a Binary", () => {
    const event = createEvent({
      ...INIT,
      time: new Date(Date.UTC(2020, 0, 2)),
      expirytime: new Date(Date.UTC(2020, 0, 3)).toISOString(),
      comdate: new Date(Date.UTC(2020, 0, 4)),
      combytes: new Uint8Array([0xff, 0xfe]),
    });
    assert.equal(event.time, "2020-01-02T00:00:00.000Z");
    assert.equal(event["comdate"], "2020-01-04T00:00:00.000Z");
    assert.equal(event["combytes"], "//4=");
  });

  it("refuses a Date and bytes where the attribute is of another type", () => {
    for (const name of [
      "id",
      "type",
      "source",
      "subject",
      "dataschema",
      "datacontenttype",
      "traceparent",
      "dataref",
      "sampledrate",
      "deprecated",
      "dssematerial",
    ]) {
      assert.throws(() => createEvent({ ...INIT, [name]: new Date(0) }), { attribute: name }, name);
    }
    for (const name of [
      "id",
      "type",
      "source",
      "subject",
      "time",
      "recordedtime",
      "traceparent",
      "severitynumber",
    ]) {
      assert.throws(() => createEvent({ ...INIT, [name]: new Uint8Array([1]) }), { attribute: name }, name);
    }
    const event = createEvent({ ...INIT, recordedtime: new Date(0), dssematerial: new Uint8Array([1]) });
    assert.equal(event.recordedtime, "1970-01-01T00:00:00.000Z");
    assert.equal(event.dssematerial, "AQ==");
  });

  it("takes data_base64 that is undefined as absent, as objects of other SDKs have it", () => {
    const event = createEvent({ ...INIT, data_base64: undefined, data: 1 });
    assert.ok(!Object.hasOwn(event, "data_base64"));
    assert.equal(validateEvent({ ...event, data_base64: undefined, "not-a-name": undefined }).data, 1);
  });

  it("refuses an invalid Date instead of taking now", () => {
    assert.throws(() => createEvent({ ...INIT, time: new Date(Number.NaN) }), {
      code: "invalid_attribute",
      attribute: "time",
    });
  });

  it("takes any JSON value, text and bytes as data, and keeps null apart from nothing", () => {
    for (const data of [
      0,
      false,
      "",
      null,
      true,
      1.5,
      "text",
      [],
      {},
      new Uint8Array([1]),
      Buffer.from("x"),
    ]) {
      const event = createEvent({ ...INIT, data });
      assert.ok(Object.hasOwn(event, "data"));
      assert.equal(event.data, data);
    }
    assert.ok(!Object.hasOwn(createEvent(INIT), "data"));
    assert.ok(!Object.hasOwn(createEvent({ ...INIT, data: undefined }), "data"));
  });

  it("refuses data that no format can carry", () => {
    for (const data of [
      () => 1,
      Symbol("x"),
      Number.NaN,
      Infinity,
      new ArrayBuffer(1),
      new Float64Array(1),
      new DataView(new ArrayBuffer(1)),
    ]) {
      assert.throws(() => createEvent({ ...INIT, data }), { code: "invalid_data", attribute: "data" });
    }
  });

  it("does not let __proto__ reach a prototype", () => {
    const init: unknown = JSON.parse('{"type":"t","source":"/s","__proto__":{"polluted":true}}');
    assert.ok(isInit(init));
    assert.throws(() => createEvent(init), { code: "invalid_attribute_name", attribute: "__proto__" });
    const event = createEvent({
      ...INIT,
      data: JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
    });
    assert.equal(Reflect.get({}, "polluted"), undefined);
    assert.equal(JSON.stringify(event.data), '{"__proto__":{"polluted":true},"constructor":1}');
  });

  it("does not change what it is given", () => {
    const init = Object.freeze({ ...INIT, sampledrate: 1, subject: null });
    createEvent(init);
    assert.deepEqual(init, { ...INIT, sampledrate: 1, subject: null });
  });
});

function isInit(value: unknown): value is { type: string; source: string } {
  return typeof value === "object" && value !== null;
}

describe("withAttributes", () => {
  const event = createEvent({ ...INIT, id: "1", subject: "42", data: { total: 9.5 } });

  it("gives a changed copy and leaves the event", () => {
    const copy = withAttributes(event, { subject: "43", partitionkey: "43" });
    assert.deepEqual(copy, { ...event, subject: "43", partitionkey: "43" });
    assert.equal(event.subject, "42");
    assert.ok(Object.isFrozen(copy));
    assert.deepEqual(Object.keys(copy), [...Object.keys(event), "partitionkey"]);
  });

  it("removes what is undefined", () => {
    const copy = withAttributes(event, { subject: undefined, time: null, data: undefined });
    assert.deepEqual(Object.keys(copy), ["specversion", "type", "source", "id"]);
  });

  it("changes the data to one of another type", () => {
    assert.equal(withAttributes(event, { data: "text", datacontenttype: "text/plain" }).data, "text");
    assert.equal(withAttributes(event, { data: null }).data, null);
  });

  it("validates the outcome", () => {
    assert.throws(() => withAttributes(event, { id: undefined }), {
      code: "missing_attribute",
      attribute: "id",
    });
    assert.throws(() => withAttributes(event, { datacontenttype: "text/plain" }), { code: "invalid_data" });
    assert.throws(() => withAttributes(event, { "not-a-name": "x" }), { code: "invalid_attribute_name" });
  });
});

describe("validateEvent", () => {
  it("takes what came from another thread", () => {
    const event = createEvent({ ...INIT, data: new Uint8Array([1, 2]) });
    const copy = structuredClone(event);
    assert.deepEqual(validateEvent(copy), event);
    assert.ok(!Object.isFrozen(copy));
  });

  it("fills nothing in", () => {
    assert.throws(
      () => validateEvent({ ...INIT }),
      (error) => error instanceof CloudEventError && error.code === "missing_attribute",
    );
  });
});
