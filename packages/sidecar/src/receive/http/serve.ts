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
  type Standing,
  tooManyConnections,
  unauthorized,
} from "../door.ts";
import { gunzip } from "../gunzip.ts";
import type { HttpReceiverSettings } from "../settings.ts";
import { createCorsPolicy, type HeaderLines } from "./cors.ts";
import { readContentEncoding, readMediaType } from "./encoding.ts";
import { readBody } from "./read-body.ts";
import { respondAccepted, respondRefused } from "./respond.ts";

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
const uncaught = refuse(500, grpcCode.internal, "the sidecar failed to handle the request");

/** Serves a request; `expectsContinue` when the client waits for leave to send the body. */
export type Server = (
  request: IncomingMessage,
  response: ServerResponse,
  standing: Standing,
  expectsContinue: boolean,
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
}

/** Compiles the settings into a function that serves one request. It does not reject. */
export function createServer(
  settings: HttpReceiverSettings,
  exporter: Exporter,
  ports: DoorPorts,
  log: DoorLog,
): Server {
  const authorize = createAuthorizer(settings.bearerToken);
  const cors = settings.cors === undefined ? undefined : createCorsPolicy(settings.cors);
  const { maxBytes, tooLarge } = requestLimit(settings.maxRequestBytes, ports.budget);
  const allow = cors === undefined ? "POST" : "POST, OPTIONS";

  function admit(request: IncomingMessage, standing: Standing): Admission | Rejection {
    if (standing.draining) return { refusal: closing, reason: "closing", headers: NONE };
    if (standing.surplus) return { refusal: tooManyConnections, reason: "connections", headers: NONE };
    const signal = paths.get(readPath(request.url ?? ""));
    if (signal === undefined) return { refusal: notFound, reason: "path", headers: NONE };
    if (request.method !== "POST") {
      return { refusal: wrongMethod, reason: "method", headers: ["allow", allow] };
    }
    const { headers } = request;
    if (!authorize(headers.authorization)) {
      return { refusal: unauthorized, reason: "token", headers: ["www-authenticate", "Bearer"] };
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
    return { signal, encoding, compression };
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
    respondRefused(request, response, rejection.refusal, encoding, headers, settings, ports.clock);
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    admission: Admission,
    extra: HeaderLines,
  ): Promise<void> {
    const { signal, encoding, compression } = admission;
    const lease = ports.budget.lease();
    try {
      const body = await readBody(request, maxBytes, lease);
      if (body.kind === "gone") return;
      if (body.kind !== "bytes") {
        const refusal = body.kind === "too_large" ? tooLarge : noBudget;
        reject(request, response, { refusal, reason: body.kind, headers: NONE }, extra);
        return;
      }
      let message = body.bytes;
      if (compression === "gzip") {
        const decompressed = await gunzip(message, maxBytes, lease);
        if (decompressed.kind !== "bytes") {
          const [refusal, reason] = refuseDecompressed(decompressed.kind, tooLarge);
          reject(request, response, { refusal, reason, headers: NONE }, extra);
          return;
        }
        message = decompressed.bytes;
      }
      const answer = await exporter(signal, message, encoding);
      if (response.destroyed) return;
      if (answer.kind === "accepted") respondAccepted(response, answer, encoding, extra);
      else respondRefused(request, response, answer, encoding, extra, settings, ports.clock);
    } finally {
      lease.release();
    }
  }

  return async (request, response, standing, expectsContinue) => {
    const { origin } = request.headers;
    try {
      if (cors !== undefined && request.method === "OPTIONS" && !standing.draining) {
        response.writeHead(204, [...cors.preflight(origin)]);
        response.end();
        return;
      }
      const extra = cors === undefined ? NONE : cors.answer(origin);
      const admission = admit(request, standing);
      if ("refusal" in admission) {
        reject(request, response, admission, extra);
        return;
      }
      if (expectsContinue) response.writeContinue();
      await serve(request, response, admission, extra);
    } catch {
      if (response.headersSent) response.destroy();
      else respondRefused(request, response, uncaught, "json", NONE, settings, ports.clock);
    }
  };
}

function readPath(url: string): string {
  const query = url.indexOf("?");
  return query < 0 ? url : url.slice(0, query);
}
