/**
 * One OTLP/HTTP request (OTLP specification, "OTLP/HTTP Request"), from its header to its answer:
 *
 *   admit -> read within limits -> decompress within limits -> handler -> answer
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OtlpEncoding } from "@coresdk/pipeline";
import type { Refused, Signal } from "../../contracts.ts";
import { grpcCode } from "../../protocol/grpc-code.ts";
import { refuse } from "../../protocol/refusal.ts";
import { createAuthorizer } from "../bearer.ts";
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
import type { Pace } from "../pace.ts";
import type { HttpReceiverSettings } from "../settings.ts";
import type { Visit } from "../visit.ts";
import { checkHeader, expectsContinueAlone } from "./check-header.ts";
import { createCorsPolicy, type HeaderLines } from "./cors.ts";
import { readContentEncoding, readMediaType } from "./encoding.ts";
import { type BodyRead, readBody } from "./read-body.ts";
import { type Drain, respondAccepted, respondRefused } from "./respond.ts";

const paths: ReadonlyMap<string, Signal> = new Map([
  ["/v1/logs", "logs"],
  ["/v1/traces", "traces"],
  ["/v1/metrics", "metrics"],
]);

const NONE: HeaderLines = [];
const notFound = refuse(
  404,
  grpcCode.unimplemented,
  "no such path: OTLP is at /v1/logs, /v1/traces, /v1/metrics",
);
const wrongMethod = refuse(405, grpcCode.unimplemented, "the method must be POST");
const wrongMediaType = refuse(
  415,
  grpcCode.invalidArgument,
  "the content type must be application/x-protobuf or application/json",
);
const wrongEncoding = refuse(415, grpcCode.invalidArgument, "the content encoding must be gzip or identity");
const wrongExpectation = refuse(417, grpcCode.unimplemented, "the only expectation known is 100-continue");
const wrongTransferCoding = refuse(501, grpcCode.unimplemented, "the only transfer coding known is chunked");
const late = refuse(408, grpcCode.deadlineExceeded, "the request came too slowly");
const uncaught = refuse(500, grpcCode.internal, "the sidecar failed to handle the request");

/** A request that is not let in, or not any more, does not get long to be read to its end. */
const SHORT_DRAIN_BYTES = 64 * 1024;
const SHORT_DRAIN_MS = 500;

/** What a request's `Expect` asks for: leave to send the body, or something that nobody knows. */
export type Expectation = "none" | "continue" | "unknown";

/** Serves a request. */
export type Server = (
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  expectation: Expectation,
) => Promise<void>;

/** A request that may send its body. */
interface Admission {
  readonly signal: Signal;
  readonly encoding: OtlpEncoding;
  readonly compression: "none" | "gzip";
}

interface Rejection {
  readonly refusal: Refused;
  readonly reason: string;
  readonly headers: HeaderLines;
  /** The connection ends with the answer, soon. */
  readonly parting?: true;
}

