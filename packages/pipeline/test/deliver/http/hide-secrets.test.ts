import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpSink } from "../../../src/deliver/http/http-sink.ts";
import { Secret } from "../../../src/secret.ts";
import { systemClock } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { FactsOfTest } from "../rig.ts";
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
  const sink = createHttpSink(
    {
      kind: "http",
      name: "default",
      endpoint: receiver.url(`/in?code=${encodeURIComponent(CANARY)}&x=1`),
      headers: [
        ["Authorization", new Secret(`Bearer ${CANARY}`)],
        ["X-Api-Key", new Secret(CANARY)],
        ["Cookie", new Secret(`session=${CANARY}; a=b`)],
      ],
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
  assert.equal(outcome?.kind, "rejected");
  const detail = outcome?.kind === "rejected" ? outcome.detail : "";
  assert.match(detail, /^HTTP 422 Unprocessable Entity: why why .*\*\*\*/);
  assert.doesNotMatch(detail, /c4n4ry/);
  assert.ok(detail.length < 400);
});
