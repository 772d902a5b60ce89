import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import type { Sink } from "../../../src/contracts.ts";
import { createHttpSink } from "../../../src/deliver/http/http-sink.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { FactsOfTest } from "../rig.ts";
import { Receiver } from "./receiver.ts";

const NEVER = new AbortController().signal;

// The receiver may have taken the event. undici cannot read on past a 100; see the endpoint.
test("a 100 Continue that nobody asked for is a retry that says so", async () => {
  await using receiver = await new Receiver().listen();
  receiver.answer = (_request, response) => {
    response.writeContinue();
    response.writeHead(200).end();
  };
  await using sink = open(receiver.url());
  const [outcome] = await sink.send(sinkEvents({ id: "1" }), NEVER);
  assert.equal(outcome?.kind, "retry");
  assert.match(
    outcome.kind === "retry" ? outcome.reason : "",
    /the receiver sent 100 Continue without being asked/,
  );
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
    await using sink = open(receiver.url());
    assert.deepEqual(await sink.send(sinkEvents({ id: "1" }), NEVER), [{ kind: "delivered" }]);
  });
}

function open(endpoint: string): Sink & AsyncDisposable {
  const sink = createHttpSink(
    {
      kind: "http",
      name: "default",
      endpoint,
      headers: [],
      batchSize: 1,
      flushIntervalMs: 0,
      contentMode: "structured",
      timeoutMs: 10_000,
      maxInFlight: 1,
      tls: undefined,
      overrides: {},
    },
    { clock: systemClock, facts: new FactsOfTest() },
  );
  return Object.assign(sink, { [Symbol.asyncDispose]: () => sink.close() });
}
