import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSecretHider } from "../../../src/deliver/http/hide-secrets.ts";
import { readings } from "../../../src/deliver/http/readings.ts";
import { Secret } from "../../../src/secret.ts";
import { post } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

const CANARY = 'c4n4ry"5ecret/+';

test("a peer that says what it was sent does not put our secrets into what is kept of a rejection", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = ({ headers, path }, response) => {
    const { authorization = "", "x-api-key": key = "", cookie = "" } = headers;
    const said = [
      authorization,
      authorization.slice("Bearer ".length),
      key,
      cookie,
      path,
      JSON.stringify(headers),
    ];
    response.writeHead(422).end(`${"why ".repeat(20)}${said.join(" | ")}`);
  };
  const outcome = await post(receiver.url(`/in?code=${encodeURIComponent(CANARY)}&x=1`), {
    headers: [
      ["Authorization", new Secret(`Bearer ${CANARY}`)],
      ["X-Api-Key", new Secret(CANARY)],
      ["Cookie", new Secret(`session=${CANARY}; a=b`)],
    ],
  });
  assert.equal(outcome.kind, "rejected");
  const detail = outcome.kind === "rejected" ? outcome.detail : "";
  assert.match(detail, /^HTTP 422 Unprocessable Entity: why why .*\*\*\*/);
  assert.doesNotMatch(detail, /c4n4ry/);
  assert.ok(detail.length < 400);
});

const KEY = "hCANARY/ab+cd==xyz0123456789";
const BASIC = `Basic ${Buffer.from("userCANARYu:pwCANARYp").toString("base64")}`;
const PATH = "/hooks/pathCANARYp?sig=qCANARY%2fab%3dz&name=gr%C3%BCneCANARY&a=1";

const escapeUnits = (text: string): string =>
  text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("+", "&#43;").replaceAll("=", "&#x3D;").replaceAll("/", "&sol;");

const escapeEach = (write: (code: number) => string): ((text: string) => string) => {
  return (text) => [...text].map((character) => write(character.codePointAt(0) ?? 0)).join("");
};

