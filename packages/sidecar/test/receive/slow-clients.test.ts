/** Clients that stand still somewhere, on purpose: each is cut, and what it held is given back. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { Secret } from "@coresdk/pipeline";
import { createAuthority } from "../../../../testing/certificates.ts";
import { ACCEPTED, type Receiver } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import {
  type DoorSettings,
  grpcReceiverDefaults,
  httpReceiverDefaults,
  receiversDefaults,
} from "../../src/receive/settings.ts";
import {
  callGrpc,
  createPorts,
  exchangeRaw,
  frame,
  grpcPaths,
  ManualClock,
  type RecordingHandler,
  recordRequests,
} from "./doors.ts";
import { head } from "./http1-corpus.ts";
import { END_HEADERS, END_STREAM, h2Frame, headersFrame, preface, settingsFrame } from "./http2-frames.ts";

const open: Receiver[] = [];
after(async () => {
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

async function openDoor(
  kind: "http" | "grpc",
  settings: Partial<DoorSettings> = {},
  recording: RecordingHandler = recordRequests(),
) {
  const clock = new ManualClock();
  const ports = createPorts({ clock, budget: new InFlightBudget(10_000_000) });
  const receiver =
    kind === "http"
      ? await startHttpReceiver({ ...httpReceiverDefaults, port: 0, ...settings }, recording.handler, ports)
      : await startGrpcReceiver({ ...grpcReceiverDefaults, port: 0, ...settings }, recording.handler, ports);
  open.push(receiver);
  return { receiver, port: receiver.address.port, ports, clock, came: recording.came };
}

/** Connects and sends; what comes back is thrown away as it comes. */
async function openSocket(port: number, ...parts: readonly (string | Uint8Array)[]): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.resume();
  await once(socket, "connect");
  for (const part of parts) socket.write(part);
  return socket;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("slow clients of the OTLP/HTTP door", () => {
  const limits = { headersTimeoutMs: 100, requestTimeoutMs: 200 };

  for (const [name, start, drip] of [
    ["its request line", "PO", "O"],
    ["its headers", "POST /v1/logs HTTP/1.1\r\n", "a: b\r\n"],
    ["its body", `${head}content-length: 100000\r\n\r\n`, "x"],
    ["its chunks", `${head}transfer-encoding: chunked\r\n\r\n`, "1\r\nx\r\n"],
  ] as const) {
    it(`cuts one that drips ${name}, however it goes on`, async () => {
      const { port, ports, came } = await openDoor("http", limits);
      const socket = await openSocket(port, start);
      const dripping = setInterval(() => socket.write(drip), 10);
      await once(socket, "close");
      clearInterval(dripping);
      while (ports.budget.heldBytes > 0) await turn();
      assert.equal(came.length, 0);
    });
  }

  it("cuts one that sends requests and never reads the answers", async () => {
    const answer = { kind: "accepted", response: Buffer.alloc(4 * 1024 * 1024) } as const;
    const recording = recordRequests(() => answer);
    const { receiver, port, ports, clock, came } = await openDoor("http", { maxConnections: 1 }, recording);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    const request = `${head}content-length: 2\r\n\r\n{}`;
    socket.write(request.repeat(8));
    while (came.length === 0) await turn();
    for (let i = 0; i < 50; i++) await turn();
    assert.equal(receiver.full(), true);
    clock.advance(httpReceiverDefaults.requestTimeoutMs);
    while (receiver.full()) await turn();
    assert.equal(ports.facts.count(sidecarFacts.malformed), 1);
    clock.advance(1_000);
    socket.resume();
    await once(socket, "close");
    assert.match(
      await exchangeRaw(port, request.replace("host: x", "host: x\r\nconnection: close")),
      /^HTTP\/1\.1 200 /,
    );
  });
});

