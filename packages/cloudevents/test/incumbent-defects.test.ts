/** What users of the npm package `cloudevents` met; each test is named after the defect. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import {
  type CloudEvent,
  CloudEventError,
  createEvent,
  type DocumentedExtensions,
} from "@coresdk/cloudevents";
import * as http from "@coresdk/cloudevents/http";
import * as json from "@coresdk/cloudevents/json";
import * as kafka from "@coresdk/cloudevents/kafka";

const HEAD = '"specversion":"1.0","id":"1","source":"/s","type":"t"';
const STRUCTURED = { "content-type": "application/cloudevents+json" };
const ATTRIBUTES = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };

function structured(members: string): ReturnType<typeof http.decode> {
  return http.decode({ headers: STRUCTURED, body: `{${members}}` });
}

describe("defects of the incumbent", () => {
  it("data_base64 decodes to a Uint32Array and corrupts binary payloads (#643, #491, #343)", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { data } = structured(`${HEAD},"data_base64":"${Buffer.from(bytes).toString("base64")}"`);
    assert.ok(data instanceof Uint8Array);
    assert.deepEqual(data, bytes);
    const event = createEvent({ type: "t", source: "/s", data: bytes });
    assert.deepEqual(http.decode(http.encode(event)).data, bytes);
    assert.deepEqual(http.decode(http.encode(event, { mode: "binary" })).data, bytes);
  });

  it("decoding accepts an event with no type and invents specversion (#597)", () => {
    assert.throws(() => structured('"specversion":"1.0","id":"1","source":"/s"'), {
      code: "missing_attribute",
      attribute: "type",
    });
    assert.throws(() => structured('"type":"t","id":"1","source":"/s"'), {
      code: "missing_attribute",
      attribute: "specversion",
    });
    for (const name of ["ce-specversion", "ce-type", "ce-id", "ce-source"]) {
      const headers = { ...ATTRIBUTES, [name]: undefined };
      assert.throws(() => http.decode({ headers }), { code: "missing_attribute", attribute: name.slice(3) });
    }
  });

  it("decoding invents an id and a time", () => {
    assert.throws(() => structured('"specversion":"1.0","type":"t","source":"/s"'), {
      code: "missing_attribute",
      attribute: "id",
    });
    assert.ok(!Object.hasOwn(structured(HEAD), "time"));
  });

  it("an invalid time silently becomes now (#386)", () => {
    for (const time of ["", "yesterday", "2026-02-30T00:00:00Z", "1522949460000"]) {
      assert.throws(() => structured(`${HEAD},"time":"${time}"`), {
        code: "invalid_attribute",
        attribute: "time",
      });
      assert.throws(() => http.decode({ headers: { ...ATTRIBUTES, "ce-time": time } }), {
        attribute: "time",
      });
      assert.throws(() => createEvent({ type: "t", source: "/s", time }), { attribute: "time" });
    }
  });

  it("a time loses its fraction and its offset", () => {
    const time = "2026-03-19T16:35:00.123456789+02:00";
    assert.equal(structured(`${HEAD},"time":"${time}"`).time, time);
    assert.equal(
      http.encode(createEvent({ type: "t", source: "/s", time }), { mode: "binary" }).headers["ce-time"],
      time,
    );
  });

  it("falsy data is dropped in structured mode", () => {
    for (const data of [0, false, "", null]) {
      const event = createEvent({ type: "t", source: "/s", data });
      const decoded = http.decode(http.encode(event));
      assert.ok(Object.hasOwn(decoded, "data"), String(data));
      assert.equal(decoded.data, data);
    }
  });

  it("true and 1.5 become strings in binary mode", () => {
    for (const data of [true, false, 1.5, 0, null, "", "text"]) {
      const event = createEvent({ type: "t", source: "/s", data });
      assert.equal(http.decode(http.encode(event, { mode: "binary" })).data, data);
      assert.equal(kafka.decode(kafka.encode(event, { mode: "binary" })).data, data);
    }
  });

  it("attribute values that are not ASCII are not percent-encoded in HTTP headers: sending throws (cloudevents/spec#1397)", () => {
    const subject = "Grüße, 世界 😀";
    const message = http.encode(createEvent({ type: "t", source: "/s", subject }), { mode: "binary" });
    // The check that Node and fetch make before they send.
    assert.doesNotThrow(() => new Headers(message.headers));
    assert.match(message.headers["ce-subject"] ?? "", /^[\x21-\x7e]+$/);
    assert.equal(http.decode({ headers: new Headers(message.headers) }).subject, subject);
  });

  it("media types are compared as exact strings: a charset is refused", () => {
    const headers = { "Content-Type": "application/cloudevents+json;charset=UTF-8" };
    assert.equal(http.decode({ headers, body: `{${HEAD}}` }).type, "t");
  });

  it("media types are compared as exact strings: +json data is not parsed", () => {
    for (const type of ["application/foo+json", "application/json; charset=utf-8", "Application/JSON"]) {
      const headers = { ...ATTRIBUTES, "content-type": type };
      assert.deepEqual(http.decode({ headers, body: '{"a":1}' }).data, { a: 1 });
    }
  });

  it("one bad event fails a whole batch", () => {
    const body = `[{${HEAD}},{},{${HEAD}}]`;
    const batch = http.decodeBatch({
      headers: { "content-type": "application/cloudevents-batch+json" },
      body,
    });
    assert.equal(batch.events.length, 2);
    assert.deepEqual(
      batch.errors.map((error) => [error.index, error.attribute]),
      [[1, "specversion"]],
    );
  });

  it("batches can be received but not sent", () => {
    const events = [
      createEvent({ type: "t", source: "/s", data: 1 }),
      createEvent({ type: "t", source: "/s", data: 2 }),
    ];
    assert.deepEqual(http.decodeBatch(http.encode(events)).events, events);
  });

  it("Kafka: a partitionkey is overwritten with the record key", () => {
    const event = createEvent({ type: "t", source: "/s", partitionkey: "p", data: 1 });
    for (const mode of ["structured", "binary"] as const) {
      const record = kafka.encode(event, { mode, key: "k" });
      assert.equal(record.key, "k");
      assert.equal(kafka.decode(record).partitionkey, "p");
    }
    const without = kafka.encode(createEvent({ type: "t", source: "/s" }), { key: "k" });
    assert.ok(!Object.hasOwn(kafka.decode(without), "partitionkey"));
  });

  it("Kafka: a null value is refused", () => {
    const event = createEvent({ type: "t", source: "/s", time: null });
    const record = kafka.encode(event, { mode: "binary" });
    assert.equal(record.value, null);
    assert.deepEqual(kafka.decode(record), { specversion: "1.0", id: event.id, source: "/s", type: "t" });
  });

  it("Kafka: header values must already be strings though every client hands over bytes", () => {
    const headers = {
      ce_specversion: Buffer.from("1.0"),
      ce_id: Buffer.from("1"),
      ce_source: Buffer.from("/s"),
      ce_type: Buffer.from("t"),
      "content-type": Buffer.from("application/json"),
    };
    assert.deepEqual(kafka.decode({ value: Buffer.from('{"a":1}'), headers }).data, { a: 1 });
  });

  it("Kafka: ce_datacontenttype is emitted", () => {
    const event = createEvent({ type: "t", source: "/s", datacontenttype: "application/json", data: 1 });
    for (const options of [{ mode: "binary" }, { attributeHeaders: true }] as const) {
      assert.ok(!Object.hasOwn(kafka.encode(event, options).headers, "ce_datacontenttype"));
    }
  });

  it("CommonJS only: each entry is an ES module (#621)", async () => {
    const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
    assert.equal(manifest.type, "module");
    assert.ok(!Object.hasOwn(manifest, "main"));
    const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json");
    assert.deepEqual(entries, [".", "./json", "./http", "./kafka"]);
    for (const entry of entries) {
      const { default: file, ...conditions } = manifest.exports[entry];
      // No file for `require` alone, with a second copy of everything.
      assert.deepEqual(Object.keys(conditions), ["coresdk-source", "types"]);
      assert.match(file, /^\.\/dist\/.+\.js$/);
      const loaded: object = await import(`@coresdk/cloudevents${entry.slice(1)}`);
      assert.ok(Object.keys(loaded).length > 0);
      // What comes of a CommonJS module has a default export, and what is made from one says so.
      assert.ok(!Object.hasOwn(loaded, "default") && !Object.hasOwn(loaded, "__esModule"));
    }
  });

  it("CommonJS only, a browser bundle that fails on http, and code made at run time (#621, #575, #534, #423)", async () => {
    // Bundles are tested in bundle.test.ts; here, that nothing of Node is asked for, and nothing evaluated.
    const root = new URL("../src/", import.meta.url);
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".ts"));
    assert.ok(files.length > 10);
    for (const file of files) {
      const text = await readFile(new URL(file, root), "utf8");
      assert.doesNotMatch(
        text,
        /\b(?:from|import) ?\(?"node:|\brequire\(|\bBuffer\.|\bprocess\.|\beval\(|new Function\(/,
        file,
      );
    }
  });

  it("errors do not say which attribute was wrong (#364)", () => {
    for (const [members, attribute] of [
      ['"specversion":"1.0","id":1,"source":"/s","type":"t"', "id"],
      [`${HEAD},"subject":""`, "subject"],
      [`${HEAD},"dataschema":"relative"`, "dataschema"],
      [`${HEAD},"comexample":{}`, "comexample"],
      [`${HEAD},"datacontenttype":"json"`, "datacontenttype"],
    ] as const) {
      assert.throws(
        () => structured(members),
        (error) =>
          error instanceof CloudEventError &&
          error.attribute === attribute &&
          error.message.includes(`"${attribute}"`) &&
          error.expected !== "",
      );
    }
  });

  it("integers outside the safe range need an environment variable that reassigns the global JSON", () => {
    const { parse, stringify } = JSON;
    const text = `{${HEAD},"data":{"n":9007199254740993}}`;
    const event = json.decode(text, { integers: "bigint" });
    assert.deepEqual(event.data, { n: 9007199254740993n });
    assert.equal(json.encode(event, { integers: "bigint" }), text);
    assert.deepEqual(json.decode(text).data, { n: 9007199254740992 });
    assert.ok(JSON.parse === parse && JSON.stringify === stringify);
  });

  it("no Distributed Tracing extension, no other documented extension typed (#355)", () => {
    // All of cloudevents/extensions. Binary mode says nothing of types: what is no String came back by its documented type.
    const extensions = {
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      tracestate: "a=b",
      partitionkey: "p",
      sequence: "0001",
      severitytext: "INFO",
      severitynumber: 9,
      recordedtime: "2026-03-19T16:35:00Z",
      expirytime: "2026-03-20T16:35:00Z",
      sampledrate: 10,
      authtype: "user",
      authid: "u1",
      authclaims: "{}",
      correlationid: "c",
      causationid: "d",
      dataclassification: "internal",
      dataregulation: "GDPR,HIPAA",
      datacategory: "x",
      dataref: "/data/1",
      deprecated: true,
      deprecationfrom: "2026-03-21T16:35:00Z",
      deprecationsunset: "2026-03-22T16:35:00Z",
      deprecationmigration: "https://example.com/new",
      bamtxid: "1",
      bampid: "2",
      bamptxid: "3",
      bamptxsid: "4",
      bamptxsstatus: "done",
      bamptxcompleted: false,
      opcuametadatamajorversion: 1,
      opcuametadataminorversion: 2,
      opcuastatus: 0,
      dssematerial: "AQID",
    } as const satisfies Required<DocumentedExtensions>;
    const event = createEvent({ type: "t", source: "/s", ...extensions });
    const ways: CloudEvent[] = [
      http.decode(http.encode(event)),
      http.decode(http.encode(event, { mode: "binary" })),
      kafka.decode(kafka.encode(event, { mode: "binary" })),
    ];
    for (const decoded of ways) {
      assert.deepEqual({ ...decoded }, { ...event });
      for (const [name, value] of Object.entries(extensions)) assert.deepEqual(decoded[name], value, name);
    }
  });
});
