/** An HTTP upstream whose answer breaks off: its status has said what became of the request. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { systemClock } from "@coresdk/pipeline";
import { listen } from "../../../../testing/listen.ts";
import type { ExportAnswer } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { createForwarder } from "../../src/forward/forwarder.ts";
import { forwardDefaults } from "../../src/forward/settings.ts";
import { recordFacts } from "../receive/doors.ts";

/** Forwards to an upstream that sends these bytes and closes. */
async function forwardTo(bytes: string): Promise<{ answer: ExportAnswer; unread: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(bytes));
  });
  const facts = recordFacts();
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const settings = { ...forwardDefaults, endpoint, protocol: "http/protobuf" } as const;
  const forwarder = createForwarder(settings, { clock: systemClock, facts });
  const answer = await forwarder.forward("metrics", Buffer.of(0x0a, 0x00), "protobuf");
  await forwarder.close(0);
  server.close();
  return { answer, unread: facts.count(sidecarFacts.forwardUnread, { signal: "metrics" }) };
}

const CUT = "Content-Type: application/x-protobuf\r\nContent-Length: 100\r\n\r\nabc";

for (const [how, bytes] of [
  ["is cut off", `HTTP/1.1 200 OK\r\n${CUT}`],
  ["is no chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
] as const) {
  test(`a success whose body ${how} is one: what was sent again would stand twice upstream`, async () => {
    const { answer, unread } = await forwardTo(bytes);
    assert.equal(answer.kind, "accepted");
    assert.equal(unread, 1);
  });
}

test("a refusal for good whose body is cut off is for good", async () => {
  const { answer } = await forwardTo(`HTTP/1.1 413 Content Too Large\r\n${CUT}`);
  assert.ok(answer.kind === "refused" && answer.httpStatus === 413);
  assert.doesNotMatch(answer.message, /abc/);
});

test("a refusal that may be repeated, whose body is cut off keeps its wait", async () => {
  const { answer } = await forwardTo(`HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n${CUT}`);
  assert.ok(answer.kind === "refused" && answer.httpStatus === 503);
  assert.equal(answer.retryAfterMs, 7_000);
});

test("a status beyond those of HTTP is not given on", async () => {
  const { answer } = await forwardTo("HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n");
  assert.ok(answer.kind === "refused" && answer.httpStatus === 500);
});