describe("slow clients of the OTLP/gRPC door", () => {
  for (const [name, ...parts] of [
    ["the preface", preface.subarray(0, 10)],
    ["the first frame", preface, settingsFrame.subarray(0, 5)],
    ["the headers", preface, settingsFrame, headersFrame(1, 0).subarray(0, 30)],
    ["the end of the headers", preface, settingsFrame, headersFrame(1, 0), h2Frame(9, 0, 1, Buffer.of(0))],
  ] as const) {
    it(`cuts one that stands still before ${name}`, async () => {
      const { port, clock, came } = await openDoor("grpc");
      const socket = await openSocket(port, ...parts);
      while (clock.scheduled === 0) await turn();
      clock.advance(grpcReceiverDefaults.headersTimeoutMs);
      await once(socket, "close");
      assert.equal(came.length, 0);
    });
  }

  it("cuts a call that drips its message, one byte a frame", async () => {
    const { port, ports, clock, came } = await openDoor("grpc");
    const socket = await openSocket(port, preface, settingsFrame, headersFrame(1, END_HEADERS));
    for (const byte of frame(Buffer.alloc(300)).subarray(0, 50))
      socket.write(h2Frame(0, 0, 1, Buffer.of(byte)));
    while (ports.budget.heldBytes < 50) await turn();
    clock.advance(grpcReceiverDefaults.requestTimeoutMs);
    while (ports.budget.heldBytes > 0) await turn();
    assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "late" }), 1);
    assert.equal(came.length, 0);
    socket.destroy();
  });

  it("cuts a connection whose calls are answered and which gives no window for the answers", async () => {
    const { receiver, port, ports, clock, came } = await openDoor("grpc", { maxConnections: 1 });
    const session = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
    session.on("error", () => undefined);
    const streams = Array.from({ length: 5 }, () => {
      const stream = session.request({
        ":method": "POST",
        ":path": grpcPaths.logs,
        "content-type": "application/grpc",
      });
      stream.on("error", () => undefined);
      stream.end(frame(Buffer.of(1)));
      return stream;
    });
    await Promise.all(streams.map((stream) => once(stream, "response")));
    assert.equal(came.length, 5);
    assert.equal(receiver.full(), true);
    clock.advance(grpcReceiverDefaults.requestTimeoutMs);
    if (!session.closed) await once(session, "close");
    assert.equal(receiver.full(), false);
    assert.equal(ports.facts.count(sidecarFacts.malformed), 1);
    assert.equal((await callGrpc(port, grpcPaths.logs, frame(Buffer.of(1)))).status, "0");
  });

  it("lets a call take its time within the handler", async () => {
    const held = Promise.withResolvers<void>();
    const recording = recordRequests(async () => {
      await held.promise;
      return ACCEPTED;
    });
    const { port, clock, came } = await openDoor("grpc", {}, recording);
    const call = callGrpc(port, grpcPaths.logs, frame(Buffer.of(1)));
    while (came.length === 0) await turn();
    clock.advance(10 * grpcReceiverDefaults.requestTimeoutMs);
    held.resolve();
    assert.equal((await call).status, "0");
  });

  it("ends a connection on which nothing happens after a call", async () => {
    const { port } = await openDoor("grpc", { idleTimeoutMs: 100 });
    const message = [headersFrame(1, END_HEADERS), h2Frame(0, END_STREAM, 1, frame(Buffer.of(1)))];
    const socket = await openSocket(port, preface, settingsFrame, ...message);
    await once(socket, "close");
  });
});

it("a TLS handshake that is never finished is cut, at both doors", async () => {
  const authority = await createAuthority();
  const { cert, key } = await authority.server();
  const tls = { cert, key: new Secret(key), clientCa: undefined };
  for (const kind of ["http", "grpc"] as const) {
    const { port, ports, clock } = await openDoor(kind, { tls, headersTimeoutMs: 100 });
    // The beginning of a ClientHello.
    const socket = await openSocket(port, Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
    const closed = once(socket, "close");
    while (ports.facts.count(sidecarFacts.handshakesFailed, { door: kind, reason: "late" }) === 0)
      await turn();
    // What is no HTTP gets a moment to read why.
    clock.advance(1_000);
    await closed;
  }
});

it("both doors are on this machine alone and without anybody's leave, unless they are told otherwise", () => {
  for (const door of [receiversDefaults.grpc, receiversDefaults.http]) {
    assert.equal(door?.host, "127.0.0.1");
    assert.ok(door.maxHeaderBytes <= 64 * 1024 && door.maxRequestBytes <= 64 * 1024 * 1024);
    assert.ok(door.headersTimeoutMs > 0 && door.requestTimeoutMs > 0 && door.idleTimeoutMs > 0);
  }
});
