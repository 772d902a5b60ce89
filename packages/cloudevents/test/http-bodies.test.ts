/** Bodies that are not what the caller, or the headers, say they are. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { CloudEventError, createEvent } from "@coresdk/cloudevents";
import { decode, decodeBatch, encode } from "@coresdk/cloudevents/http";

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
