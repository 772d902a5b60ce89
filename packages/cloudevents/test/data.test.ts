/** Data that JSON cannot hold is refused where an event is made of it, and not written as something else. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { createEvent, validateEvent, withAttributes } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";

const INIT = { specversion: "1.0", id: "1", source: "/s", type: "t", time: null } as const;
const HEADERS = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };

class Money {
  readonly #amount = 5;
  get amount(): number {
    return this.#amount;
  }
}

class Order {
  readonly total = 9.5;
  readonly lines: readonly string[] = ["a"];
  isPaid(): boolean {
    return this.total > 0;
  }
}

/** What JSON.stringify writes as `{}`, as `null`, as numbers, or not at all. */
const LOST: Readonly<Record<string, unknown>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  function: () => 1,
  symbol: Symbol("x"),
  Promise: Promise.resolve(1),
  Map: new Map([[1, 2]]),
  Set: new Set([1]),
  WeakMap: new WeakMap(),
  Error: new Error("x"),
  "Error with properties": Object.assign(new Error("x"), { errno: 1 }),
  RegExp: /x/,
  Blob: new Blob(["x"]),
  ReadableStream: new Blob(["x"]).stream(),
  Request: new Request("http://localhost/"),
  Headers: new Headers({ a: "b" }),
  FormData: new FormData(),
  URLSearchParams: new URLSearchParams("a=1"),
  ArrayBuffer: new ArrayBuffer(1),
  SharedArrayBuffer: new SharedArrayBuffer(1),
  "ArrayBuffer of another realm": runInNewContext("new ArrayBuffer(1)"),
  "Map of another realm": runInNewContext("new Map([[1, 2]])"),
  "invalid Date": new Date(Number.NaN),
  "invalid Date of another realm": runInNewContext("new Date(NaN)"),
  Float64Array: new Float64Array(1),
  DataView: new DataView(new ArrayBuffer(1)),
  "class whose fields are all private": new Money(),
  "object that inherits all it has": Object.create({ a: 1 }),
};

describe("data that JSON cannot hold", () => {
  for (const [name, data] of Object.entries(LOST)) {
    it(`is refused: ${name}, by itself and inside other data`, () => {
      for (const given of [
        data,
        { a: data },
        [data],
        { a: [{ b: data }] },
        new (class {
          a = data;
        })(),
      ]) {
        assert.throws(() => createEvent({ ...INIT, data: given }), {
          code: "invalid_data",
          attribute: "data",
        });
        assert.throws(() => withAttributes(createEvent(INIT), { data: given }), { code: "invalid_data" });
        assert.throws(() => validateEvent({ ...INIT, data: given }), { code: "invalid_data" });
        assert.throws(() => json.encode({ ...INIT, data: given, time: "2026-01-01T00:00:00Z" }), {
          code: "invalid_data",
        });
      }
    });
  }

  it("is refused: bytes inside other data, which would become numbers", () => {
    for (const bytes of [new Uint8Array([1]), Buffer.from("x")]) {
      for (const data of [{ bytes }, [bytes]]) {
        assert.throws(() => createEvent({ ...INIT, data }), {
          code: "invalid_data",
          message: /all of the data/,
        });
      }
    }
  });

  it("is refused: undefined in an array, which would become null", () => {
    assert.throws(() => createEvent({ ...INIT, data: [undefined] }), { code: "invalid_data" });
    assert.throws(() => createEvent({ ...INIT, data: { a: new Array(1) } }), { code: "invalid_data" });
  });

  it("is refused: a cycle, and what is nested deeper than decode would read", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    let deep: unknown = 1;
    for (let depth = 0; depth < 999; depth++) deep = [deep];
    for (const data of [cycle, [cycle], [deep]]) {
      assert.throws(() => createEvent({ ...INIT, data }), { code: "limit_exceeded", attribute: "data" });
    }
    const event = createEvent({ ...INIT, data: deep });
    assert.deepEqual(json.decode(json.encode(event)), event);
  });

  it("is refused: what cannot be read, with the cause", () => {
    const cause = new Error("x");
    const data = {
      get a() {
        throw cause;
      },
    };
    assert.throws(() => createEvent({ ...INIT, data }), { code: "invalid_data", cause });
  });

  it("is not written: a number that was beyond a double's range when it was read", () => {
    const event = json.decode('{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1e400}');
    assert.equal(event.data, Infinity);
    assert.throws(() => json.encode(event), { code: "invalid_data" });
    assert.throws(() => http.encode(event, { mode: "binary" }), { code: "invalid_data" });
  });

  it("says to await a promise and to read a stream", () => {
    assert.throws(() => createEvent({ ...INIT, data: Promise.resolve() }), { message: /await it first/ });
    assert.throws(() => createEvent({ ...INIT, data: { s: new Blob([]).stream() } }), {
      message: /read it first/,
    });
  });
});

