/** What the limits count, and that what is within them going out is within them coming in. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CloudEvent, createEvent } from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";

const HEAD = '"specversion":"1.0","id":"1","source":"/s","type":"t"';
const ATTRIBUTES = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };

/** Data of that many levels, made without recursion. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe("maxBytes", () => {
  // One, two, three and four bytes a character; each text is three quarters of ASCII.
  for (const character of ["a", "é", "€", "😀"]) {
    const text = `{${HEAD},"data":"${"x".repeat(200)}${character.repeat(100)}"}`;
    const size = new TextEncoder().encode(text).length;

    it(`counts the bytes of a text in UTF-8, as it counts those of bytes: ${character}`, () => {
      const decoders: readonly ((body: string | Uint8Array, maxBytes: number) => unknown)[] = [
        (body, maxBytes) => json.decode(body, { maxBytes }),
        (body, maxBytes) =>
          http.decode({ headers: { ...ATTRIBUTES, "content-type": "text/plain" }, body }, { maxBytes }),
        (body, maxBytes) => http.decode({ headers: ATTRIBUTES, body }, { maxBytes }),
        (body, maxBytes) =>
          kafka.decode(
            { headers: { "content-type": "application/cloudevents+json" }, value: body },
            { maxBytes },
          ),
      ];
      for (const decode of decoders) {
        for (const body of [text, new TextEncoder().encode(text)]) {
          assert.ok(decode(body, size));
          assert.throws(() => decode(body, size - 1), { code: "limit_exceeded" });
        }
      }
    });
  }

  it("refuses 36 MiB of text, which is half as many characters as bytes, by default", () => {
    const text = `{${HEAD},"data":"${"€".repeat(12 * 1024 * 1024)}"}`;
    assert.throws(() => json.decode(text), { code: "limit_exceeded", message: /16777216 bytes/ });
  });
});

describe("data of as many levels as can be created", () => {
  const event = createEvent({ type: "t", source: "/s", data: nested(999) });
  const ways: readonly (readonly [string, (event: CloudEvent) => CloudEvent | undefined])[] = [
    ["the JSON format", (sent) => json.decode(json.encode(sent))],
    [
      "the JSON batch format, where the array is a level more",
      (sent) => json.decodeBatch(json.encode([sent])).events[0],
    ],
    ["HTTP structured", (sent) => http.decode(http.encode(sent))],
    ["HTTP binary", (sent) => http.decode(http.encode(sent, { mode: "binary" }))],
    ["HTTP batched", (sent) => http.decodeBatch(http.encode([sent])).events[0]],
    [
      "a batch that a framework has parsed",
      (sent) => http.decodeBatch({ ...http.encode([sent]), body: JSON.parse(json.encode([sent])) }).events[0],
    ],
    ["Kafka binary", (sent) => kafka.decode(kafka.encode(sent, { mode: "binary" }))],
  ];
  for (const [name, way] of ways) {
    it(`comes back through ${name}`, () => {
      assert.equal(JSON.stringify(way(event)?.data), JSON.stringify(event.data));
    });
  }

  it("has a level less than what is refused, in binary mode too: it could not be sent in structured mode", () => {
    const body = JSON.stringify(nested(1000));
    const headers = { ...ATTRIBUTES, "content-type": "application/json" };
    for (const given of [body, JSON.parse(body)]) {
      assert.throws(() => http.decode({ headers, body: given }), { code: "limit_exceeded" });
    }
    assert.throws(() => json.decode(`{${HEAD},"data":${body}}`), { code: "limit_exceeded" });
    assert.equal(json.decodeBatch(`[{${HEAD},"data":${body}}]`).errors[0]?.code, "limit_exceeded");
  });
});
