/** Requests that come all at once: what they cost together must not be one long turn of the event loop. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ACCEPTED, type Receiver } from "../../src/contracts.ts";
import { sidecarFacts } from "../../src/facts.ts";
import { startGrpcReceiver } from "../../src/receive/grpc/start.ts";
import { startHttpReceiver } from "../../src/receive/http/start.ts";
import { LoopTurns } from "../../src/receive/loop-turns.ts";
import { grpcReceiverDefaults, httpReceiverDefaults } from "../../src/receive/settings.ts";
import { createPorts, frame, ManualClock, recordRequests } from "./doors.ts";
import { head } from "./http1-corpus.ts";
import { END_HEADERS, END_STREAM, h2Frame, headersFrame, preface, settingsFrame } from "./http2-frames.ts";

/** More than a turn of the event loop may take. */
const COST_MS = 20;
/** So much that a few of them take longer than an HTTP client which has closed its side is waited for. */
const LONG_COST_MS = 500;
const REQUESTS = 10;

test("work that came together is done in turns, between which the event loop goes on", async () => {
  const clock = new ManualClock();
  const loop = new LoopTurns(clock);
  let turn = 0;
  const doneIn: number[] = [];
  const all = Promise.all(
    Array.from({ length: 6 }, () =>
      loop.run(async () => {
        doneIn.push(turn);
        clock.advance(6);
      }),
    ),
  );
  // Two of 6 ms are the first to go beyond 10 ms.
  assert.deepEqual(doneIn, [0, 0]);
  while (doneIn.length < 6) {
    turn += 1;
    await nextTurn();
  }
  await all;
  assert.equal(new Set(doneIn).size, 3);
});

test("work that takes nearly nothing is done at once", async () => {
  const loop = new LoopTurns(new ManualClock());
  let done = 0;
  for (let i = 0; i < 100; i++) {
    void loop.run(async () => {
      done += 1;
    });
  }
  assert.equal(done, 100);
});

interface Burst {
  readonly open: (ports: ReturnType<typeof createPorts>, handler: Handler) => Promise<Receiver>;
  /** What each connection sends, and how many there are. */
  readonly bytes: Buffer;
  readonly connections: number;
}
type Handler = ReturnType<typeof recordRequests>["handler"];

const calls = Array.from({ length: REQUESTS }, (_, i) => [
  headersFrame(1 + 2 * i, END_HEADERS),
  h2Frame(0, END_STREAM, 1 + 2 * i, frame(Buffer.alloc(0))),
]);
const bursts: Readonly<Record<string, Burst>> = {
  "of calls on one connection": {
    open: (ports, handler) => startGrpcReceiver({ ...grpcReceiverDefaults, port: 0 }, handler, ports),
    bytes: Buffer.concat([preface, settingsFrame, ...calls.flat()]),
    connections: 1,
  },
  "of HTTP requests on many connections": {
    open: (ports, handler) => startHttpReceiver({ ...httpReceiverDefaults, port: 0 }, handler, ports),
    bytes: Buffer.from(`${head}content-length: 2\r\n\r\n{}`, "latin1"),
    connections: REQUESTS,
  },
};

for (const [what, { open, bytes, connections }] of Object.entries(bursts)) {
  test(`of a burst ${what} whose client has gone, little is done`, async () => {
    const clock = new ManualClock();
    const ports = createPorts({ clock });
    const { came, handler } = recordRequests(() => {
      clock.advance(LONG_COST_MS);
      for (const socket of sockets) socket.destroy();
      return ACCEPTED;
    });
    const receiver = await open(ports, handler);
    const sockets = Array.from({ length: connections }, () => connect(receiver.address.port, "127.0.0.1"));
    try {
      for (const socket of sockets) {
        socket.on("error", () => undefined);
        socket.write(bytes);
      }
      while (came.length === 0 || ports.budget.requests > 0) await nextTurn();
      assert.ok(came.length < REQUESTS, `${came.length} were handed on`);
    } finally {
      for (const socket of sockets) socket.destroy();
      await receiver.close(0);
    }
  });
}

test("a burst whose client stays is answered whole", async () => {
  const clock = new ManualClock();
  const ports = createPorts({ clock });
  const { came, handler } = recordRequests(() => {
    clock.advance(COST_MS);
    return ACCEPTED;
  });
  const receiver = await startGrpcReceiver({ ...grpcReceiverDefaults, port: 0 }, handler, ports);
  const socket = connect(receiver.address.port, "127.0.0.1");
  try {
    socket.resume();
    socket.write(bursts["of calls on one connection"]?.bytes ?? "");
    while (came.length < REQUESTS || ports.budget.requests > 0) await nextTurn();
    assert.equal(ports.facts.count(sidecarFacts.refused), 0);
  } finally {
    socket.destroy();
    await receiver.close(0);
  }
});
