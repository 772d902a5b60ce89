import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Secret } from "@coresdk/pipeline";
import type { Receiver } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { refuse, refuseTooLarge } from "../../src/protocol/refusal.ts";
import { decodeStatus } from "../../src/protocol/rpc-status.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import type { DoorPorts } from "../../src/receive/door.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { type GrpcReceiverSettings, grpcReceiverDefaults } from "../../src/receive/settings.ts";
import {
  callGrpc,
  callOn,
  createPorts,
  frame,
  grpcPaths,
  ManualClock,
  type RecordingHandler,
  recordRequests,
  retryDelay,
} from "./doors.ts";
import { END_HEADERS, END_STREAM, h2Frame, headersFrame, preface, settingsFrame } from "./http2-frames.ts";

const open: Receiver[] = [];
after(async () => {
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

async function openDoor(
  settings: Partial<GrpcReceiverSettings> = {},
  recording: RecordingHandler = recordRequests(),
  overrides: Partial<DoorPorts> = {},
) {
  const ports = createPorts(overrides);
  const receiver = await startGrpcReceiver(
    { ...grpcReceiverDefaults, port: 0, ...settings },
    recording.handler,
    ports,
  );
  open.push(receiver);
  return { receiver, ports, port: receiver.address.port, came: recording.came };
}

const body = randomBytes(3000);

/** Sends a part of a message, and waits until the door holds it. */
async function sendHalf(port: number, budget: DoorPorts["budget"]) {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": grpcPaths.logs,
    "content-type": "application/grpc",
  });
  stream.write(frame(body).subarray(0, 500));
  while (budget.heldBytes === 0) await new Promise(setImmediate);
  return { session, stream };
}

/** Calls with these headers and a message on a connection of its own, until the door has come to an end with it. */
async function callOnce(header: Buffer, port: number, isOver: () => boolean): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket
    .resume()
    .write(Buffer.concat([preface, settingsFrame, header, h2Frame(0, END_STREAM, 1, frame(body))]));
  while (!isOver()) await new Promise(setImmediate);
  socket.destroy();
}