describe("data that JSON can hold", () => {
  for (const [name, data, text] of [
    ["an undefined member, which is as if absent", { a: undefined, b: 1 }, '{"b":1}'],
    ["a Date, which has a toJSON", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["a URL, which has a toJSON", new URL("http://a/"), '"http://a/"'],
    ["an own toJSON, whatever stands beside it", { a: Number.NaN, toJSON: () => ({ b: 1 }) }, '{"b":1}'],
    ["an object of a class with properties", new Order(), '{"total":9.5,"lines":["a"]}'],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ["empty objects and arrays", { a: {}, b: [] }, '{"a":{},"b":[]}'],
    ["an empty object of another realm", runInNewContext("({ a: {}, b: [] })"), '{"a":{},"b":[]}'],
    ["a key keyed by a symbol, which is left out", { [Symbol("x")]: 1, a: 1 }, '{"a":1}'],
    ["lone surrogates", { "\ud800": "\udfff" }, '{"\\ud800":"\\udfff"}'],
  ] as const) {
    it(`is taken: ${name}`, () => {
      const event = createEvent<unknown>({ ...INIT, data });
      assert.equal(event.data, data);
      assert.equal(json.encode(event), JSON.stringify({ ...event }));
      assert.equal(http.encode(event, { mode: "binary" }).body, text);
    });
  }

  it("is refused when its toJSON leaves nothing of it, which would be sent without a word", () => {
    const data = { a: 1, toJSON: () => undefined };
    assert.throws(() => createEvent({ ...INIT, data }), { code: "invalid_data", message: /toJSON/ });
    const within = createEvent({ ...INIT, data: { data, b: 1 } });
    assert.equal(http.encode(within, { mode: "binary" }).body, '{"b":1}');
  });

  it("is not looked at again when only an attribute changes", () => {
    const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;
    const event = json.decode(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${deep}}`, {
      maxDepth: 5000,
    });
    assert.equal(withAttributes(event, { subject: "42" }).data, event.data);
  });
});

describe("data that a framework has parsed", () => {
  const parts = { headers: { ...HEADERS, "content-type": "application/json" } };
  const structured = { headers: { "content-type": "application/cloudevents+json" } };
  const batched = { headers: { "content-type": "application/cloudevents-batch+json" } };

  it("is checked like data that is given", () => {
    for (const data of [{ a: Number.NaN }, { a: new Map() }, [undefined]]) {
      assert.throws(() => http.decode({ ...parts, body: data }), { code: "invalid_data" });
      assert.throws(() => http.decode({ ...structured, body: { ...INIT, data } }), { code: "invalid_data" });
    }
  });

  it("is held to maxDepth", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 5000; depth++) deep = [deep];
    assert.throws(() => http.decode({ ...parts, body: deep }), { code: "limit_exceeded" });
    assert.throws(() => http.decode({ ...structured, body: { ...INIT, data: deep } }), {
      code: "limit_exceeded",
    });
    const { events, errors } = http.decodeBatch({ ...batched, body: [INIT, { ...INIT, data: deep }] });
    assert.deepEqual(
      [events.length, errors.map(({ index, code }) => [index, code])],
      [1, [[1, "limit_exceeded"]]],
    );
    const body = { ...INIT, data: [[1]] };
    assert.throws(() => http.decode({ ...structured, body }, { maxDepth: 2 }), { code: "limit_exceeded" });
    assert.ok(http.decode({ ...structured, body }, { maxDepth: 3 }));
  });
});
