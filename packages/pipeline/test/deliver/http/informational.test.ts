import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { openSink, reasonOf, sendOne } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

// The receiver may have taken the event. undici cannot read on past a 100; see the endpoint.
test("a 100 Continue that nobody asked for is a retry that says so", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (_request, response) => {
    response.writeContinue();
    response.writeHead(200).end();
  };
  await using sink = openSink(receiver.url());
  const outcome = await sendOne(sink);
  assert.equal(outcome.kind, "retry");
  assert.match(reasonOf(outcome), /the receiver sent 100 Continue without being asked/);
});

for (const [name, hint] of [
  ["102 Processing", (response: ServerResponse) => response.writeProcessing()],
  ["103 Early Hints", (response: ServerResponse) => response.writeEarlyHints({ link: "</a>; rel=preload" })],
] as const) {
  test(`a ${name} before the answer is passed over`, async () => {
    await using receiver = await new Receiver().listen();
    receiver.answer = (_request, response) => {
      hint(response);
      response.writeHead(200).end();
    };
    await using sink = openSink(receiver.url());
    assert.deepEqual(await sendOne(sink), { kind: "delivered" });
  });
}
