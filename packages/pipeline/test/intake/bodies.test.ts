/** Request and response bodies never get in (semantics, section 3). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataShape } from "../../src/draft.ts";
import type { AnyValue } from "../../src/log-event.ts";
import { logEvent, mapOf, takeEvents, textsOf, wrapped } from "./take-in.ts";

for (const name of [
  "http.request.body.content",
  "http.response.body.content",
  "request.body",
  "response.body",
  "rpc.request.body",
  "messaging.message.body",
  "db.query.parameter.password",
  "db.operation.parameter.0",
  "graphql.variables",
  "http.request.body",
  "httpRequestBody",
  "http.request.body.user.email",
  "coresdk.request.body",
  "messaging.message.payload",
  "http.requestbody",
  `${"x.".repeat(400)}request.body`,
  `request.body.${"size.".repeat(400)}text`,
]) {
  test(`a body never gets in: ${name.slice(-60)}`, () => {
    for (const eventName of ["x.y", "io.coresdk.error"]) {
      for (const data of ["attributes", "record"] as const) {
        const result = takeEvents([logEvent({ eventName, attributes: { [name]: "secret" } })], { data });
        assert.doesNotMatch(textsOf(result).join(), /secret/);
        assert.equal(result.bodiesLeftOut, 1);
      }
    }
  });
}

test("bodies within map-valued attributes and bodies are left out as well", () => {
  const attributes = {
    http: mapOf({ request: mapOf({ body: mapOf({ content: "secret", size: 6 }), id: 1 }) }),
  };
  const body = mapOf({ request: mapOf({ body: "secret" }), note: "n" });
  const result = takeEvents([logEvent({ attributes, body })]);
  assert.doesNotMatch(textsOf(result).join(), /secret/);
  assert.equal(result.bodiesLeftOut, 2);
});

test("bodies within lists of maps are left out as well, in every shape", () => {
  const calls = (): AnyValue => [1, [mapOf({ id: 1, "request.body": "secret" })], mapOf({ note: "n" })];
  for (const data of ["attributes", "body", "record"] as const satisfies readonly DataShape[]) {
    const event = logEvent({ attributes: { calls: calls() }, body: calls() });
    const before = structuredClone(event.attributes.values);
    const result = takeEvents([event], { data });
    assert.doesNotMatch(textsOf(result).join(), /secret/);
    assert.equal(result.bodiesLeftOut, data === "body" ? 1 : 2);
    assert.deepEqual(structuredClone(event.attributes.values), before);
  }
  assert.deepEqual(wrapped({ attributes: { calls: calls() } }).data, {
    calls: [1, [{ id: 1 }], { note: "n" }],
  });
});

test("a nested key goes on where the name of its map ended, at any length", () => {
  const held = (outer: string, inner: string): number =>
    takeEvents([logEvent({ attributes: { [outer]: mapOf({ [inner]: "x" }) } })]).bodiesLeftOut;
  assert.equal(held("http.request.body.size", "text"), 1);
  assert.equal(held("user.body", "text"), 0);
  assert.equal(held(`graphql${".x".repeat(1000)}`, "variables"), 1);
  assert.equal(held(`${"x.".repeat(1000)}request`, "body"), 1);
  assert.equal(held("request", "body.size"), 0);
});

test("a name of a megabyte is read in one pass", () => {
  const name = `graphql${".variables.db.query.body".repeat(40_000)}`;
  assert.equal(takeEvents([logEvent({ attributes: { [name]: "secret" } })]).bodiesLeftOut, 1);
});

for (const name of [
  "http.request.body.size",
  "http.response.body.size",
  "messaging.message.body.size",
  "messaging.message_payload_compressed_size_bytes",
  "request.body.content_type",
  "user.body",
  "db.query.text",
  "http.request.header.x-params",
  "graphql.operation.name",
]) {
  test(`what only speaks of a body stays: ${name}`, () => {
    assert.deepEqual(wrapped({ attributes: { [name]: 7 } }).data, { [name]: 7 });
  });
}
