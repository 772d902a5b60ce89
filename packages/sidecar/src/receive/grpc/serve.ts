/**
 * One gRPC call (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md; OTLP specification,
 * "OTLP/gRPC"), from its header to its trailers:
 *
 *   admit -> read one message within limits -> decompress within limits -> handler -> answer
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Refused, Signal } from "../../contracts.ts";
import { grpcCode } from "../../protocol/grpc-code.ts";
import { refuse, refuseTooLarge } from "../../protocol/refusal.ts";
import { createAuthorizer } from "../bearer.ts";
import type { Lease } from "../budget.ts";
import {
  closing,
  type DoorLog,
  type DoorPorts,
  type Exporter,
  noBudget,
  refuseDecompressed,
  requestLimit,
  tooManyConnections,
  unauthorized,
} from "../door.ts";
import { gunzip } from "../gunzip.ts";
import { countLines } from "../header-lines.ts";
import type { Pace } from "../pace.ts";
import type { GrpcReceiverSettings } from "../settings.ts";
import type { Visit } from "../visit.ts";
import { answerHealth, HEALTH_TIMEOUT_MS, MAX_HEALTH_BYTES } from "./health.ts";
import { type MessageRead, readMessage } from "./read-message.ts";
import { respondHttpStatus, respondMessage, respondRefused, respondStatus } from "./respond.ts";

const methods: ReadonlyMap<string, Signal | "health"> = new Map([
  ["/opentelemetry.proto.collector.logs.v1.LogsService/Export", "logs"],
  ["/opentelemetry.proto.collector.trace.v1.TraceService/Export", "traces"],
  ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "metrics"],
  ["/grpc.health.v1.Health/Check", "health"],
]);

const malformed = refuse(
  400,
  grpcCode.internal,
  "the call is not one whole length-prefixed message of its method",
);
const late = refuse(504, grpcCode.deadlineExceeded, "the request did not arrive in time");

/** The header of a call, as Node reads it and as it came: names and values in turn. */
export interface CallHeader {
  readonly headers: IncomingHttpHeaders;
  readonly headerLines: readonly string[];
}

/** Serves one call. It does not reject. `dismiss` asks the connection to end once its calls are answered. */
export type Server = (
  stream: ServerHttp2Stream,
  header: CallHeader,
  visit: Visit,
  dismiss: () => void,
) => Promise<void>;

/** A call that may send its message. */
interface Admission {
  readonly method: Signal | "health";
  readonly gzip: boolean;
}

/** How long a message may be, before and after decompression, and how long it may take to come. */
interface ReadLimit {
  readonly maxBytes: number;
  readonly tooLarge: Refused;
  readonly schedule: (callback: () => void) => () => void;
}

