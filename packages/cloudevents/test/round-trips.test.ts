import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CloudEvent } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";
import fc from "fast-check";
import { events } from "./arbitraries.ts";

/** `-0` is `0` in JSON text, whoever writes it. */
function viaJson(value: unknown): unknown {
  return value instanceof Uint8Array || value === undefined ? value : JSON.parse(JSON.stringify(value));
}

function normal(event: CloudEvent): Record<string, unknown> {
  return Object.hasOwn(event, "data") ? { ...event, data: viaJson(event.data) } : { ...event };
}

/**
 * What binary mode makes of an event: headers carry an extension without a documented type as its canonical
 * string, the implied media type is explicit, and a JSON type has no way to hold bytes that are no JSON.
 */
function inBinaryMode(event: CloudEvent): Record<string, unknown> {
  const expected = normal(event);
  for (const [name, value] of Object.entries(expected)) {
    if (name.startsWith("x")) expected[name] = String(value);
  }
  if (
    Object.hasOwn(event, "data") &&
    event.datacontenttype === undefined &&
    !(event.data instanceof Uint8Array)
  ) {
    expected["datacontenttype"] = "application/json";
  }
  // No bytes without a type are no data on the wire.
  if (event.data instanceof Uint8Array && event.data.length === 0 && event.datacontenttype === undefined) {
    delete expected["data"];
  }
  return expected;
}

const encoder = new TextEncoder();
const asBytes = (text: string | Uint8Array | null): Uint8Array | null =>
  typeof text === "string" ? encoder.encode(text) : text;

describe("round trips", () => {
  it("JSON, from text and from bytes", () => {
    fc.assert(
      fc.property(events, (event) => {
        const text = json.encode(event);
        assert.deepEqual(json.decode(text), normal(event));
        assert.deepEqual(json.decode(encoder.encode(text)), normal(event));
        assert.equal(json.encode(json.decode(text)), text);
      }),
    );
  });

  it("JSON batch", () => {
    fc.assert(
      fc.property(fc.array(events, { maxLength: 5 }), (batch) => {
        assert.deepEqual(json.decodeBatch(json.encode(batch)), { events: batch.map(normal), errors: [] });
      }),
    );
  });

  it("HTTP structured and batched", () => {
    fc.assert(
      fc.property(events, (event) => {
        assert.deepEqual(http.decode(http.encode(event)), normal(event));
        assert.deepEqual(http.decodeBatch(http.encode([event, event])).events, [
          normal(event),
          normal(event),
        ]);
      }),
    );
  });

  it("HTTP binary, through the headers that fetch allows", () => {
    fc.assert(
      fc.property(events, (event) => {
        const { headers, body } = http.encode(event, { mode: "binary" });
        assert.deepEqual(http.decode({ headers, body }), inBinaryMode(event));
        const sent = { headers: new Headers(headers), body: asBytes(body ?? null) };
        assert.deepEqual(http.decode(sent), inBinaryMode(event));
      }),
    );
  });

  it("Kafka structured", () => {
    fc.assert(
      fc.property(events, fc.boolean(), (event, attributeHeaders) => {
        const { headers, value } = kafka.encode(event, { attributeHeaders });
        assert.deepEqual(kafka.decode({ headers, value: asBytes(value) }), normal(event));
      }),
    );
  });

  it("Kafka binary, with headers in text and in bytes", () => {
    fc.assert(
      fc.property(events, (event) => {
        const { headers, value } = kafka.encode(event, { mode: "binary" });
        assert.deepEqual(kafka.decode({ headers, value }), inBinaryMode(event));
        const sent = Object.entries(headers).map(
          ([name, text]) => [encoder.encode(name), encoder.encode(text)] as const,
        );
        assert.deepEqual(
          kafka.decode({ headers: new Map(sent), value: asBytes(value) }),
          inBinaryMode(event),
        );
      }),
    );
  });

  it("from one binding to another and back", () => {
    fc.assert(
      fc.property(events, (event) => {
        const first = http.decode(http.encode(event, { mode: "binary" }));
        const second = kafka.decode(kafka.encode(first, { mode: "binary" }));
        assert.deepEqual(http.decode(http.encode(second)), first);
      }),
    );
  });
});