describe("the OTLP/gRPC door", () => {
  it("hands each signal's message to the handler unchanged and answers an empty one with OK", async () => {
    const { port, came } = await openDoor();
    for (const signal of ["logs", "traces", "metrics"] as const) {
      const reply = await callGrpc(port, grpcPaths[signal], frame(body));
      assert.equal(reply.status, "0");
      assert.equal(reply.headers[":status"], 200);
      assert.equal(reply.headers["content-type"], "application/grpc");
      assert.equal(reply.message?.length, 0);
      assert.equal(came.at(-1)?.signal, signal);
      assert.equal(came.at(-1)?.encoding, "protobuf");
      assert.deepEqual(came.at(-1)?.message, body);
    }
  });

  it("tells each connection how many calls it may make at once", async () => {
    const { port } = await openDoor({ maxConcurrentStreams: 7 });
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const [settings] = await once(session, "remoteSettings");
    assert.equal(settings.maxConcurrentStreams, 7);
    session.destroy();
  });

  it("answers with the handler's response message", async () => {
    const response = Buffer.from("0a021005", "hex");
    const { port } = await openDoor(
      {},
      recordRequests(() => ({ kind: "accepted", response })),
    );
    const reply = await callGrpc(port, grpcPaths.logs, frame(body));
    assert.deepEqual(reply.message, response);
    assert.equal(reply.status, "0");
  });

  it("takes large messages over many frames, many calls at once on one connection", async () => {
    const { port, came } = await openDoor();
    const session = connectHttp2(`http://127.0.0.1:${port}`, { maxSessionMemory: 200 });
    const messages = Array.from({ length: 20 }, (_, i) => Buffer.alloc(1_000_000 + i, i));
    const replies = await Promise.all(messages.map((it) => callOn(session, grpcPaths.traces, frame(it))));
    session.close();
    assert.deepEqual(new Set(replies.map((reply) => reply.status)), new Set(["0"]));
    const sizes = came.map((it) => it.message.length).sort((a, b) => a - b);
    assert.deepEqual(
      sizes,
      messages.map((it) => it.length),
    );
    assert.ok(came.every((it) => it.message.every((byte) => byte === it.message.length - 1_000_000)));
  });

  it("decompresses gzip messages, and takes uncompressed ones under the same encoding", async () => {
    const { port, came } = await openDoor();
    for (const message of [frame(gzipSync(body), true), frame(body)]) {
      const reply = await callGrpc(port, grpcPaths.logs, message, { "grpc-encoding": "gzip" });
      assert.equal(reply.status, "0");
      assert.deepEqual(came.at(-1)?.message, body);
    }
  });

  it("answers another method or encoding with UNIMPLEMENTED, naming the encodings it takes", async () => {
    const { port } = await openDoor();
    assert.equal((await callGrpc(port, "/a.b.C/Export", frame(body))).status, "12");
    const reply = await callGrpc(port, grpcPaths.logs, frame(body), { "grpc-encoding": "snappy" });
    assert.equal(reply.status, "12");
    assert.equal(reply.headers["grpc-accept-encoding"], "identity,gzip");
  });

  it("answers what is not gRPC with an HTTP status", async () => {
    const { port } = await openDoor();
    const json = await callGrpc(port, grpcPaths.logs, body, { "content-type": "application/json" });
    assert.equal(json.headers[":status"], 415);
    assert.equal(json.status, undefined);
    const get = await callGrpc(port, grpcPaths.logs, undefined, { ":method": "GET" });
    assert.equal(get.headers[":status"], 405);
    const parameters = await callGrpc(port, grpcPaths.logs, frame(body), {
      "content-type": "Application/grpc+proto; a=b",
    });
    assert.equal(parameters.status, "0");
  });

  it("refuses what is too large, before and after decompression, with RESOURCE_EXHAUSTED and no RetryInfo", async () => {
    const { port, ports } = await openDoor({ maxRequestBytes: 1_500_000 });
    const large = await callGrpc(port, grpcPaths.logs, frame(Buffer.alloc(1_500_001)));
    const bomb = await callGrpc(port, grpcPaths.logs, frame(gzipSync(Buffer.alloc(50_000_000)), true), {
      "grpc-encoding": "gzip",
    });
    for (const reply of [large, bomb]) {
      assert.equal(reply.status, "8");
      assert.match(String(reply.trailers["grpc-message"]), /larger than 1500000 bytes/);
      assert.equal(retryDelay(reply), undefined);
    }
    while (ports.budget.heldBytes > 0) await new Promise(setImmediate);
  });

  it("lets a client that is still sending read the refusal, and asks it to stop", async () => {
    const { port } = await openDoor({ maxRequestBytes: 1000 });
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const stream = session.request({
      ":method": "POST",
      ":path": grpcPaths.logs,
      "content-type": "application/grpc",
    });
    stream.write(frame(Buffer.alloc(200_000)).subarray(0, 100_000));
    const [headers] = await once(stream, "response");
    assert.equal(headers["grpc-status"], "8");
    stream.resume();
    await once(stream, "close");
    assert.equal(stream.rstCode, 0);
    session.close();
  });

  it("refuses what is over the budget of both doors with UNAVAILABLE and RetryInfo", async () => {
    const budget = new InFlightBudget(10_000);
    const { port } = await openDoor({}, recordRequests(), { budget });
    assert.ok(budget.take(8000));
    const reply = await callGrpc(port, grpcPaths.logs, frame(body));
    assert.equal(reply.status, "14");
    assert.equal(retryDelay(reply), 1000);
    budget.give(8000);
    assert.equal((await callGrpc(port, grpcPaths.logs, frame(body))).status, "0");
    assert.equal(budget.heldBytes, 0);
  });

  it("answers framing that is none with INTERNAL", async () => {
    const { port, came } = await openDoor();
    const two = Buffer.concat([frame(body), frame(body)]);
    const bad: readonly (Buffer | undefined)[] = [
      undefined,
      Buffer.from([0, 0]),
      frame(body).subarray(0, 100),
      two,
      Buffer.concat([Buffer.of(2), frame(body).subarray(1)]),
      frame(gzipSync(body), true),
    ];
    for (const message of bad) {
      const reply = await callGrpc(port, grpcPaths.logs, message);
      assert.equal(reply.status, "13", String(message?.length));
    }
    assert.equal(came.length, 0);
  });

  it("answers damaged gzip with INVALID_ARGUMENT", async () => {
    const { port } = await openDoor();
    const reply = await callGrpc(port, grpcPaths.logs, frame(Buffer.from("no gzip"), true), {
      "grpc-encoding": "gzip",
    });
    assert.equal(reply.status, "3");
  });

  it("percent-encodes its messages and gives details on", async () => {
    const detail = { typeUrl: "type.googleapis.com/x.Y", value: new Uint8Array([1, 2]) };
    const { port } = await openDoor(
      {},
      recordRequests(() => refuse(503, 14, "50 % größer\n", { retryAfterMs: 2500, details: [detail] })),
    );
    const reply = await callGrpc(port, grpcPaths.logs, frame(body));
    assert.equal(reply.trailers["grpc-message"], "50 %25 gr%C3%B6%C3%9Fer%0A");
    const status = decodeStatus(Buffer.from(String(reply.trailers["grpc-status-details-bin"]), "base64"));
    assert.equal(status?.message, "50 % größer\n");
    assert.equal(retryDelay(reply), 2500);
    assert.deepEqual(status?.details.at(-1)?.value, Buffer.from([1, 2]));
  });

  it("never puts RetryInfo beside a refusal for good", async () => {
    const { port } = await openDoor(
      {},
      recordRequests(() => ({ ...refuseTooLarge(5), retryAfterMs: 1000 })),
    );
    assert.equal(retryDelay(await callGrpc(port, grpcPaths.logs, frame(body))), undefined);
  });

  it("takes no more lines of headers than 64, however short they are", async () => {
    const { port, came } = await openDoor();
    const lines = (count: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, "a"]));
    // The six of every call come on top.
    assert.equal((await callGrpc(port, grpcPaths.logs, frame(body), lines(59))).status, undefined);
    assert.equal(came.length, 0);
    assert.equal((await callGrpc(port, grpcPaths.logs, frame(body), lines(58))).status, "0");
  });

  it("lets in who has the bearer token, and nobody else", async () => {
    const { port, came } = await openDoor({ bearerToken: new Secret("s3cret") });
    for (const authorization of [undefined, "Bearer s3cre", "Bearer s3cret2", "Basic s3cret"]) {
      const headers = authorization === undefined ? {} : { authorization };
      assert.equal((await callGrpc(port, grpcPaths.logs, frame(body), headers)).status, "16");
    }
    assert.equal(came.length, 0);
    const reply = await callGrpc(port, grpcPaths.logs, frame(body), { authorization: "Bearer s3cret" });
    assert.equal(reply.status, "0");
  });

  it("refuses a call with two authorization headers, whichever of them is right", async () => {
    const { port, came, ports } = await openDoor({ bearerToken: new Secret("s3cret") });
    for (const values of [
      ["Bearer s3cret", "Bearer x"],
      ["Bearer x", "Bearer s3cret"],
    ]) {
      const before = ports.facts.count(sidecarFacts.refused, { reason: "token" });
      const lines = values.map((value): [string, string] => ["authorization", value]);
      await callOnce(headersFrame(1, END_HEADERS, lines), port, () => {
        return came.length > 0 || ports.facts.count(sidecarFacts.refused) > before;
      });
      assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "token" }), before + 1);
    }
    assert.equal(came.length, 0);
  });

  it("refuses a call with two content types, as what is not gRPC", async () => {
    const { port, came, ports } = await openDoor();
    for (const second of ["application/grpc", "application/json"]) {
      const before = ports.facts.count(sidecarFacts.refused, { reason: "media_type" });
      await callOnce(headersFrame(1, END_HEADERS, [["content-type", second]]), port, () => {
        return came.length > 0 || ports.facts.count(sidecarFacts.refused) > before;
      });
      assert.equal(ports.facts.count(sidecarFacts.refused, { reason: "media_type" }), before + 1);
    }
    assert.equal(came.length, 0);
  });

  it("answers INTERNAL without a word of the failure when the handler fails", async () => {
    const { port, ports } = await openDoor(
      {},
      recordRequests(() => {
        throw new Error("the canary 7f3a");
      }),
    );
    const reply = await callGrpc(port, grpcPaths.logs, frame(body));
    assert.equal(reply.status, "13");
    assert.doesNotMatch(JSON.stringify(reply.trailers), /canary/);
    assert.equal(ports.facts.count(sidecarFacts.handlerFailed), 1);
  });

  it("answers the health service by whether an export would be accepted", async () => {
    let ready = true;
    const { port } = await openDoor({}, recordRequests(), { ready: () => ready });
    const check = () => callGrpc(port, "/grpc.health.v1.Health/Check", frame(new Uint8Array()));
    assert.deepEqual((await check()).message, Buffer.of(8, 1));
    ready = false;
    assert.deepEqual((await check()).message, Buffer.of(8, 2));
  });

  it("answers the health service about each of its services, and NOT_FOUND about others", async () => {
    const { port } = await openDoor();
    const check = (request: Uint8Array, headers = {}) =>
      callGrpc(port, "/grpc.health.v1.Health/Check", frame(request, "grpc-encoding" in headers), headers);
    const name = (service: string) => Buffer.concat([Buffer.of(0x0a, service.length), Buffer.from(service)]);
    for (const service of ["", "opentelemetry.proto.collector.trace.v1.TraceService"]) {
      assert.deepEqual((await check(name(service))).message, Buffer.of(8, 1));
    }
    for (const service of ["x", "toString", "opentelemetry.proto.collector.logs.v1.LogsService/Export"]) {
      const reply = await check(name(service));
      assert.equal(reply.status, "5", service);
      assert.equal(reply.message, undefined);
    }
    assert.equal((await check(Buffer.alloc(30, 0xff))).status, "13");
    assert.equal((await check(gzipSync(name("x")), { "grpc-encoding": "gzip" })).status, "5");
    for (const [request, headers] of [
      [Buffer.alloc(2_000), {}],
      [gzipSync(Buffer.alloc(2_000)), { "grpc-encoding": "gzip" }],
    ] as const) {
      const reply = await check(request, headers);
      assert.equal(reply.status, "8");
      assert.match(JSON.stringify(reply.trailers), /larger than 1024 bytes/);
    }
  });

  it("cuts a call whose message does not arrive in time", async () => {
    const clock = new ManualClock();
    const { port, ports } = await openDoor({ requestTimeoutMs: 1000 }, recordRequests(), { clock });
    const { session, stream } = await sendHalf(port, ports.budget);
    clock.advance(1000);
    const [headers] = await once(stream, "response");
    assert.equal(headers["grpc-status"], "4");
    stream.resume();
    await once(stream, "close");
    assert.equal(ports.budget.heldBytes, 0);
    session.close();
  });

  it("gives back the budget of a call that is cancelled in the middle", async () => {
    const { port, ports } = await openDoor();
    const { session, stream } = await sendHalf(port, ports.budget);
    stream.close(8);
    while (ports.budget.heldBytes > 0) await new Promise(setImmediate);
    session.close();
  });

  it("tolerates a grpc-timeout and answers keepalive pings", async () => {
    const { port } = await openDoor();
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const reply = await callOn(session, grpcPaths.logs, frame(body), { "grpc-timeout": "10S" });
    assert.equal(reply.status, "0");
    await new Promise<void>((resolve, reject) => {
      session.ping((error) => (error === null ? resolve() : reject(error)));
    });
    session.close();
  });

  it("ends what is still under way at the deadline of closing", async () => {
    const clock = new ManualClock();
    const endless = recordRequests(() => new Promise(() => undefined));
    const { receiver, port, came } = await openDoor({}, endless, { clock });
    const underWay = callGrpc(port, grpcPaths.logs, frame(body));
    while (came.length === 0) await new Promise(setImmediate);
    const closed = receiver.close(5000);
    clock.advance(5000);
    await closed;
    assert.equal((await underWay).status, undefined);
  });
});
