import assert from "node:assert/strict";
import { test } from "node:test";
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