/** Compiles the settings into a function that serves one call. */
export function createServer(
  settings: GrpcReceiverSettings,
  exporter: Exporter,
  ports: DoorPorts,
  log: DoorLog,
  pace: Pace,
): Server {
  const authorize = createAuthorizer(settings.bearerToken);
  const { maxBytes, tooLarge } = requestLimit(settings.maxRequestBytes, ports.budget);
  const within = (ms: number) => {
    return (callback: () => void): (() => void) => ports.clock.schedule(ms, callback);
  };
  const exportLimit: ReadLimit = { maxBytes, tooLarge, schedule: within(settings.requestTimeoutMs) };
  const healthLimit: ReadLimit = {
    maxBytes: MAX_HEALTH_BYTES,
    tooLarge: refuseTooLarge(MAX_HEALTH_BYTES),
    schedule: within(Math.min(settings.requestTimeoutMs, HEALTH_TIMEOUT_MS)),
  };

  function refuseCall(stream: ServerHttp2Stream, reason: string, refusal: Refused): undefined {
    log.refused(reason);
    respondRefused(stream, refusal);
  }

  /** `undefined` when the call was answered already. */
  function admit(
    stream: ServerHttp2Stream,
    { headers, headerLines }: CallHeader,
    visit: Visit,
    dismiss: () => void,
  ): Admission | undefined {
    // Node tells of the first one alone; whoever is in front may have looked at another.
    if (!isGrpc(headers["content-type"]) || countLines(headerLines, "content-type") > 1) {
      log.refused("media_type");
      respondHttpStatus(stream, 415);
      return undefined;
    }
    if (headers[":method"] !== "POST") {
      log.refused("method");
      respondHttpStatus(stream, 405);
      return undefined;
    }
    const method = methods.get(headers[":path"] ?? "");
    if (method === undefined) {
      log.refused("path");
      respondStatus(stream, grpcCode.unimplemented, "no such method");
      return undefined;
    }
    // Asking how it goes is nobody's work: such a call takes no room, and says so when there is none.
    if (method !== "health") {
      if (!authorize(headerLines)) {
        refuseCall(stream, "token", unauthorized);
        dismiss();
        return undefined;
      }
      if (visit.draining) return refuseCall(stream, "closing", closing);
      if (visit.isSurplus()) return refuseCall(stream, "connections", tooManyConnections);
    }
    const encoding = headers["grpc-encoding"] ?? "identity";
    if (encoding !== "identity" && encoding !== "gzip") {
      log.refused("content_encoding");
      respondStatus(stream, grpcCode.unimplemented, "the message encoding must be gzip or identity");
      return undefined;
    }
    if (method !== "health" && !visit.enter()) return refuseCall(stream, "requests", noBudget);
    return { method, gzip: encoding === "gzip" };
  }

  function reject(
    stream: ServerHttp2Stream,
    kind: Exclude<MessageRead["kind"], "message" | "gone">,
    limit: ReadLimit,
  ): void {
    log.refused(kind);
    if (kind === "too_large") respondRefused(stream, limit.tooLarge);
    else if (kind === "no_budget") respondRefused(stream, noBudget);
    else respondRefused(stream, kind === "late" ? late : malformed);
  }

  /** The call's message, decompressed; `undefined` when it was answered already, or its client has gone. */
  async function read(
    stream: ServerHttp2Stream,
    gzip: boolean,
    visit: Visit,
    lease: Lease,
    limit: ReadLimit,
  ): Promise<Buffer | undefined> {
    const message = await readMessage(stream, limit.maxBytes, lease, pace, limit.schedule);
    visit.endReading();
    if (message.kind === "gone") return undefined;
    if (message.kind !== "message") {
      reject(stream, message.kind, limit);
      return undefined;
    }
    const { bytes, compressed } = message.message;
    if (!compressed) return bytes;
    // gRPC compression: a compressed message under an identity encoding is an INTERNAL error.
    if (!gzip) {
      reject(stream, "malformed", limit);
      return undefined;
    }
    const decompressed = await ports.loop.run(() => gunzip(bytes, limit.maxBytes, lease));
    if (decompressed.kind === "bytes") return decompressed.bytes;
    const [refusal, reason] = refuseDecompressed(decompressed.kind, limit.tooLarge);
    log.refused(reason);
    respondRefused(stream, refusal);
    return undefined;
  }

  async function serve(
    stream: ServerHttp2Stream,
    signal: Signal,
    gzip: boolean,
    visit: Visit,
  ): Promise<void> {
    const lease = visit.lease();
    try {
      const bytes = await read(stream, gzip, visit, lease, exportLimit);
      if (bytes === undefined) return;
      const answer = await exporter(signal, bytes, "protobuf", visit);
      if (answer === undefined) return;
      if (answer.kind === "accepted") respondMessage(stream, answer.response);
      else respondRefused(stream, answer);
    } finally {
      lease.release();
    }
  }

  async function check(stream: ServerHttp2Stream, gzip: boolean, visit: Visit): Promise<void> {
    const lease = visit.lease();
    try {
      const bytes = await read(stream, gzip, visit, lease, healthLimit);
      if (bytes === undefined) return;
      const health = answerHealth(bytes, ports.ready());
      if (health === "unknown") respondStatus(stream, grpcCode.notFound, "no such service");
      else if (health === "malformed") reject(stream, health, healthLimit);
      else respondMessage(stream, health);
    } finally {
      lease.release();
    }
  }

  async function answer(stream: ServerHttp2Stream, visit: Visit, call: Admission): Promise<void> {
    try {
      if (call.method === "health") await check(stream, call.gzip, visit);
      else await serve(stream, call.method, call.gzip, visit);
    } catch {
      fail(stream);
    }
  }

  // Not one asynchronous function: it would hold the headers until the call is answered.
  return (stream, header, visit, dismiss) => {
    try {
      const call = admit(stream, header, visit, dismiss);
      return call === undefined ? Promise.resolve() : answer(stream, visit, call);
    } catch {
      fail(stream);
      return Promise.resolve();
    }
  };
}

function fail(stream: ServerHttp2Stream): void {
  respondStatus(stream, grpcCode.internal, "the sidecar failed to handle the request");
}

/** `application/grpc` or `application/grpc+proto`; another `+` names a message format that is not OTLP's. */
function isGrpc(contentType: string | undefined): boolean {
  if (contentType === "application/grpc") return true;
  const [essence = ""] = (contentType ?? "").split(";", 1);
  const name = essence.trim().toLowerCase();
  return name === "application/grpc" || name === "application/grpc+proto";
}
