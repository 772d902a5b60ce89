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

const head = "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

describe("malformed HTTP/1.1", () => {
  const corpus: readonly (readonly [name: string, bytes: string, status: RegExp])[] = [
    ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", /^HTTP\/1\.1 400 /],
    ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^HTTP\/1\.1 (400|505) /],
    ["no host", "POST /v1/logs HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["two different lengths", `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
    [
      "a length beside chunks",
      `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 /,
    ],
    ["a negative length", `${head}content-length: -1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ["a length beyond every number", `${head}content-length: ${"9".repeat(40)}\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ["a chunk size that is none", `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`, /^HTTP\/1\.1 400 /],
    [
      "an unknown transfer encoding",
      `${head}transfer-encoding: gzip\r\nconnection: close\r\n\r\nxx`,
      /^HTTP\/1\.1 400 /,
    ],
    ["a bare line feed in a header", "POST /v1/logs HTTP/1.1\nhost: x\n\n", /^HTTP\/1\.1 400 /],
    [
      "a folded header",
      `${head}a: b\r\n c: d\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
      /^HTTP\/1\.1 /,
    ],
    ["a NUL in a header", `${head}a: \0\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ["a method of another kind", "\xff\xfe /v1/logs HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["a target that is no path", `POST ${"%".repeat(200)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^HTTP\/1\.1 400 /],
    [
      "an upgrade that nobody offers",
      `${head}connection: upgrade, close\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\n{}`,
      /^HTTP\/1\.1 200 /,
    ],
    ["a tunnel", "CONNECT example.com:443 HTTP/1.1\r\nhost: x\r\n\r\n", /^$/],
    [
      "__proto__ as a header",
      `${head}__proto__: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`,
      /^HTTP\/1\.1 200 /,
    ],
  ];
  for (const [name, bytes, status] of corpus) {
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

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function h2Frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

const settingsFrame = h2Frame(4, 0, 0);

/** POST to the logs method, every header a literal without indexing (RFC 7541, section 6.2.2). */
function headersFrame(
  stream: number,
  flags: number,
  extra: readonly (readonly [string, string])[] = [],
): Buffer {
  const pairs: readonly (readonly [string, string])[] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", grpcPaths.logs],
    [":authority", "x"],
    ["content-type", "application/grpc"],
    ...extra,
  ];
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
  const block = pairs.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]);
  return h2Frame(1, flags, stream, Buffer.concat(block));
}

const END_HEADERS = 4;
const END_STREAM = 1;

describe("malformed HTTP/2 and gRPC", () => {
  const corpus: readonly (readonly [name: string, ...frames: readonly Uint8Array[]])[] = [
    ["no HTTP/2 at all", Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n")],
    ["a preface alone", preface],
    ["a cut off preface", preface.subarray(0, 10)],
    ["a frame larger than allowed", preface, settingsFrame, h2Frame(0, 0, 1, Buffer.alloc(40_000))],
    ["DATA on a stream that is not open", preface, settingsFrame, h2Frame(0, 1, 1, Buffer.of(1))],
    ["HEADERS on an even stream", preface, settingsFrame, headersFrame(2, END_HEADERS)],
    ["HEADERS that cannot be decompressed", preface, settingsFrame, h2Frame(1, 5, 1, Buffer.alloc(50, 0xff))],
    ["CONTINUATION without HEADERS", preface, settingsFrame, h2Frame(9, 4, 1, Buffer.alloc(5))],
    [
      "HEADERS without end and endless CONTINUATION",
      preface,
      settingsFrame,
      headersFrame(1, 0),
      ...Array.from({ length: 2000 }, () => h2Frame(9, 0, 1, Buffer.alloc(100))),
    ],
    ["SETTINGS of a length that is none", preface, h2Frame(4, 0, 0, Buffer.alloc(5))],
    ["SETTINGS that are illegal", preface, h2Frame(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff]))],
    [
      "a window that overflows",
      preface,
      settingsFrame,
      h2Frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])),
    ],
    ["PUSH_PROMISE from a client", preface, settingsFrame, h2Frame(5, 4, 1, Buffer.alloc(8))],
    [
      "a flood of PINGs",
      preface,
      settingsFrame,
      ...Array.from({ length: 3000 }, () => h2Frame(6, 0, 0, Buffer.alloc(8))),
    ],
    ["a flood of SETTINGS", preface, ...Array.from({ length: 3000 }, () => settingsFrame)],
    [
      "calls that are reset as soon as they are made",
      preface,
      settingsFrame,
      ...Array.from({ length: 1000 }, (_, i) =>
        Buffer.concat([
          headersFrame(2 * i + 1, END_HEADERS),
          h2Frame(3, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])),
        ]),
      ),
    ],
    [
      "more calls at once than allowed",
      preface,
      settingsFrame,
      ...Array.from({ length: 300 }, (_, i) => headersFrame(2 * i + 1, END_HEADERS)),
    ],
    ["headers in upper case", preface, settingsFrame, headersFrame(1, 5, [["X-Upper", "1"]])],
    ["a header of HTTP/1", preface, settingsFrame, headersFrame(1, 5, [["connection", "close"]])],
    ["headers named __proto__", preface, settingsFrame, headersFrame(1, 5, [["__proto__", "1"]])],
    [
      "headers beyond the limit",
      preface,
      settingsFrame,
      ...Array.from({ length: 150 }, (_, i) =>
        headersFrame(
          2 * i + 1,
          5,
          Array.from({ length: 200 }, (_, k) => [`a${k}`, "b".repeat(60)] as const),
        ),
      ),
    ],
    [
      "a message whose length lies",
      preface,
      settingsFrame,
      headersFrame(1, END_HEADERS),
      h2Frame(0, END_STREAM, 1, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1])),
    ],
    [
      "a message in bytes of one frame each",
      preface,
      settingsFrame,
      headersFrame(1, END_HEADERS),
      ...[...frame(Buffer.alloc(300))].map((byte) => h2Frame(0, 0, 1, Buffer.of(byte))),
      h2Frame(0, END_STREAM, 1),
    ],
    [
      "empty DATA without end",
      preface,
      settingsFrame,
      headersFrame(1, END_HEADERS),
      ...Array.from({ length: 2000 }, () => h2Frame(0, 0, 1)),
    ],
    [
      "GOAWAY in the middle of a call",
      preface,
      settingsFrame,
      headersFrame(1, END_HEADERS),
      h2Frame(7, 0, 0, Buffer.alloc(8)),
    ],
    [
      "frames of unknown types",
      preface,
      settingsFrame,
      h2Frame(0xee, 0xff, 5, Buffer.alloc(20)),
      headersFrame(1, 5),
    ],
    ["PRIORITY on itself", preface, settingsFrame, h2Frame(2, 0, 1, Buffer.from([0, 0, 0, 1, 5]))],
    [
      "padding longer than the frame",
      preface,
      settingsFrame,
      headersFrame(1, END_HEADERS),
      h2Frame(0, 8, 1, Buffer.from([200, 1, 2])),
    ],
  ];
  for (const [name, ...frames] of corpus) {
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
