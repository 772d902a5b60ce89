/** What callers without types pass: each mistake is named, in a CloudEventError. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CloudEventError,
  checkAttributeName,
  createEvent,
  isEvent,
  validateEvent,
  withAttributes,
} from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";

const event = createEvent({ type: "t", source: "/s", id: "1", subject: "42" });
const text = JSON.stringify(event);

/** Calls as JavaScript does, whatever the types say. */
function call(run: (...args: never) => unknown, ...args: readonly unknown[]): unknown {
  return Reflect.apply(run, undefined, args);
}

function refused(run: (...args: never) => unknown, args: readonly unknown[], message: RegExp = /./): void {
  assert.throws(
    () => call(run, ...args),
    (error) =>
      error instanceof CloudEventError && error.code === "invalid_argument" && message.test(error.message),
    `${run.name}(${String(args[0])})`,
  );
}

describe("an argument that is none", () => {
  it("is named instead of being a TypeError", () => {
    for (const nothing of [undefined, null, 5, "x"]) {
      refused(createEvent, [nothing], /an object that holds attributes/);
      refused(withAttributes, [nothing, {}]);
      refused(withAttributes, [event, nothing]);
      refused(json.encode, [nothing], /an event/);
      refused(http.encode, [nothing], /an event/);
      refused(http.encode, [nothing, { mode: "binary" }], /an event/);
      refused(kafka.encode, [nothing], /an event/);
      refused(http.decode, [nothing], /a message/);
      refused(http.decodeBatch, [nothing], /a message/);
      refused(kafka.decode, [nothing], /a record/);
      refused(http.decode, [{ headers: nothing }], /headers/);
    }
    refused(createEvent, [[]]);
    for (const none of [undefined, null, 5, {}, new DataView(new ArrayBuffer(1)), new SharedArrayBuffer(1)]) {
      refused(json.decode, [none], /text, a Uint8Array or an ArrayBuffer/);
      refused(json.decodeBatch, [none], /text, a Uint8Array or an ArrayBuffer/);
    }
    assert.notEqual(call(checkAttributeName, 5), undefined);
    assert.notEqual(call(checkAttributeName), undefined);
  });
});

