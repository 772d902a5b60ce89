/** Credentials go to the configured endpoint and nowhere else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "../../../src/secret.ts";
import { post, reasonOf } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

for (const status of [300, 301, 302, 303, 305, 307, 308]) {
  test(`a redirect is not followed, so that Authorization reaches no other host: ${status}`, async () => {
    await using elsewhere = await new Receiver().listen();
    await using receiver = await new Receiver().listen();
    receiver.answer = (_request, response) => {
      response.writeHead(status, { location: elsewhere.url(), refresh: `0;url=${elsewhere.url()}` }).end();
    };
    const outcome = await post(receiver.url(), { headers: [["Authorization", new Secret("Bearer t0ken")]] });
    assert.equal(outcome.kind, "parked");
    assert.match(reasonOf(outcome), /redirects are not followed/);
    assert.equal(receiver.requests[0]?.headers.authorization, "Bearer t0ken");
    assert.equal(elsewhere.connections, 0);
  });
}
