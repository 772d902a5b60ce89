/** How a connection of the OTLP/HTTP door ends: what is no HTTP behind requests, and clients that close their side. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { Secret } from "@coresdk/pipeline";
import { createAuthority } from "../../../../testing/certificates.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { holdRequests, lastRequest, openHttp, request, send, turn, until } from "./crowded-doors.ts";
import { exchangeRaw } from "./doors.ts";
import { head } from "./http1-corpus.ts";

/** The statuses of what came back, in order. */
function statuses(text: string): readonly string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = ""]) => status);
}

describe("what is no HTTP behind requests that came whole", () => {
  for (const [name, garbage] of [
    ["words", "garbage\r\n\r\n"],
    ["a byte", "\0"],
    ["a request whose body breaks", `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`],
  ] as const) {
    it(`is answered after them: ${name}`, async () => {
      const { port, came, ports } = await openHttp();
      const text = await exchangeRaw(port, request + request + garbage);
      assert.deepEqual(statuses(text), ["200", "200", "400"]);
      assert.match(text, /400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n$/i);
      assert.equal(came.length, 2);
      assert.equal(ports.budget.heldBytes, 0);
    });
  }

  it("waits for an answer that takes long, and is answered once", async () => {
    const { recording, release } = holdRequests();
    const { port, came } = await openHttp({}, { recording });
    const client = await send(port, request);
    await until(() => came.length === 1);
    client.socket.write("garbage\r\n\r\n");
    for (let i = 0; i < 20; i++) await turn();
    assert.equal(client.text(), "");
    client.socket.write("more garbage");
    release();
    await until(() => client.text().includes("400"));
    assert.deepEqual(statuses(client.text()), ["200", "400"]);
    client.socket.destroy();
  });

  it("ends the connection when it goes on and on", async () => {
    const { recording, release } = holdRequests();
    const { port, came, ports } = await openHttp({}, { recording });
    const client = await send(port, request);
    let closed = false;
    void client.closed.then(() => {
      closed = true;
    });
    while (!closed) {
      client.socket.write("garbage\r\n\r\n");
      await turn();
    }
    assert.equal(came.length, 1);
    assert.equal(ports.facts.count(sidecarFacts.malformed), 1);
    release();
    await until(() => ports.budget.requests === 0);
  });
});

describe("a client that closes its side and reads on", () => {
  it("gets the answers to all it has sent", async () => {
    const { port, came } = await openHttp();
    for (const [sent, expected] of [
      [request, ["200"]],
      [request + request, ["200", "200"]],
      [request + head, ["200", "400"]],
    ] as const) {
      const { socket, closed, text } = await send(port, sent);
      socket.end();
      await closed;
      assert.deepEqual(statuses(text()), expected);
    }
    assert.equal(came.length, 4);
  });

  it("gets an answer that takes long", async () => {
    const { recording, release } = holdRequests();
    const { port, clock, came } = await openHttp({}, { recording });
    const { socket, closed, text } = await send(port, request);
    socket.end();
    await until(() => came.length === 1 && clock.scheduled > 1);
    clock.advance(10_000);
    release();
    await closed;
    assert.deepEqual(statuses(text()), ["200"]);
  });

  it("gets its answer over TLS", async () => {
    const authority = await createAuthority();
    const { cert, key } = await authority.server();
    const { port } = await openHttp({ tls: { cert, key: new Secret(key), clientCa: undefined } });
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: authority.ca,
    });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(socket, "secureConnect");
    socket.end(request);
    await once(socket, "end");
    assert.deepEqual(statuses(Buffer.concat(chunks).toString()), ["200"]);
    socket.destroy();
  });

  it("is told to try again when its turn comes late, since it may have gone", async () => {
    const { recording, release } = holdRequests();
    const { port, clock, came } = await openHttp({}, { recording });
    const { socket, closed, text } = await send(port, request + request);
    socket.end();
    await until(() => came.length === 1 && clock.scheduled > 1);
    clock.advance(1_000);
    release();
    await closed;
    assert.deepEqual(statuses(text()), ["200", "503"]);
    assert.equal(came.length, 1);
  });

  it("keeps no place for long that another one needs", async () => {
    const { recording, release } = holdRequests();
    const { port, clock, receiver, ports, came } = await openHttp({ maxConnections: 1 }, { recording });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.end(request);
    await until(() => came.length === 1 && clock.scheduled > 1);
    assert.equal(receiver.full(), true);
    clock.advance(1_000);
    assert.equal(receiver.full(), false);
    const other = exchangeRaw(port, lastRequest);
    await until(() => came.length === 2);
    assert.equal(ports.facts.count(sidecarFacts.connectionsPushedOut), 1);
    release();
    assert.deepEqual(statuses(await other), ["200"]);
    socket.destroy();
  });
});
