import assert from "node:assert/strict";
import { test } from "node:test";
import { load, loadError } from "./load.ts";

const door = (token: string): string =>
  `receivers: { otlp: { grpc: { auth: { bearer: ${JSON.stringify(token)} } } } }\n`;

const unusable: readonly [why: string, token: string, message: RegExp][] = [
  ["empty", "", /must not be empty/],
  ["nothing but a line break", "\n", /must not be empty/],
  ["a space at its end", "tok ", /without spaces/],
  ["a space at its beginning", " tok", /without spaces/],
  ["a space within", "Bearer tok", /without spaces/],
  ["a line break within", "a\nb", /without spaces/],
  ["two line breaks at its end", "tok\n\n", /without spaces/],
  ["a letter that is not ASCII", "tök", /visible ASCII/],
  ["a control character", "t\u0007ok", /visible ASCII/],
];

for (const [why, token, message] of unusable) {
  test(`a token that no client can present is refused by name: ${why}`, (t) => {
    const refused = loadError(t, door(token));
    assert.match(refused, /^coresdk-sidecar\.yaml:1:\d+: receivers\.otlp\.grpc\.auth\.bearer must /);
    assert.match(refused, message);
  });
}

test("a line break at the end of a token is not part of it, wherever it came from", (t) => {
  const read = (text: string | undefined, environment = {}): string | undefined =>
    load(t, text, { environment }).settings.receivers.grpc?.bearerToken?.reveal();
  assert.equal(read(door("t0k/en+~._-==\n")), "t0k/en+~._-==");
  assert.equal(read(door("tok\r\n")), "tok");
  assert.equal(read(door("${TOKEN}"), { TOKEN: "tok\n" }), "tok");
  assert.equal(read(undefined, { CORESDK_RECEIVERS_OTLP_GRPC_AUTH_BEARER: "tok\n" }), "tok");
});
