import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { listen } from "../../../../../testing/listen.ts";
import { InformationalLimit } from "../../../src/deliver/http/informational-limit.ts";
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

test("informational responses without end are cut off, and the connection with them", async () => {
  const hint = `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n`.repeat(200);
  const { promise: cut, resolve } = Promise.withResolvers<number>();
  const server = createServer((socket: Socket) => {
    const flood = (): void => {
      while (!socket.destroyed && socket.write(hint));
    };
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(socket.bytesWritten));
    socket.on("drain", flood);
    socket.once("data", flood);
  });
  const port = await listen(server);
  await using sink = openSink(`http://127.0.0.1:${port}/`, { timeoutMs: 600_000 });
  const outcome = await sendOne(sink);
  assert.equal(outcome.kind, "retry");
  assert.match(reasonOf(outcome), /informational responses \(1xx\) without end/);
  await cut;
  server.close();
});

test("of informational responses a few may come, with few headers", () => {
  let exceeded = 0;
  const open = () => new InformationalLimit(() => exceeded++);
  const few = open();
  for (let i = 0; i < 16; i++) few.note({ headers: { link: ["</a>", "</b>"] } });
  assert.equal(exceeded, 0);
  few.note({ headers: {} });
  assert.equal(exceeded, 1);
  const large = open();
  for (let i = 0; i < 4; i++) large.note({ headers: { link: "x".repeat(16_000) } });
  assert.equal(exceeded, 1);
  large.note({ headers: { link: "x".repeat(16_000) } });
  assert.equal(exceeded, 2);
});
