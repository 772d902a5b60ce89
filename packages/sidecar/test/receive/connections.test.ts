import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { after, describe, it } from "node:test";
import { ACCEPTED, type Receiver } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import type { DoorPorts } from "../../src/receive/door.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import { type DoorSettings, grpcReceiverDefaults, httpReceiverDefaults } from "../../src/receive/settings.ts";
import {
  callGrpc,
  callOn,
  createPorts,
  exchangeRaw,
  frame,
  grpcPaths,
  ManualClock,
  openSession,
  type RecordingHandler,
  recordRequests,
  retryDelay,
} from "./doors.ts";

const open: Receiver[] = [];
after(async () => {
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

type Settings = Partial<DoorSettings>;

async function openHttp(settings: Settings = {}, recording: RecordingHandler = recordRequests()) {
  const ports = createPorts();
  const all = { ...httpReceiverDefaults, port: 0, ...settings };
  const receiver = await startHttpReceiver(all, recording.handler, ports);
  open.push(receiver);
  return { receiver, ports, port: receiver.address.port, came: recording.came };
}

async function openGrpc(
  settings: Settings = {},
  recording: RecordingHandler = recordRequests(),
  overrides: Partial<DoorPorts> = {},
) {
  const ports = createPorts(overrides);
  const all = { ...grpcReceiverDefaults, port: 0, ...settings };
  const receiver = await startGrpcReceiver(all, recording.handler, ports);
  open.push(receiver);
  return { receiver, ports, port: receiver.address.port, came: recording.came };
}

/** The smallest request; its connection is kept. */
const small =
  "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const lastRequest = small.replace("host: x", "host: x\r\nconnection: close");

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

const body = randomBytes(3000);

describe("the connections of the OTLP/HTTP door", () => {
  it("pushes out the longest idle connection when another comes to a door that is full of idle ones", async () => {
    const { port, receiver, ports } = await openHttp({ maxConnections: 2 });
    const idle = [await openSocket(port), await openSocket(port)];
    const [first, second] = idle;
    assert.ok(first !== undefined && second !== undefined);
    assert.equal(receiver.full(), false);
    // What has just had a request is idle for less long than what never had one.
    first.write(small);
    assert.match(String((await once(first, "data"))[0]), /^HTTP\/1\.1 200 /);
    const gone = once(second, "close");
    assert.match(await exchangeRaw(port, lastRequest), /^HTTP\/1\.1 200 /);
    await gone;
    first.write(small);
    assert.match(String((await once(first, "data"))[0]), /^HTTP\/1\.1 200 /);
    assert.equal(ports.facts.count(sidecarFacts.connectionsPushedOut), 1);
    assert.equal(ports.facts.count(sidecarFacts.connectionsRefused), 0);
    first.destroy();
  });

  it("answers an export although far more idle connections are open than its limit", async () => {
    const { port } = await openHttp({ maxConnections: 16 });
    const idle = await Promise.all(Array.from({ length: 200 }, () => openSocket(port)));
    assert.match(await exchangeRaw(port, lastRequest), /^HTTP\/1\.1 200 /);
    for (const socket of idle) socket.destroy();
  });

  it("answers 503 when every connection has a request under way, and is full exactly then", async () => {
    const held = Promise.withResolvers<void>();
    const recording = recordRequests(async () => {
      await held.promise;
      return ACCEPTED;
    });
    const { port, ports, receiver, came } = await openHttp({ maxConnections: 1 }, recording);
    const underWay = exchangeRaw(port, lastRequest);
    while (came.length === 0) await new Promise(setImmediate);
    assert.equal(receiver.full(), true);
    assert.match(await exchangeRaw(port, small), /^HTTP\/1\.1 503 .*retry-after: 1/s);
    assert.equal(ports.facts.count(sidecarFacts.connectionsRefused), 1);
    // This one came beyond the limit too, but when its request comes there is room again.
    const early = await openSocket(port);
    held.resolve();
    assert.match(await underWay, /^HTTP\/1\.1 200 /);
    while (receiver.full()) await new Promise(setImmediate);
    early.write(small);
    assert.match(String((await once(early, "data"))[0]), /^HTTP\/1\.1 200 /);
    early.destroy();
  });

  it("ends a connection that sends nothing at all", async () => {
    const { port } = await openHttp({ headersTimeoutMs: 80 });
    assert.match(await exchangeRaw(port), /^HTTP\/1\.1 408 /);
  });

  it("goes on listening while it is shutting down, and refuses by status what comes, on old and new connections", async () => {
    const { receiver, port, came } = await openHttp();
    const kept = await openSocket(port);
    receiver.stopAccepting();
    await receiver.settle(60_000);
    kept.write(small);
    const [answer] = await once(kept, "data");
    for (const text of [String(answer), await exchangeRaw(port, small)]) {
      assert.match(text, /^HTTP\/1\.1 503 .*retry-after: 5/s);
      assert.match(text, /connection: close/i);
    }
    assert.equal(came.length, 0);
    await receiver.close(60_000);
  });
});

describe("the connections of the OTLP/gRPC door", () => {
  it("pushes out the longest idle connection when another comes to a door that is full of idle ones", async () => {
    const { port, ports, receiver } = await openGrpc({ maxConnections: 2 });
    const first = await openSession(port);
    const second = await openSession(port);
    const third = await callGrpc(port, grpcPaths.logs, frame(body));
    assert.equal(third.status, "0");
    if (!first.closed) await once(first, "close");
    assert.equal((await callOn(second, grpcPaths.logs, frame(body))).status, "0");
    assert.equal(receiver.full(), false);
    assert.equal(ports.facts.count(sidecarFacts.connectionsPushedOut), 1);
    assert.equal(ports.facts.count(sidecarFacts.connectionsRefused), 0);
    second.close();
  });

  it("answers an export although far more idle connections are open than its limit", async () => {
    const { port } = await openGrpc({ maxConnections: 16 });
    const idle = Array.from({ length: 200 }, () => connect(port, "127.0.0.1"));
    for (const socket of idle) socket.on("error", () => undefined);
    await Promise.all(idle.map((socket) => once(socket, "connect")));
    assert.equal((await callGrpc(port, grpcPaths.logs, frame(body))).status, "0");
    for (const socket of idle) socket.destroy();
  });

  it("answers UNAVAILABLE and RetryInfo when every connection has a call under way, and is full exactly then", async () => {
    const held = Promise.withResolvers<void>();
    const recording = recordRequests(async () => {
      await held.promise;
      return ACCEPTED;
    });
    const { port, ports, receiver, came } = await openGrpc({ maxConnections: 1 }, recording);
    const first = await openSession(port);
    const underWay = callOn(first, grpcPaths.logs, frame(body));
    while (came.length === 0) await new Promise(setImmediate);
    assert.equal(receiver.full(), true);
    const second = await openSession(port);
    const reply = await callOn(second, grpcPaths.logs, frame(body));
    assert.equal(reply.status, "14");
    assert.equal(retryDelay(reply), 1000);
    assert.equal(ports.facts.count(sidecarFacts.connectionsRefused), 1);
    held.resolve();
    assert.equal((await underWay).status, "0");
    while (receiver.full()) await new Promise(setImmediate);
    assert.equal((await callOn(second, grpcPaths.logs, frame(body))).status, "0");
    first.close();
    second.close();
  });

  it("ends a connection on which no call comes, and keeps one that had a call", async () => {
    const clock = new ManualClock();
    const { port } = await openGrpc({ headersTimeoutMs: 1000 }, recordRequests(), { clock });
    const used = await openSession(port);
    assert.equal((await callOn(used, grpcPaths.logs, frame(body))).status, "0");
    const silent = connect(port, "127.0.0.1");
    silent.resume();
    const idle = await openSession(port);
    await new Promise<void>((resolve) => idle.ping(() => resolve()));
    const ended = [once(silent, "close"), once(idle, "close")];
    clock.advance(1000);
    await Promise.all(ended);
    assert.equal((await callOn(used, grpcPaths.logs, frame(body))).status, "0");
    used.close();
  });

  it("goes on listening while it is shutting down, and refuses by status what comes, on old and new connections", async () => {
    const held = Promise.withResolvers<void>();
    const recording = recordRequests(async () => {
      await held.promise;
      return ACCEPTED;
    });
    const { receiver, port, came } = await openGrpc({}, recording, { ready: () => false });
    const session = await openSession(port);
    const underWay = callOn(session, grpcPaths.logs, frame(body));
    while (came.length === 0) await new Promise(setImmediate);
    receiver.stopAccepting();
    const settled = receiver.settle(60_000);
    const again = await callOn(session, grpcPaths.logs, frame(body));
    for (const reply of [again, await callGrpc(port, grpcPaths.logs, frame(body))]) {
      assert.equal(reply.status, "14");
      assert.equal(retryDelay(reply), 5000);
    }
    const health = await callGrpc(port, "/grpc.health.v1.Health/Check", frame(new Uint8Array()));
    assert.deepEqual(health.message, Buffer.of(8, 2));
    held.resolve();
    assert.equal((await underWay).status, "0");
    await settled;
    const goaway = once(session, "goaway");
    await receiver.close(60_000);
    await goaway;
    assert.equal(came.length, 1);
    const late = connectHttp2(`http://127.0.0.1:${port}`);
    const [error] = await once(late, "error");
    assert.equal(error.code, "ECONNREFUSED");
  });
});