describe("an option with a value that it cannot have", () => {
  const message = { headers: { "content-type": "application/cloudevents+json" }, body: text };

  it("is named: limits that would be none", () => {
    for (const option of ["maxBytes", "maxDepth", "maxEvents"]) {
      for (const value of [Number.NaN, Infinity, -1, 1.5, "10", {}]) {
        const options = { [option]: value };
        refused(json.decode, [text, options], new RegExp(option));
        refused(json.decodeBatch, ["[]", options], new RegExp(option));
        refused(http.decode, [message, options], new RegExp(option));
        refused(http.decodeBatch, [message, options], new RegExp(option));
        refused(kafka.decode, [{ ...message, value: text }, options], new RegExp(option));
      }
    }
    assert.deepEqual(json.decode(text, { maxBytes: undefined, maxDepth: 1, maxEvents: 0 }), event);
  });

  it("is named: integers, mode and keyFrom", () => {
    for (const value of ["foo", "BigInt", 1, true, {}]) {
      refused(json.decode, [text, { integers: value }], /integers/);
      refused(json.encode, [event, { integers: value }], /integers/);
      refused(http.encode, [event, { integers: value }], /integers/);
      refused(kafka.encode, [event, { integers: value }], /integers/);
      refused(http.encode, [event, { mode: value }], /mode/);
      refused(kafka.encode, [event, { mode: value }], /mode/);
      refused(kafka.encode, [event, { keyFrom: value }], /keyFrom/);
    }
    for (const keyFrom of ["time", "data", "toString", "__proto__", "nope", null]) {
      refused(kafka.encode, [event, { keyFrom }], /keyFrom/);
    }
    refused(http.encode, [event, { mode: "batch" }], /mode/);
    refused(http.encode, [[event], { mode: "binary" }], /one event/);
  });

  it("is named: a misspelt option, which would be ignored", () => {
    for (const options of [
      { maxbytes: 1 },
      { maxBytes: 1, Mode: "binary" },
      { mode: "binary" },
      { __proto__x: 1 },
    ]) {
      refused(
        json.decode,
        [text, options],
        /the options "integers", "maxBytes", "maxDepth", "maxEvents", not "/,
      );
      refused(json.decodeBatch, ["[]", options], /not "/);
      refused(http.decode, [message, options], /not "/);
      refused(http.decodeBatch, [message, options], /not "/);
      refused(kafka.decode, [{ ...message, value: text }, options], /not "/);
    }
    for (const options of [
      { Mode: "binary" },
      { maxBytes: 1 },
      { Integers: "bigint" },
      { "mode\n": "binary" },
    ]) {
      refused(json.encode, [event, options], /the options "integers", not "/);
      refused(json.encode, [[event], options], /not "/);
      refused(http.encode, [event, options], /the options "integers", "mode", not "/);
      refused(http.encode, [[event], options], /not "/);
      refused(kafka.encode, [event, options], /"keyFrom", "attributeHeaders", not "/);
    }
    refused(json.encode, [event, { mode: "binary" }], /not "mode"/);
    refused(kafka.encode, [event, { keyfrom: "subject" }], /not "keyfrom"/);
    refused(json.decode, [text, { ["x\n".repeat(100)]: 1 }], /not "(?:x\\n){32}"$/);
  });

  it("is not taken for a misspelt one: what the options only inherit, as from Object.prototype", () => {
    const inherited: unknown = Object.create({ somewhereElse: 1 });
    assert.deepEqual(call(json.decode, text, inherited), event);
    assert.equal(call(json.encode, event, inherited), text);
    assert.deepEqual(call(kafka.encode, event, inherited), kafka.encode(event));
  });

  it("is named: options that are no object", () => {
    for (const options of [null, 5, "binary"]) {
      refused(json.decode, [text, options], /options/);
      refused(json.encode, [event, options], /options/);
      refused(http.decode, [message, options], /options/);
      refused(http.encode, [event, options], /options/);
      refused(kafka.encode, [event, options], /options/);
    }
  });

  it("is named: a key that is neither text nor bytes, a mapper's promise included", () => {
    for (const key of [5, {}, true]) refused(kafka.encode, [event, { key }], /key/);
    for (const key of [5, {}, Promise.resolve("x"), true]) {
      refused(kafka.encode, [event, { keyFrom: () => key }], /keyFrom/);
    }
    assert.equal(kafka.encode(event, { keyFrom: () => undefined }).key, null);
    assert.deepEqual(kafka.encode(event, { keyFrom: () => new Uint8Array([1]) }).key, new Uint8Array([1]));
  });
});

describe("isEvent", () => {
  it("knows the events that were made here, whichever way they came in", () => {
    const binary = http.encode(event, { mode: "binary" });
    for (const made of [
      event,
      withAttributes(event, { subject: "43" }),
      validateEvent({ ...event }),
      json.decode(text),
      json.decodeBatch(`[${text}]`).events[0],
      http.decode(binary),
      http.decode({ headers: { "content-type": "application/cloudevents+json" }, body: { ...event } }),
      kafka.decode(kafka.encode(event, { mode: "binary" })),
    ]) {
      assert.equal(isEvent(made), true);
      assert.deepEqual(
        Reflect.ownKeys(made ?? {}).filter((key) => typeof key === "symbol"),
        [],
      );
    }
  });

  it("takes neither a copy nor a literal nor anything else for one", () => {
    for (const other of [
      { ...event },
      Object.freeze({ ...event }),
      structuredClone(event),
      Object.create(event),
      new Proxy(event, {}),
      JSON.parse(text),
      [],
      null,
      undefined,
      "x",
      5,
    ]) {
      assert.equal(isEvent(other), false);
    }
  });
});