const quotes: readonly (readonly [name: string, quote: (text: string) => string])[] = [
  ["as it is", (text) => text],
  ["as JSON", JSON.stringify],
  ["as JSON with escaped slashes", (text) => JSON.stringify(text).replaceAll("/", "\\/")],
  ["as JSON in ASCII", escapeUnits],
  ["as JSON in JSON", (text) => JSON.stringify(JSON.stringify({ text }).replaceAll("/", "\\/"))],
  ["as a literal with \\x", (text) => text.replace(/[+=/]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`)],
  ["as HTML", escapeHtml],
  ["as HTML in JSON", (text) => JSON.stringify(escapeHtml(text))],
  ["percent-encoded", encodeURIComponent],
  ["percent-encoded in small letters", (text) => encodeURIComponent(text).toLowerCase()],
  ["percent-encoded twice", (text) => encodeURIComponent(encodeURIComponent(text))],
  ["in capitals", (text) => text.toUpperCase()],
  ["as a form reads it", (text) => text.replaceAll("+", " ")],
  ["broken into lines", (text) => text.replace(/.{10}/g, "$&\n")],
  ["as HTML in numbers with leading zeros", escapeEach((code) => `&#${String(code).padStart(12, "0")};`)],
  ["as HTML in hex with leading zeros", escapeEach((code) => `&#x${code.toString(16).padStart(9, "0")};`)],
  ["with code points of JavaScript", escapeEach((code) => `\\u{${code.toString(16).padStart(7, "0")}}`)],
];
for (const [name, quote] of quotes) {
  test(`a peer that quotes what it was sent ${name} does not put our secrets into what is kept`, async () => {
    await using receiver = await new Receiver().listen();
    for (const choose of [
      (_path: string, headers: Readonly<Record<string, unknown>>) => String(headers["x-key"]),
      (_path: string, headers: Readonly<Record<string, unknown>>) => String(headers["authorization"]),
      () => "userCANARYu:pwCANARYp",
      (path: string) => path.slice(path.indexOf("?")),
      (path: string) => `no ${path.slice(0, path.indexOf("?"))}`,
      (path: string) => /sig=([^&]*)/.exec(path)?.[1] ?? "",
      () => "grüneCANARY",
    ]) {
      receiver.answer = ({ headers, path }, response) => {
        response
          .writeHead(400, { "content-type": "text/plain" })
          .end(`bad: ${quote(choose(path, headers))}, sorry`);
      };
      const outcome = await post(receiver.url(PATH), {
        headers: [
          ["Authorization", new Secret(BASIC)],
          ["X-Key", new Secret(KEY)],
        ],
      });
      const detail = outcome.kind === "rejected" ? outcome.detail : "";
      assert.match(detail, /: bad: .*\*\*\*.*, sorry$/);
      assert.doesNotMatch(decodeURIComponent(detail), /canary|dXNlckNBTkFSWXU6/i);
    }
  });
}

const hide = createSecretHider({
  headers: [
    ["X-Key", new Secret(KEY)],
    ["X-Flag", new Secret("on")],
  ],
  endpoint: "https://a.example/in",
  callback: new Secret("https://b.example/confirm?id=1&key=k9Q2x7"),
});

test("a secret with letters beyond ASCII is hidden also with their names in HTML", () => {
  const hideLetters = createSecretHider({
    headers: [["X-Key", new Secret("pässwört-ÿ|é½É")]],
    endpoint: "https://a.example/",
  });
  for (const quoted of [
    "p&auml;ssw&ouml;rt-&yuml;&vert;&eacute;&frac12;&Eacute;",
    "P&Auml;SSW&Ouml;RT-&yuml;&verbar;&eacute;&frac12;&eacute;",
    "p&#228;ssw&#xf6;rt-&yuml;|&#233;&#189;&#201;",
  ]) {
    assert.equal(hideLetters(`no ${quoted} here`), "no *** here", quoted);
  }
});

test("most of a secret is hidden as the whole is, and what is shorter than a word is not looked for", () => {
  assert.equal(hide(`token ${KEY.slice(0, 20)}... is none`), "token ***... is none");
  assert.equal(hide(`token ...${KEY.slice(-12)} is none`), "token ...*** is none");
  assert.equal(hide("the key K9q2X7 is none; go on"), "the key *** is none; go on");
});

test("a text in which no secret is stays the same, whatever is escaped in it", () => {
  for (const text of [
    "",
    "grüße 😀 \ud83d",
    "a\\u00e9 %41%zz &amp;&#9999999; \\",
    `in%2F${"a".repeat(60_000)}`,
  ])
    assert.equal(hide(text), text);
  assert.equal(hide("a".repeat(70_000)).length, 64 * 1024);
});

test("whatever a peer says is read, and each character of a reading has its place in it", () => {
  const pieces = fc.constantFrom(
    "%",
    "\\",
    "u",
    "d83d",
    "\\ude00",
    "x",
    "&#",
    "&#x",
    "1f600",
    ";",
    "&amp;",
    "é",
    "😀",
    "A",
  );
  const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes));
  const texts = fc.oneof(
    units,
    fc.array(pieces).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const { text: read, starts, ends } of readings(text)) {
        assert.equal(starts.length, read.length);
        let last = 0;
        for (const [i, start] of starts.entries()) {
          const end = ends[i] ?? 0;
          assert.ok(last <= start && start < end && end <= text.length);
          last = start;
        }
      }
      hide(text);
    }),
    { seed: 4 },
  );
});

test("a secret is found wherever it stands, in any escapes within escapes", () => {
  const escapes = fc.array(fc.constantFrom(...quotes.slice(0, 10).map(([, quote]) => quote)), {
    maxLength: 2,
  });
  fc.assert(
    fc.property(fc.lorem(), escapes, fc.lorem(), (before, layers, after) => {
      const quoted = layers.reduce((text, quote) => quote(text), KEY);
      const hidden = hide(`${before} ${quoted} ${after}`);
      assert.ok(hidden.startsWith(before) && hidden.endsWith(after));
      assert.match(hidden, /\*\*\*/);
      assert.ok(hidden.length <= before.length + after.length + 80, hidden);
    }),
    { seed: 5 },
  );
});
