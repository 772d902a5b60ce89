/** Doors for tests: real sockets on free ports, a handler that keeps what came, and clients of raw bytes. */
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import type { Clock, Fact, FactRecorder, OtlpEncoding } from "@coresdk/pipeline";
import { systemClock } from "@coresdk/pipeline";
import { ACCEPTED, type ExportAnswer, type ExportHandler, type Signal } from "../../src/contracts.ts";
import { findRetryDelay } from "../../src/protocol/details.ts";
import { decodeStatus } from "../../src/protocol/rpc-status.ts";
import { InFlightBudget } from "../../src/receive/budget.ts";
import type { DoorPorts } from "../../src/receive/door.ts";
import { LoopTurns } from "../../src/receive/loop-turns.ts";

export interface Came {
  readonly signal: Signal;
  readonly message: Buffer;
  readonly encoding: OtlpEncoding;
}

export interface RecordingHandler {
  readonly came: Came[];
  readonly handler: ExportHandler;
}

/** Keeps what comes and answers as told. */
export function recordRequests(
  answer: (came: Came) => ExportAnswer | Promise<ExportAnswer> = () => ACCEPTED,
): RecordingHandler {
  const came: Came[] = [];
  return {
    came,
    handler: async (signal, message, encoding) => {
      const it = { signal, message: Buffer.from(message), encoding };
      came.push(it);
      return answer(it);
    },
  };
}

export interface RecordedFact {
  readonly fact: Fact;
  readonly amount: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly detail: string | undefined;
}

export interface RecordingFacts extends FactRecorder {
  readonly recorded: RecordedFact[];
  count(fact: Fact, labels?: Readonly<Record<string, string>>): number;
}

export function recordFacts(): RecordingFacts {
  const recorded: RecordedFact[] = [];
  return {
    recorded,
    record(fact, amount = 1, labels = {}, detail = undefined) {
      recorded.push({ fact, amount, labels, detail });
    },
    count(fact, labels = {}) {
      return recorded
        .filter((it) => it.fact === fact && Object.entries(labels).every(([k, v]) => it.labels[k] === v))
        .reduce((sum, it) => sum + it.amount, 0);
    },
  };
}

/** A clock that stands still until told to go on. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get scheduled(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now || !this.#timers.delete(timer)) continue;
      timer.callback();
    }
  }
}

export function createPorts(
  overrides: Partial<DoorPorts> = {},
): DoorPorts & { readonly facts: RecordingFacts } {
  const { clock = systemClock } = overrides;
  return {
    clock,
    budget: new InFlightBudget(64 * 1024 * 1024),
    loop: new LoopTurns(clock),
    ready: () => true,
    ...overrides,
    facts: recordFacts(),
  };
}

/** Sends bytes over a new connection and reads until the peer closes; the parts are sent one after the other. */
export async function exchangeRaw(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A reset ends the exchange too; what was read before it counts.
  socket.on("error", () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

export interface GrpcReply {
  readonly headers: IncomingHttpHeaders;
  readonly status: string | undefined;
  readonly trailers: IncomingHttpHeaders;
  readonly message: Buffer | undefined;
  readonly rstCode: number | undefined;
}

export const grpcPaths: Readonly<Record<Signal, string>> = {
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
};

export function frame(message: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed ? 1 : 0, 0);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** One gRPC call over its own connection. */
export async function callGrpc(
  port: number,
  path: string,
  body: Uint8Array | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<GrpcReply> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  try {
    return await callOn(session, path, body, headers);
  } finally {
    session.close();
  }
}

export async function callOn(
  session: ClientHttp2Session,
  path: string,
  body: Uint8Array | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<GrpcReply> {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  let responseHeaders: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  stream.on("response", (it) => {
    responseHeaders = it;
  });
  stream.on("trailers", (it) => {
    trailers = it;
  });
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => undefined);
  stream.end(body);
  await new Promise<void>((resolve) => stream.on("close", resolve));
  const all = Buffer.concat(chunks);
  const final = responseHeaders["grpc-status"] === undefined ? trailers : responseHeaders;
  const status = final["grpc-status"];
  return {
    headers: responseHeaders,
    trailers: final,
    status: status === undefined ? undefined : String(status),
    message: all.length < 5 ? undefined : all.subarray(5),
    rstCode: stream.rstCode,
  };
}

/** The `RetryInfo` of a reply in ms, if it has one. */
export function retryDelay(reply: GrpcReply): number | undefined {
  const encoded = reply.trailers["grpc-status-details-bin"];
  if (encoded === undefined) return undefined;
  return findRetryDelay(decodeStatus(Buffer.from(String(encoded), "base64"))?.details ?? []);
}

export async function openSession(port: number): Promise<ClientHttp2Session> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  await once(session, "connect");
  return session;
}
