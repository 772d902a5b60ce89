import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { listen } from "../../../../../testing/listen.ts";
import { InformationalLimit } from "../../../src/deliver/http/informational-limit.ts";
import { openSink, reasonOf, sendOne } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

/** A server that answers each request with these bytes, in pieces of that length. */
async function answerRaw(
  bytes: string,
  piece: number,
): Promise<AsyncDisposable & { url: string; connections: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined).setNoDelay(true));
    let request = "";
    socket.on("data", async (chunk) => {
      request += chunk.toString("latin1");
      if (!request.endsWith("}")) return;
      request = "";
      for (let i = 0; i < bytes.length; i += piece) {
        await new Promise((sent) => socket.write(bytes.slice(i, i + piece), sent));
      }
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

for (const [title, bytes] of [
  ["a 100 Continue", CONTINUE + OK],
  ["a 100 with headers", `HTTP/1.1 100\r\nA: b\r\nC: 100\r\n\r\n${OK}`],
  ["several", CONTINUE.repeat(8) + OK],
  ["a 103 and a 100", `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${CONTINUE}${OK}`],
  ["a 100 after an empty line", `\r\n${CONTINUE}${OK}`],
] as const) {
  test(`${title} that nobody asked for is passed over, in whatever pieces it comes, and the connection stays`, async () => {
    for (const piece of [bytes.length, 1, 5, 11]) {
      await using server = await answerRaw(bytes, piece);
      await using sink = openSink(server.url);
      for (let i = 0; i < 3; i++) assert.deepEqual(await sendOne(sink, String(i)), { kind: "delivered" });
      assert.equal(server.connections, 1);
    }
  });
}

test("what only looks like a 100 stays as it is", async () => {
  const body = `${CONTINUE}no`;
  const rejection = `HTTP/1.1 422 HTTP/1.1 100\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (const piece of [1_000, 1]) {
    await using server = await answerRaw(CONTINUE + rejection, piece);
    await using sink = openSink(server.url);
    const outcome = await sendOne(sink);
    assert.ok(outcome.kind === "rejected");
    assert.match(outcome.detail, /: HTTP\/1\.1 100 Continue no$/);
  }
});

test("100 Continue without end is cut off", async () => {
  await using server = await answerRaw(CONTINUE.repeat(17) + OK, 1_000);
  await using sink = openSink(server.url);
  const outcome = await sendOne(sink);
  assert.equal(outcome.kind, "retry");
  assert.match(reasonOf(outcome), /informational responses \(1xx\) without end/);
});

for (const [name, hint] of [
  ["100 Continue", (response: ServerResponse) => response.writeContinue()],
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
