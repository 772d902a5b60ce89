import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkAttribute } from "@coresdk/cloudevents";
import fc from "fast-check";

const isReference = (text: string): boolean => checkAttribute("source", text) === undefined;
const isAbsolute = (text: string): boolean => checkAttribute("dataschema", text) === undefined;

describe("URI-reference (RFC 3986, section 4.1)", () => {
  it("takes the examples of the specification", () => {
    for (const text of [
      "https://github.com/cloudevents",
      "mailto:cncf-wg-serverless@lists.cncf.io",
      "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
      "/cloudevents/spec/pull/123",
      "/sensors/tn-1234567/alerts",
      "1-555-123-4567",
    ]) {
      assert.ok(isReference(text), text);
    }
  });

  it("takes every form of the grammar", () => {
    for (const text of [
      "a",
      "/",
      "//host",
      "//host/",
      "//",
      "?query",
      "#fragment",
      "a/b?c=d#e",
      "./a:b",
      "/a:b",
      "a/b:c",
      "http://user:pass@host:8080/p?q#f",
      "http://[::1]/",
      "http://[2001:db8::7]:80/x",
      "http://[v1.a:b]/",
      "http://[::ffff:192.0.2.1]/",
      "http://[1:2:3:4:5:6:7:8]",
      "http://host:/",
      "http://%41.example/",
      "x:",
      "file:///etc/hosts",
      "tel:+1-816-555-1212",
      "news:comp.infosystems",
      "/%E2%82%AC",
      "/a//b",
      "a?b?c/d#e?f/g",
      "http:a",
      "http:/a",
      "http:?q",
    ]) {
      assert.ok(isReference(text), text);
    }
  });

  it("refuses what is outside of it", () => {
    for (const text of [
      "",
      " ",
      "a b",
      ":a",
      "1a:b",
      "a_b:c",
      "/%",
      "/%4",
      "/%4g",
      "/€",
      "a#b#c",
      "a\\b",
      "<a>",
      "a|b",
      "a^b",
      "{a}",
      "`",
      '"',
      "http://[::1",
      "http://::1/",
      "http://[::1]x/",
      "http://[1::2::3]/",
      "http://[:::]/",
      "http://[12345::]/",
      "http://[1:2:3:4:5:6:7:8:9]/",
      "http://[::256.0.0.1]/",
      "http://[v.a]/",
      "http://[]/",
      "http://host:8a/",
      "//a:b",
      "http://a@b@c/",
      "http://h[/",
      "/[",
      "/]",
      "?[",
      "http://[1:2:3:4:5:6:7]/",
      "http://[1.2.3.4::]/",
      "http://h\u0000/",
      "http://[::%41]/",
      "http://host:%38/",
    ]) {
      assert.ok(!isReference(text), text);
    }
  });

  it("takes time that grows with the length alone", () => {
    // A backtracking expression would not come back from one of these.
    for (const unit of ["a", "a/", "/", ":", "%41", "a:", "//", "1.", "[::", "@"]) {
      for (const end of ["", "\n", "[", ":"]) {
        checkAttribute("source", unit.repeat(200_000) + end);
        checkAttribute("source", `http://${unit.repeat(200_000)}${end}`);
        checkAttribute("dataschema", `http://[${unit.repeat(200_000)}]${end}`);
      }
    }
  });

  it("takes whatever URL makes of a text", () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        assert.ok(isReference(new URL(url).href), url);
      }),
    );
  });
});

describe("URI (RFC 3986, section 4.3)", () => {
  it("has a scheme and no fragment", () => {
    for (const text of ["https://schemas.acme.com/order/2", "urn:schema:order", "http://h?q", "a:"]) {
      assert.ok(isAbsolute(text), text);
    }
    for (const text of [
      "",
      "/order",
      "order",
      "//host/x",
      "https://h/x#part",
      "?q",
      "#f",
      "1:x",
      "http://a b",
    ]) {
      assert.ok(!isAbsolute(text), text);
    }
  });
});
