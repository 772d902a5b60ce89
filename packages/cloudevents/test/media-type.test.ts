import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CloudEventError, checkAttribute, createEvent } from "@coresdk/cloudevents";
import { decode } from "@coresdk/cloudevents/http";

const ATTRIBUTES = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };

function dataUnder(contentType: string, body: string): unknown {
  return decode({
    headers: { ...ATTRIBUTES, "content-type": contentType },
    body: new TextEncoder().encode(body),
  }).data;
}

describe("media types (RFC 2045, RFC 2046)", () => {
  it("takes types with and without parameters", () => {
    for (const text of [
      "application/json",
      "text/plain; charset=utf-8",
      "TEXT/Plain; CharSet=UTF-8",
      'text/x; a="b;\\"c"; d=e',
      "application/vnd.api+json",
      "a/b",
      "multipart/form-data; boundary=----x",
      "text/plain;charset=utf-8 ; x=y",
    ]) {
      assert.equal(checkAttribute("datacontenttype", text), undefined, text);
    }
  });

  it("takes empty parameters, a trailing semicolon among them (RFC 9110, section 5.6.6), and keeps the text", () => {
    for (const text of [
      "application/json;",
      "application/json; ",
      "application/json ;;\t; a=b;",
      "a/b; c=d;;",
    ]) {
      assert.equal(checkAttribute("datacontenttype", text), undefined, text);
    }
    const headers = { ...ATTRIBUTES, "content-type": "application/json; ;charset=utf-8;" };
    const event = decode({ headers, body: "{}" });
    assert.deepEqual([event.datacontenttype, event.data], ["application/json; ;charset=utf-8;", {}]);
    assert.deepEqual(dataUnder("text/plain; ;charset=iso-8859-1;", "ü"), new Uint8Array([0xc3, 0xbc]));
  });

  it("refuses what is none", () => {
    for (const text of [
      "",
      "json",
      "application/",
      "/json",
      "application/json; charset",
      "a/b; c=",
      "a/b; =d",
      'a/b; c="d',
      "a b/c",
      "a/b c",
      "a/b/c",
      "a/b; c=d e",
      "text/plain\n",
      "téxt/plain",
      "a/b,c/d",
      "a/b;;c",
      "a/b; c=d; ,",
    ]) {
      assert.ok(checkAttribute("datacontenttype", text), text);
    }
  });

  it("are compared without regard to case, parameters aside", () => {
    for (const type of [
      "application/json",
      "Application/JSON",
      "text/json",
      "application/json; charset=utf-8",
      "application/problem+JSON; x=y",
      "application/ld+json",
    ]) {
      assert.deepEqual(dataUnder(type, '{"a":1}'), { a: 1 }, type);
    }
  });

  it("make text of text and XML in UTF-8, and bytes of the rest", () => {
    for (const type of [
      "text/plain",
      "TEXT/Plain; CharSet=utf-8",
      "text/html; charset=UTF-8",
      "application/xml",
      "application/atom+xml",
    ]) {
      assert.equal(dataUnder(type, "ü"), "ü", type);
    }
    for (const type of [
      "application/octet-stream",
      "image/png",
      "application/x-json",
      "text/plain; charset=iso-8859-1",
      "application/jsonx",
    ]) {
      assert.deepEqual(dataUnder(type, "ü"), new Uint8Array([0xc3, 0xbc]), type);
    }
  });

  it("that are not JSON have text or bytes under them", () => {
    assert.throws(
      () => createEvent({ type: "t", source: "/s", datacontenttype: "text/plain", data: { a: 1 } }),
      (error) =>
        error instanceof CloudEventError && error.code === "invalid_data" && error.attribute === "data",
    );
    for (const data of ["text", new Uint8Array([1])]) {
      assert.equal(createEvent({ type: "t", source: "/s", datacontenttype: "text/plain", data }).data, data);
    }
  });
});
