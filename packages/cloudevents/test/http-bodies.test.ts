/** Bodies that are not what the caller, or the headers, say they are. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { type CloudEvent, CloudEventError, createEvent } from "@coresdk/cloudevents";
import { decode, decodeBatch, encode } from "@coresdk/cloudevents/http";
import * as kafka from "@coresdk/cloudevents/kafka";

const HEADERS = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };
const TYPES = [
  "application/json",
  "text/plain",
  "application/cloudevents+json",
  "application/cloudevents-batch+json",
] as const;

describe("a body that has not been read", () => {
  const unread = {
    "a stream": () => new Blob(["{}"]).stream(),
    "a Node stream": () => Readable.from(["{}"]),
    "a Blob": () => new Blob(["{}"]),
    "a promise": () => Promise.resolve("{}"),
    "a Request": () => new Request("http://localhost/"),
    FormData: () => new FormData(),
    "a Map": () => new Map(),
  };
  for (const [name, make] of Object.entries(unread)) {
    it(`is refused, and how to read it is said: ${name}`, () => {
      for (const type of TYPES) {
        const message = { headers: { ...HEADERS, "content-type": type }, body: make() };
        const run = type === TYPES[3] ? decodeBatch : decode;
        assert.throws(
          () => run(message),
          { code: "invalid_argument", message: /request\.arrayBuffer\(\)/ },
          type,
        );
      }
    });
  }

  it("is refused: a Request instead of its headers and its body", () => {
    const message = new Request("http://localhost/", {
      method: "POST",
      headers: { ...HEADERS, "content-type": "application/json" },
      body: "{}",
    });
    assert.throws(() => decode(message), { code: "invalid_argument" });
  });

  it("is missed when a request of Node is given as it is, instead of losing the data", async (t) => {
    const codes: unknown[] = [];
    const server = createServer((incoming, response) => {
      try {
        codes.push(decode(incoming).type);
      } catch (error) {
        codes.push(error instanceof CloudEventError ? error.code : error);
      }
      incoming.resume();
      response.end();
    });
    t.after(() => server.close());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(isAddress(address));
    const post = async (headers: Record<string, string>, body: string): Promise<void> => {
      const sent = request({ port: address.port, host: "127.0.0.1", method: "POST", headers, agent: false });
      sent.end(body);
      const [response] = await once(sent, "response");
      response.resume();
      await once(response, "end");
    };
    await post({ ...HEADERS, "content-length": "2" }, "{}");
    await post({ ...HEADERS, "transfer-encoding": "chunked" }, "{}");
    await post({ ...HEADERS, "content-length": "0" }, "");
    assert.deepEqual(codes, ["invalid_argument", "invalid_argument", "t"]);
  });

  it("is not asked for where there is none", () => {
    for (const headers of [
      HEADERS,
      { ...HEADERS, "Content-Length": "0" },
      { ...HEADERS, "content-length": undefined },
    ]) {
      assert.equal(decode({ headers }).id, "1");
    }
    assert.equal(decode({ headers: { ...HEADERS, "content-length": "2" }, body: null }).id, "1");
  });
});

function isAddress(address: unknown): address is AddressInfo {
  return typeof address === "object" && address !== null && "port" in address;
}

describe("a body of another realm", () => {
  it("is read: an ArrayBuffer and a Uint8Array", () => {
    const headers = { ...HEADERS, "content-type": "application/json" };
    for (const code of ["new Uint8Array([49]).buffer", "new Uint8Array([49])"]) {
      assert.equal(decode({ headers, body: runInNewContext(code) }).data, 1, code);
    }
  });

  it("is refused: memory that threads share, which is neither bytes nor JSON", () => {
    for (const type of TYPES.slice(0, 3)) {
      const headers = { ...HEADERS, "content-type": type };
      assert.throws(() => decode({ headers, body: new SharedArrayBuffer(1) }), CloudEventError, type);
    }
  });
});

describe("a charset other than UTF-8", () => {
  const headers = { ...HEADERS, "content-type": "text/plain; charset=iso-8859-1" };

  it("needs the bytes: text that somebody decoded would be labelled with what it is no longer", () => {
    assert.throws(() => decode({ headers, body: "é" }), { code: "invalid_data", message: /bytes/ });
  });

  it("keeps the bytes, which are sent on as they came", () => {
    const body = Buffer.from("é", "latin1");
    const event = decode({ headers, body });
    assert.deepEqual(event.data, new Uint8Array([0xe9]));
    const sent = encode(event, { mode: "binary" });
    assert.deepEqual(
      [sent.headers["content-type"], sent.body],
      [headers["content-type"], new Uint8Array([0xe9])],
    );
  });
});

describe("text under us-ascii that is not ASCII", () => {
  const datacontenttype = "text/plain; charset=us-ascii";
  const headers = { ...HEADERS, "content-type": datacontenttype };

  it("is refused, instead of written in UTF-8 under the name of another charset", () => {
    const event = createEvent({ type: "t", source: "/s", datacontenttype, data: "é" });
    for (const encodeBinary of [encode, kafka.encode]) {
      assert.throws(() => encodeBinary(event, { mode: "binary" }), {
        code: "invalid_data",
        message: /Uint8Array/,
      });
    }
    assert.deepEqual(decode(encode(event)), event);
    assert.throws(() => decode({ headers, body: "é" }), { code: "invalid_data", message: /bytes/ });
  });

  it("stays bytes when it was received, and is sent on as it came", () => {
    const event = decode({ headers, body: Buffer.from("é") });
    assert.deepEqual(event.data, new Uint8Array([0xc3, 0xa9]));
    assert.deepEqual(decode(encode(event, { mode: "binary" })), event);
  });

  it("is not what ASCII is: that is text, both ways", () => {
    const event = decode({ headers, body: Buffer.from("e") });
    assert.equal(event.data, "e");
    assert.equal(encode(event, { mode: "binary" }).body, "e");
  });
});

describe("JSON under a charset, which it does not have (RFC 8259, section 11)", () => {
  for (const charset of ["ISO-8859-1", "us-ascii", "windows-1252", "utf-16"]) {
    it(`is read as UTF-8 and sent on so that it means the same in ${charset}`, () => {
      const headers = { ...HEADERS, "content-type": `application/json; charset=${charset}` };
      const data = { é: ["€", "😀", "\u2028", "a"] };
      const event = decode({ headers, body: Buffer.from(JSON.stringify(data)) });
      assert.deepEqual(event.data, data);
      for (const { contentType, body } of [sentOverHttp(event), sentToKafka(event)]) {
        assert.equal(contentType, headers["content-type"]);
        assert.equal(body, String.raw`{"\u00e9":["\u20ac","\ud83d\ude00","\u2028","a"]}`);
      }
      assert.deepEqual(decode(encode(event, { mode: "binary" })), event);
    });
  }

  it("is written as it is under UTF-8 and without a charset", () => {
    for (const datacontenttype of [
      "application/json",
      "application/json; charset=UTF-8",
      "text/json;charset=utf8",
    ]) {
      const event = createEvent({ type: "t", source: "/s", datacontenttype, data: "é" });
      assert.equal(encode(event, { mode: "binary" }).body, '"é"');
    }
  });

  it("is refused when its bytes are another charset's", () => {
    const headers = { ...HEADERS, "content-type": "application/json; charset=ISO-8859-1" };
    assert.throws(() => decode({ headers, body: Buffer.from('"é"', "latin1") }), { code: "invalid_data" });
  });
});

function sentOverHttp(event: CloudEvent): { contentType: unknown; body: unknown } {
  const { headers, body } = encode(event, { mode: "binary" });
  return { contentType: headers["content-type"], body };
}

function sentToKafka(event: CloudEvent): { contentType: unknown; body: unknown } {
  const { headers, value } = kafka.encode(event, { mode: "binary" });
  return { contentType: headers["content-type"], body: value };
}

describe("a body that a framework has parsed", () => {
  const headers = { ...HEADERS, "content-type": "application/json" };

  it("is the data when it is an object, an array, a number or a boolean", () => {
    for (const body of [{ a: 1 }, [1], {}, [], 5, 0, true, false]) {
      assert.deepEqual(decode({ headers: { ...headers, "content-length": "9" }, body }).data, body);
    }
  });

  it("is null where content-length says that there was one, and no data where there was no body", () => {
    const decodeNull = (given: Record<string, string>): CloudEvent =>
      decode({ headers: { ...headers, ...given }, body: null });
    assert.deepEqual(decodeNull({ "content-length": "4" }), decode({ headers, body: "null" }));
    for (const given of [
      {},
      { "content-length": "0" },
      { "transfer-encoding": "chunked" },
      { "content-length": "4", "content-type": "text/plain" },
    ]) {
      assert.ok(!Object.hasOwn(decodeNull(given), "data"), JSON.stringify(given));
    }
  });

  it("cannot be told from the body's text when it is a string, and is read as that", () => {
    assert.equal(decode({ headers, body: '"5"' }).data, "5");
    assert.equal(decode({ headers, body: "5" }).data, 5);
    assert.throws(() => decode({ headers, body: "hello" }), { code: "invalid_data" });
  });
});

describe("a message that is no CloudEvent", () => {
  const none = [
    { headers: { "content-type": "text/plain" }, body: "hello" },
    { headers: { "content-type": "application/json" }, body: "{}" },
    { headers: {}, body: null },
  ];

  it("is thrown by decodeBatch as by decode, so that a receiver can answer 415", () => {
    for (const message of none) {
      for (const run of [decode, decodeBatch]) {
        assert.throws(() => run(message), { code: "not_a_cloudevent", index: undefined });
      }
    }
  });

  it("is something else than an event that is wrong, which is among the errors", () => {
    const { events, errors } = decodeBatch({ headers: { "ce-id": "1" }, body: "" });
    assert.deepEqual(events, []);
    assert.deepEqual(
      errors.map(({ code, index }) => [code, index]),
      [["missing_attribute", 0]],
    );
  });
});

describe("data that is itself an event", () => {
  const inner = { specversion: "1.0", id: "INNER", source: "/other", type: "inner" };

  it("is refused in binary mode, where the receiver would take it for the event", () => {
    for (const datacontenttype of [
      "application/cloudevents+json",
      "Application/CloudEvents-batch+JSON; charset=UTF-8",
      "application/cloudevents",
      "application/cloudeventsx+json",
    ]) {
      for (const data of [inner, undefined, new Uint8Array([1])]) {
        const event = createEvent({
          type: "t",
          source: "/s",
          datacontenttype,
          ...(datacontenttype.endsWith("json") || data !== inner ? { data } : {}),
        });
        assert.throws(
          () => encode(event, { mode: "binary" }),
          { code: "invalid_attribute", attribute: "datacontenttype", message: /structured mode/ },
          datacontenttype,
        );
        assert.deepEqual(decode(encode(event)), event);
      }
    }
  });
});

describe("white space around a header's value", () => {
  it("is taken off, and no other character is", () => {
    assert.equal(decode({ headers: { ...HEADERS, "ce-subject": " \t a b\t " } }).subject, "a b");
    for (const space of ["\u00a0", "\u2003", "\ufeff"]) {
      const headers = { ...HEADERS, "content-type": `${space}application/json` };
      assert.throws(() => decode({ headers, body: "1" }), { attribute: "datacontenttype" });
    }
  });
});
