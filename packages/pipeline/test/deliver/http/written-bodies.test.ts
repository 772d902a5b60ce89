import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { listen } from "../../../../../testing/listen.ts";
import type { Outcome } from "../../../src/contracts.ts";
import { Endpoint } from "../../../src/deliver/http/endpoint.ts";
import { systemClock } from "../../../src/system.ts";
import { httpSettings } from "./open-sink.ts";
import { Receiver } from "./receiver.ts";

const SIZE = 4 * 1024 * 1024;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

function openEndpoint(url: string, maxInFlight = 1): Endpoint & AsyncDisposable {
  const endpoint = new Endpoint(httpSettings(url, { maxInFlight }), {
    clock: systemClock,
    granted: () => undefined,
  });
  return Object.assign(endpoint, { [Symbol.asyncDispose]: () => endpoint.close() });
}

function post(endpoint: Endpoint, body: Uint8Array): Promise<Outcome> {
  return endpoint.post({ headers: [], body }, new AbortController().signal);
}

/** Bytes that are all over the place when they are read too late. */
function makeBody(size: number, seed: number): Buffer {
  const body = Buffer.allocUnsafeSlow(size);
  for (let i = 0; i < size; i++) body[i] = 97 + ((i * 31 + seed + (i >> 9)) % 26);
  return body;
}

/** A server that answers once it has the head of a request and reads the body only when it is told to. */
async function answerEarly(): Promise<
  AsyncDisposable & { url: string; answered: Promise<Socket>; ended: Promise<Buffer> }
> {
  const sockets = new Set<Socket>();
  const answered = Promise.withResolvers<Socket>();
  const ended = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    const chunks: Buffer[] = [];
    let length = 0;
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (chunks.length === 1) {
        socket.pause();
        socket.write(OK, () => answered.resolve(socket));
      }
      if (length >= SIZE) {
        const all = Buffer.concat(chunks);
        const body = all.subarray(all.indexOf("\r\n\r\n") + 4);
        if (body.length === SIZE) ended.resolve(body);
      }
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    answered: answered.promise,
    ended: ended.promise,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

test("the body of an answered request is freed at once, whatever the status", async () => {
  await using receiver = await new Receiver().listen();
  await using endpoint = openEndpoint(receiver.url());
  for (const status of [204, 400, 503]) {
    receiver.answer = (_request, response) => response.writeHead(status).end("{}");
    const body = makeBody(100_000, status);
    const expected = body.toString();
    await post(endpoint, body);
    assert.equal(receiver.requests.at(-1)?.body, expected);
    assert.equal(body.length, 0);
  }
});

test("a part of a larger buffer is not taken from whoever has the rest", async () => {
  await using receiver = await new Receiver().listen();
  await using endpoint = openEndpoint(receiver.url());
  const whole = makeBody(1000, 1);
  await post(endpoint, whole.subarray(0, 500));
  assert.equal(whole.length, 1000);
});

test("a body that was answered before it was read reaches the receiver as it was", async () => {
  await using server = await answerEarly();
  await using endpoint = openEndpoint(server.url);
  const body = makeBody(SIZE, 7);
  const expected = Buffer.from(body);
  const outcome = post(endpoint, body);
  const socket = await server.answered;
  assert.deepEqual(await outcome, { kind: "delivered" });
  assert.equal(body.length, SIZE, "it is still to be written");
  // What a body that was freed too early would read as.
  const others = Array.from({ length: 8 }, (_, i) => makeBody(SIZE, 100 + i));
  socket.resume();
  assert.ok((await server.ended).equals(expected));
  assert.equal(others.length, 8);
});

test("no body is freed while another connection still writes one", async () => {
  await using early = await answerEarly();
  await using endpoint = openEndpoint(early.url, 2);
  const large = makeBody(SIZE, 3);
  const first = post(endpoint, large);
  const socket = await early.answered;
  await first;
  const small = makeBody(10_000, 4);
  const second = post(endpoint, small);
  const outcome = await Promise.race([second, once(socket, "close").then(() => undefined)]);
  assert.deepEqual(outcome, { kind: "delivered" });
  assert.equal(small.length, 10_000);
  assert.equal(large.length, SIZE);
});
