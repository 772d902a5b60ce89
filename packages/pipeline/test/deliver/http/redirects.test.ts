/** Credentials go to the configured endpoint and nowhere else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpSink } from "../../../src/deliver/http/http-sink.ts";
import { Secret } from "../../../src/secret.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { FactsOfTest } from "../rig.ts";
import { Receiver } from "./receiver.ts";

for (const status of [300, 301, 302, 303, 305, 307, 308]) {
  test(`a redirect is not followed, so that Authorization reaches no other host: ${status}`, async () => {
    await using elsewhere = await new Receiver().listen();
    await using receiver = await new Receiver().listen();
    receiver.answer = (_request, response) => {
      response.writeHead(status, { location: elsewhere.url(), refresh: `0;url=${elsewhere.url()}` }).end();
    };
    const sink = createHttpSink(
      {
        kind: "http",
        name: "default",
        endpoint: receiver.url(),
        headers: [["Authorization", new Secret("Bearer t0ken")]],
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
    const [outcome] = await sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
    await sink.close();
    assert.equal(outcome?.kind, "parked");
    assert.match(outcome?.kind === "parked" ? outcome.reason : "", /redirects are not followed/);
    assert.equal(receiver.requests[0]?.headers.authorization, "Bearer t0ken");
    assert.equal(elsewhere.connections, 0);
  });
}