/** Compiles the settings into a function that serves one request. It does not reject. */
export function createServer(
  settings: HttpReceiverSettings,
  exporter: Exporter,
  ports: DoorPorts,
  log: DoorLog,
  pace: Pace,
): Server {
  const authorize = createAuthorizer(settings.bearerToken);
  const cors = settings.cors === undefined ? undefined : createCorsPolicy(settings.cors);
  const { maxBytes, tooLarge } = requestLimit(settings.maxRequestBytes, ports.budget);
  const drain: Drain = { maxBytes: settings.maxDiscardBytes, timeoutMs: settings.discardTimeoutMs };
  const shortDrain: Drain = {
    maxBytes: Math.min(drain.maxBytes, SHORT_DRAIN_BYTES),
    timeoutMs: Math.min(drain.timeoutMs, SHORT_DRAIN_MS),
  };
  const allow = cors === undefined ? "POST" : "POST, OPTIONS";

  function admit(request: IncomingMessage, visit: Visit, expectation: Expectation): Admission | Rejection {
    const { headers } = request;
    // First of all: who may not come in takes no room from anybody.
    if (!authorize(request.rawHeaders)) {
      const challenge = ["www-authenticate", "Bearer"];
      return { refusal: unauthorized, reason: "token", headers: challenge, parting: true };
    }
    if (visit.draining) return { refusal: closing, reason: "closing", headers: NONE, parting: true };
    if (visit.isSurplus()) {
      return { refusal: tooManyConnections, reason: "connections", headers: NONE, parting: true };
    }
    const wrong = checkHeader(request);
    if (wrong !== undefined) {
      const refusal = refuse(400, grpcCode.invalidArgument, wrong);
      return { refusal, reason: "header", headers: NONE, parting: true };
    }
    // RFC 9110, section 10.1.1; its sender may be waiting before the body, so that the connection has no use any more.
    if (expectation === "unknown" || (expectation === "continue" && !expectsContinueAlone(headers.expect))) {
      return { refusal: wrongExpectation, reason: "expectation", headers: NONE, parting: true };
    }
    // RFC 9112, section 6.1: who cannot undo a coding cannot say where the request ends either.
    if (hasUnknownCoding(headers["transfer-encoding"])) {
      return { refusal: wrongTransferCoding, reason: "transfer_encoding", headers: NONE, parting: true };
    }
    const signal = paths.get(readPath(request.url ?? ""));
    if (signal === undefined) return { refusal: notFound, reason: "path", headers: NONE };
    if (request.method !== "POST") {
      return { refusal: wrongMethod, reason: "method", headers: ["allow", allow] };
    }
    const encoding = readMediaType(headers["content-type"]);
    if (encoding === undefined) return { refusal: wrongMediaType, reason: "media_type", headers: NONE };
    const compression = readContentEncoding(headers["content-encoding"]);
    if (compression === undefined) {
      // RFC 9110, section 12.5.3: an answer 415 about the encoding says which ones would do.
      return { refusal: wrongEncoding, reason: "content_encoding", headers: ["accept-encoding", "gzip"] };
    }
    if (Number(headers["content-length"] ?? 0) > maxBytes) {
      return { refusal: tooLarge, reason: "too_large", headers: NONE };
    }
    if (!visit.enter()) return { refusal: noBudget, reason: "requests", headers: NONE };
    return { signal, encoding, compression };
  }

  function describeUnread(kind: Exclude<BodyRead["kind"], "bytes" | "gone">): Rejection {
    if (kind === "late") return { refusal: late, reason: kind, headers: NONE, parting: true };
    return { refusal: kind === "too_large" ? tooLarge : noBudget, reason: kind, headers: NONE };
  }

  function reject(
    request: IncomingMessage,
    response: ServerResponse,
    rejection: Rejection,
    extra: HeaderLines,
  ): void {
    log.refused(rejection.reason);
    const encoding = readMediaType(request.headers["content-type"]) ?? "json";
    const headers = [...rejection.headers, ...extra];
    const parting = rejection.parting === true;
    if (parting) response.shouldKeepAlive = false;
    const reading = parting ? shortDrain : drain;
    respondRefused(request, response, rejection.refusal, encoding, headers, reading, ports.clock);
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    admission: Admission,
    visit: Visit,
    extra: HeaderLines,
  ): Promise<void> {
    const { signal, encoding, compression } = admission;
    const lease = visit.lease();
    try {
      const body = await readBody(request, maxBytes, lease, pace);
      visit.endReading();
      if (body.kind === "gone") return;
      if (body.kind !== "bytes") {
        // What is still thrown away of it is no work under way.
        visit.leave();
        reject(request, response, describeUnread(body.kind), extra);
        return;
      }
      let message = body.bytes;
      if (compression === "gzip") {
        const decompressed = await ports.loop.run(() => gunzip(message, maxBytes, lease));
        if (decompressed.kind !== "bytes") {
          const [refusal, reason] = refuseDecompressed(decompressed.kind, tooLarge);
          reject(request, response, { refusal, reason, headers: NONE }, extra);
          return;
        }
        message = decompressed.bytes;
      }
      const answer = await exporter(signal, message, encoding, visit);
      if (response.destroyed) return;
      // Nothing was done: the client has closed its side for long, and is told so in case that it still reads.
      if (answer === undefined)
        respondRefused(request, response, noBudget, encoding, extra, drain, ports.clock);
      else if (answer.kind === "accepted") respondAccepted(response, answer, encoding, extra);
      else respondRefused(request, response, answer, encoding, extra, drain, ports.clock);
    } finally {
      lease.release();
    }
  }

  return async (request, response, visit, expectation) => {
    const { origin } = request.headers;
    try {
      if (cors !== undefined && request.method === "OPTIONS" && !visit.draining && expectation === "none") {
        // Preflights carry no token: where one is wanted, who never showed it keeps no connection by asking.
        if (settings.bearerToken !== undefined && visit.isStranger) response.shouldKeepAlive = false;
        response.writeHead(204, [...cors.preflight(origin)]);
        response.end();
        return;
      }
      const extra = cors === undefined ? NONE : cors.answer(origin);
      const admission = admit(request, visit, expectation);
      if ("refusal" in admission) {
        reject(request, response, admission, extra);
        return;
      }
      if (expectation === "continue") response.writeContinue();
      await serve(request, response, admission, visit, extra);
    } catch {
      if (response.headersSent) response.destroy();
      else respondRefused(request, response, uncaught, "json", NONE, drain, ports.clock);
    }
  };
}

/** The path of a request target, in absolute form too, which servers must accept (RFC 9112, section 3.2.2). */
function readPath(target: string): string {
  const path = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?#]*/i, "");
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}

/** Something before the chunks. Where they are not the last coding, Node's parser answers 400 at once. */
function hasUnknownCoding(transferEncoding: string | undefined): boolean {
  const codings = transferEncoding?.trim().toLowerCase() ?? "";
  return codings !== "chunked" && codings.endsWith("chunked");
}
