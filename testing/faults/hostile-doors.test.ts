/**
 * The real daemon under malformed and hostile clients: it goes on, answers others, holds no more memory than its
 * limits let it, and writes nothing of what they sent.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { field, join } from "../../packages/pipeline/test/otlp/wire-bytes.ts";
import { callGrpc, frame, grpcPaths } from "../../packages/sidecar/test/receive/doors.ts";
import { head, http1Corpus } from "../../packages/sidecar/test/receive/http1-corpus.ts";
import { http2Corpus } from "../../packages/sidecar/test/receive/http2-corpus.ts";
import {
  END_HEADERS,
  END_STREAM,
  h2Frame,
  headersFrame,
  preface,
  settingsFrame,
} from "../../packages/sidecar/test/receive/http2-frames.ts";
import { canMeasureProcesses, peakMemoryMiB } from "../bench/sidecar/process-usage.ts";
import { createDirectory } from "../directory.ts";
import { FREE_PORTS, type SidecarProcess, startSidecar } from "../e2e/sidecar-process.ts";
import { Mutator } from "../fuzz/mutator.ts";
import { decisionRequest } from "../otlp/requests.ts";
import { type Flood, floods, MARKER } from "./floods.ts";

/** Longer runs: CORESDK_FUZZ_RUNS=100000. */
const RUNS = Number(process.env["CORESDK_FUZZ_RUNS"] ?? 3000) / 20;

/** Over what it has after its start: the doors' budget of 64 MiB, twice while a message is put together, and rubbish. */
const MOST_MORE_MIB = 320;

/** `attributes` of a LogRecord; a length of 0 behind it is an attribute without name and value. */
const ATTRIBUTE_TAG = 6 * 8 + 2;

/** An item of a list: a map without entries. */
const EMPTY_MAP_ITEM = field(1, field(6));

