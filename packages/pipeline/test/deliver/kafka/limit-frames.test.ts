import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import fc from "fast-check";
import { createAuthority } from "../../../../../testing/certificates.ts";
import { listen } from "../../../../../testing/listen.ts";
import type { Outcome } from "../../../src/contracts.ts";
import { createKafkaSink } from "../../../src/deliver/kafka/kafka-sink.ts";
import { FrameReader, MAX_FRAME_BYTES } from "../../../src/deliver/kafka/limit-frames.ts";
import { Secret } from "../../../src/secret.ts";
import type { KafkaSinkSettings, TlsSettings } from "../../../src/settings.ts";
import { systemClock, systemRandom } from "../../../src/system.ts";
import { sinkEvents } from "../events.ts";
import { reasonOf } from "../http/open-sink.ts";
import { MetadataBroker } from "./metadata-broker.ts";
import { openMetadataSink } from "./open-metadata-sink.ts";

function frame(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(length);
  return bytes;
}

/** A broker that announces an answer of this length and sends it for as long as it is read. */
function flood(length: number): (socket: Socket) => void {
  const zeros = Buffer.alloc(1024 * 1024);
  return (socket) => {
    const pour = (): void => {
      while (!socket.destroyed && socket.write(zeros));
    };
    socket.on("error", () => undefined);
    socket.on("drain", pour);
    // The length comes in two parts.
    socket.write(frame(length).subarray(0, 3));
    socket.once("data", () => {
      socket.write(frame(length).subarray(3));
      pour();
    });
  };
}

async function sendTo(port: number, changes: Partial<KafkaSinkSettings> = {}): Promise<Outcome> {
  const sink = createKafkaSink(
    {
      kind: "kafka",
      name: "default",
      brokers: [`localhost:${port}`],
      topic: "events",
      tls: undefined,
      sasl: undefined,
      contentMode: "structured",
      key: "subject",
      compression: "none",
      lingerMs: 0,
      batchSize: 1,
      // Never waited for: the connection is ended.
      timeoutMs: 600_000,
      ...changes,
    },
    { clock: systemClock, random: systemRandom },
  );
  try {
    const [outcome] = await sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
    return outcome ?? assert.fail();
  } finally {
    await sink.close();
  }
}

for (const length of [0x7fffffff, MAX_FRAME_BYTES + 1]) {
  test(`a broker that announces too long an answer fills no memory, and nothing is lost: ${length} bytes`, async () => {
    const sockets: Socket[] = [];
    const pour = flood(length);
    const server = createServer((socket) => {
      sockets.push(socket);
      pour(socket);
    });
    const outcome = await sendTo(await listen(server));
    assert.equal(outcome.kind, "retry");
    assert.equal(
      reasonOf(outcome),
      `the broker announced an answer of ${length} bytes, and 1048576 are read at most`,
    );
    server.close();
    assert.ok(sockets.length > 0);
    for (const socket of sockets) {
      // What the system's own buffers hold of it; the rest was never taken.
      assert.ok(socket.bytesWritten - socket.writableLength < 64 * 1024 * 1024);
      socket.destroy();
    }
  });
}

test("over TLS and during a login it is the same", async () => {
  const authority = await createAuthority();
  const { key, cert } = await authority.server();
  const server = createTlsServer({ key, cert }, flood(0x7fffffff));
  const tls: TlsSettings = { ca: authority.ca, cert: undefined, key: undefined, servername: "localhost" };
  const outcome = await sendTo(await listen(server), {
    tls,
    sasl: { mechanism: "SCRAM-SHA-256", username: "alice", password: new Secret("s3cret") },
  });
  assert.equal(outcome.kind, "retry");
  assert.match(reasonOf(outcome), /announced an answer of 2147483647 bytes/);
  server.close();
});

test("a broker that breaks the connection off during a login ends the attempt, and not the process", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.resetAndDestroy());
  });
  const outcome = await sendTo(await listen(server), {
    sasl: { mechanism: "SCRAM-SHA-256", username: "alice", password: new Secret("s3cret") },
  });
  assert.notEqual(outcome.kind, "delivered");
  server.close();
});

const LOGINS = [undefined, "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;
for (const mechanism of LOGINS) {
  test(`a broker that speaks TLS where none is expected is named for that, with the login ${mechanism}`, async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      // An alert (RFC 8446, section 6): fatal, protocol_version.
      socket.once("data", () => socket.end(Buffer.of(0x15, 3, 1, 0, 2, 2, 70)));
    });
    const sasl = mechanism && { mechanism, username: "alice", password: new Secret("s3cret") };
    const outcome = await sendTo(await listen(server), { sasl });
    assert.equal(outcome.kind, "parked");
    assert.equal(reasonOf(outcome), "the broker requires TLS on this port");
    server.close();
  });
}

test("a broker that speaks TLS is not blamed for what another one does later", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.of(0x15, 3, 1, 0, 2, 2, 70)));
  });
  const tlsPort = await listen(server);
  const broker = await new MetadataBroker().listen();
  const sink = openMetadataSink(systemClock, [tlsPort, broker.port]);
  const send = (): Promise<readonly Outcome[]> =>
    sink.send(sinkEvents({ id: "1" }), new AbortController().signal);
  try {
    assert.deepEqual(await send(), [{ kind: "delivered" }]);
    await broker[Symbol.asyncDispose]();
    server.close();
    const [outcome] = await send();
    assert.ok(outcome !== undefined);
    assert.equal(outcome.kind, "retry");
    assert.doesNotMatch(reasonOf(outcome), /TLS/);
  } finally {
    await sink.close();
  }
});

test("a broker's certificate is verified although the environment says not to", async () => {
  const { key, cert } = await (await createAuthority()).server();
  const server = createTlsServer({ key, cert });
  server.on("tlsClientError", () => undefined);
  const port = await listen(server);
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env;
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    const tls: TlsSettings = { ca: undefined, cert: undefined, key: undefined, servername: "localhost" };
    const outcome = await sendTo(port, { tls });
    assert.equal(outcome.kind, "parked");
    assert.match(reasonOf(outcome), /the peer's certificate is signed by an/);
  } finally {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    server.close();
  }
});

test("frames of any length allowed pass in any pieces, and the first that is not is found", () => {
  const lengths = fc.array(fc.integer({ min: 4, max: 40 }));
  const wrong = fc.constantFrom(-1, 0, 3, MAX_FRAME_BYTES + 1, 0x7fffffff, -0x80000000);
  fc.assert(
    fc.property(lengths, wrong, fc.integer({ min: 1, max: 17 }), (right, bad, step) => {
      const bytes = Buffer.concat([
        ...right.flatMap((length) => [frame(length), Buffer.alloc(length, 0xff)]),
        frame(bad),
      ]);
      const reader = new FrameReader();
      for (let at = 0; at < bytes.length; at += step) {
        const isLast = at + step >= bytes.length;
        assert.equal(reader.read(bytes.subarray(at, at + step)), isLast ? bad : undefined);
      }
    }),
    { seed: 6 },
  );
  const large = new FrameReader();
  assert.equal(large.read(frame(MAX_FRAME_BYTES)), undefined);
  assert.equal(large.read(Buffer.alloc(MAX_FRAME_BYTES)), undefined);
  assert.equal(large.read(frame(5)), undefined);
});
