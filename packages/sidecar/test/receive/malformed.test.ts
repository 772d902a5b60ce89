import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import type { Receiver } from "../../src/contracts.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import { grpcReceiverDefaults, httpReceiverDefaults } from "../../src/receive/settings.ts";
import { callGrpc, createPorts, exchangeRaw, frame, grpcPaths, recordRequests } from "./doors.ts";
import { head, http1Corpus } from "./http1-corpus.ts";
import { http2Corpus } from "./http2-corpus.ts";
import { END_HEADERS, h2Frame, headersFrame, preface, settingsFrame } from "./http2-frames.ts";

const open: Receiver[] = [];
after(async () => {
  await Promise.all(open.map((receiver) => receiver.close(0)));
});

const small = { maxRequestBytes: 100_000, requestTimeoutMs: 300, idleTimeoutMs: 300, port: 0 };

async function openHttp() {
  const ports = createPorts({ budget: new InFlightBudget(1_000_000) });
  const settings = { ...httpReceiverDefaults, ...small, headersTimeoutMs: 300, discardTimeoutMs: 300 };
  const receiver = await startHttpReceiver(settings, recordRequests().handler, ports);
  open.push(receiver);
  return { port: receiver.address.port, ports };
}

async function openGrpc() {
  const ports = createPorts({ budget: new InFlightBudget(1_000_000) });
  const recording = recordRequests();
  const receiver = await startGrpcReceiver({ ...grpcReceiverDefaults, ...small }, recording.handler, ports);
  open.push(receiver);
  return { port: receiver.address.port, ports };
}

async function assertHttpServes(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  assert.equal(response.status, 200);
}

async function assertGrpcServes(port: number): Promise<void> {
  assert.equal((await callGrpc(port, grpcPaths.logs, frame(Buffer.of(1)))).status, "0");
}

/** Sends what may make the peer close early, then ends; resolves when the connection is over. */
function provoke(port: number, ...parts: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
    for (const part of parts) socket.write(part);
    socket.end();
  });
}

describe("malformed HTTP/1.1", () => {
  for (const [name, bytes, status] of http1Corpus) {
    it(`is answered and survived: ${name}`, async () => {
      const { port, ports } = await openHttp();
      assert.match(await exchangeRaw(port, Buffer.from(bytes, "latin1")), status);
      await assertHttpServes(port);
      assert.equal(ports.budget.heldBytes, 0);
    });
  }

  it("is survived when it is random", async () => {
    const { port } = await openHttp();
    const mutation = fc.record({ at: fc.nat(120), bytes: fc.uint8Array({ maxLength: 12 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
        const request = Buffer.from(`${head}content-length: 2\r\nconnection: close\r\n\r\n{}`, "latin1");
        for (const { at, bytes } of mutations)
          request.set(bytes, Math.min(at, request.length - bytes.length));
        await provoke(port, request);
      }),
      { numRuns: 60, seed: 1 },
    );
    await assertHttpServes(port);
  });
});

describe("malformed HTTP/2 and gRPC", () => {
  for (const [name, ...frames] of http2Corpus) {
    it(`is survived: ${name}`, async () => {
      const { port, ports } = await openGrpc();
      await provoke(port, ...frames);
      await assertGrpcServes(port);
      while (ports.budget.heldBytes > 0) await new Promise(setImmediate);
    });
  }

  it("is survived when it is random", async () => {
    const { port, ports } = await openGrpc();
    const anyFrame = fc
      .tuple(fc.nat(12), fc.nat(255), fc.constantFrom(0, 1, 1, 3, 4), fc.uint8Array({ maxLength: 40 }))
      .map(([type, flags, stream, payload]) => h2Frame(type, flags, stream, payload));
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFrame, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (frames, call) => {
          const start = call
            ? [preface, settingsFrame, headersFrame(1, END_HEADERS)]
            : [preface, settingsFrame];
          await provoke(port, ...start, ...frames);
        },
      ),
      { numRuns: 80, seed: 2 },
    );
    await assertGrpcServes(port);
    while (ports.budget.heldBytes > 0) await new Promise(setImmediate);
  });
});