describe("the daemon under hostile clients", () => {
  let sidecar: SidecarProcess;
  const cwd = createDirectory({ after });
  before(async () => {
    const env = { CORESDK_LOG_LEVEL: "debug", CORESDK_LOG_FORMAT: "json" };
    sidecar = await startSidecar({ args: FREE_PORTS, cwd, env });
    await assertServes(sidecar);
  });
  after(async () => {
    await sidecar.stop();
  });

  for (const [name, bytes] of http1Corpus) {
    test(`goes on after malformed HTTP/1.1: ${name}`, async () => {
      await send(sidecar.http, [Buffer.from(bytes, "latin1")]);
      await assertServes(sidecar);
    });
  }

  for (const [name, ...frames] of http2Corpus) {
    test(`goes on after malformed HTTP/2 or gRPC: ${name}`, async () => {
      await send(sidecar.grpc, frames);
      await assertServes(sidecar);
    });
  }

  test("goes on after mutated HTTP/1.1 requests", async () => {
    const body = `{"resourceLogs":[{"x":"${MARKER}"}]}`;
    const requests = [
      `${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      `${head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\n{"${MARKER.slice(0, 3)}\r\n0\r\n\r\n`,
      `OPTIONS /v1/logs?${MARKER} HTTP/1.1\r\nhost: ${MARKER}\r\nauthorization: Bearer ${MARKER}\r\n\r\n`,
      ...http1Corpus.map(([, bytes]) => bytes),
    ];
    const dictionary = [
      "\r\n",
      "\n",
      "\0",
      ": ",
      "chunked",
      "content-length: ",
      "transfer-encoding: ",
      "HTTP/1.1",
    ];
    const mutator = new Mutator(
      11,
      requests.map((text) => Buffer.from(text, "latin1")),
      dictionary.map((text) => Buffer.from(text)),
    );
    for (let run = 0; run < RUNS; run++) await send(sidecar.http, [mutator.make()]);
    await assertServes(sidecar);
  });

  test("goes on after mutated HTTP/2 and gRPC frames", async () => {
    const message = frame(decisionRequest(2));
    const call = Buffer.concat([
      headersFrame(1, END_HEADERS, [["x-secret", MARKER]]),
      h2Frame(0, END_STREAM, 1, message),
    ]);
    const corpus = [call, ...http2Corpus.map(([, ...frames]) => Buffer.concat(frames).subarray(0, 4096))];
    const mutator = new Mutator(12, corpus, [settingsFrame, h2Frame(3, 0, 1, Buffer.alloc(4)), message]);
    // Behind a good preface most faults are reached that a reader of frames can meet.
    for (let run = 0; run < RUNS; run++) await send(sidecar.grpc, [preface, settingsFrame, mutator.make()]);
    await assertServes(sidecar);
  });

  for (const flood of floods) {
    test(`goes on, and others are answered, under a flood: ${flood.name}`, async () => {
      await pour(sidecar, flood);
      await assertServes(sidecar);
    });
  }

  for (const [what, makeLarge] of [
    ["attributes", (): Uint8Array => Buffer.alloc(4_000_000, Buffer.of(ATTRIBUTE_TAG, 0))],
    [
      "values within each other",
      (): Uint8Array => field(5, field(5, Buffer.alloc(8_000_000, EMPTY_MAP_ITEM))),
    ],
  ] as const) {
    test(`refuses a record of two million ${what}, and takes its neighbour`, async () => {
      const name = field(12, "com.acme.large");
      const records = [join(name, makeLarge()), name].map((record) => field(2, record));
      const body = gzipSync(field(1, field(2, ...records)));
      const headers = { "content-type": "application/x-protobuf", "content-encoding": "gzip" };
      const response = await fetch(`http://${sidecar.http}/v1/logs`, { method: "POST", headers, body });
      assert.equal(response.status, 200);
      const answer = await response.text();
      assert.match(answer, /log record 0: data must be at most 32768 values/);
      assert.doesNotMatch(answer, /log record 1/);
      await assertServes(sidecar);
    });
  }

  test("has taken no more memory than its limits let it", (t) => {
    if (!canMeasureProcesses()) {
      t.skip("needs Linux: the memory of another process is read from /proc");
      return;
    }
    const peak = peakMemoryMiB(sidecar.pid);
    assert.ok(peak < 120 + MOST_MORE_MIB, `${Math.round(peak)} MiB`);
  });

  test("has written nothing of what came, and ends in good order", async () => {
    const shown = [];
    for (const path of ["/metrics", "/readyz?verbose"]) {
      shown.push(await (await fetch(`http://${sidecar.admin}${path}`)).text());
    }
    const code = await sidecar.stop();
    shown.push(sidecar.output());
    assert.equal(code, 0);
    assert.equal(shown.join("\n").includes(MARKER), false);
    assert.doesNotMatch(sidecar.output(), /uncaught|unhandled/i);
  });
});

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

/** A good request at each door; told to try again, as a sender is while the doors are full, it does. */
async function assertServes({ http, grpc }: SidecarProcess): Promise<void> {
  const post = async (): Promise<number> => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`http://${http}/v1/logs`, { method: "POST", headers, body: "{}" })).status;
  };
  const call = async (): Promise<string | undefined> =>
    (await callGrpc(portOf(grpc), grpcPaths.logs, frame(new Uint8Array()))).status;
  let status = await post();
  while (status === 503) status = await post();
  assert.equal(status, 200);
  let code = await call();
  while (code === "14") code = await call();
  assert.equal(code, "0");
}

/** Sends all, and waits until the connection is over. */
async function send(address: string, parts: readonly Uint8Array[]): Promise<void> {
  const socket = connect(portOf(address), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.resume();
  for (const part of parts) socket.write(part);
  socket.end();
  // Some of what is sent leaves the peer waiting for more, which it does for a while: the client goes then.
  await assertAnswered(address);
  socket.destroy();
}

/** A connection behind another has been looked at when it is closed. */
async function assertAnswered(address: string): Promise<void> {
  const probe = connect(portOf(address), "127.0.0.1");
  probe.on("error", () => undefined);
  probe.resume();
  probe.end("no protocol at all\r\n\r\n");
  await once(probe, "close");
}

/** Sends a flood until it is cut off, or all of it was sent or stands still; others are answered meanwhile. */
async function pour(sidecar: SidecarProcess, { door, start, next, turns, deaf, cut }: Flood): Promise<void> {
  const socket = connect(portOf(sidecar[door]), "127.0.0.1");
  let over = false;
  let wake = (): void => undefined;
  socket.on("error", () => undefined);
  socket.on("drain", () => wake());
  socket.on("close", () => {
    over = true;
    wake();
  });
  if (deaf !== true) socket.resume();
  socket.write(start);
  for (let turn = 0; turn < turns && !over; turn++) {
    if (socket.write(next(turn))) continue;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    // A peer that reads no more has answered too: then two rounds of others' requests come before any room.
    const others = assertServes(sidecar).then(() => assertServes(sidecar));
    await Promise.race([woken, others]);
    if (socket.writableNeedDrain) break;
    await others;
  }
  await assertServes(sidecar);
  if (cut === true && !over) await new Promise<void>((resolve) => socket.once("close", resolve));
  socket.destroy();
}
