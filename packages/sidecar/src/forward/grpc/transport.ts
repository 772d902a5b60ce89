/** OTLP/gRPC towards the upstream: protobuf bytes as they came, JSON transcoded. */
import { constants, type OutgoingHttpHeaders, sensitiveHeaders } from "node:http2";
import type { OtlpEncoding } from "@coresdk/pipeline";
import type { ExportAnswer, Signal } from "../../contracts.ts";
import { refuseBadRequest } from "../../protocol/refusal.ts";
import type { ForwardSettings } from "../settings.ts";
import {
  adviseOnRedirect,
  refuseNoGrpc,
  refuseTimedOut,
  refuseUnreachable,
  translateGrpcAnswer,
  translateHttpAnswer,
} from "../translate.ts";
import {
  compress,
  discardOversized,
  revealHeaders,
  type Sent,
  type Transport,
  type TransportPorts,
  USER_AGENT,
} from "../transport.ts";
import { type CallOutcome, makeCall } from "./call.ts";
import { createSessionKeeper } from "./session.ts";

const paths: Readonly<Record<Signal, string>> = {
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
};

/** @throws when the endpoint or a header is illegal */
export function createGrpcTransport(settings: ForwardSettings, ports: TransportPorts): Transport {
  const keeper = createSessionKeeper(settings, ports.clock);
  const headers: Readonly<Record<Signal, OutgoingHttpHeaders>> = {
    logs: describeCall(settings, paths.logs),
    traces: describeCall(settings, paths.traces),
    metrics: describeCall(settings, paths.metrics),
  };

  async function call(signal: Signal, message: Uint8Array): Promise<CallOutcome> {
    const session = keeper.acquire();
    const outcome = await makeCall(session, {
      headers: headers[signal],
      message,
      compressed: settings.compression === "gzip",
      maxResponseBytes: settings.maxResponseBytes,
      schedule: (callback) => ports.clock.schedule(settings.timeoutMs, callback),
    });
    // A connection that was lost without a word shows itself only so.
    if (outcome.kind === "timed_out" || outcome.kind === "not_started") keeper.retire(session);
    return outcome;
  }

  return {
    async send(signal, message, encoding) {
      const protobuf = encoding === "json" ? await transcode(signal, message) : message;
      if (protobuf === undefined) {
        return { answer: refuseBadRequest("the request is no OTLP/JSON"), unreachable: undefined };
      }
      const framed = await compress(protobuf, settings);
      let outcome = await call(signal, framed);
      if (outcome.kind === "not_started") outcome = await call(signal, framed);
      return translateOutcome(outcome, signal, encoding, settings, ports);
    },
    close: keeper.close,
  };
}

function translateOutcome(
  outcome: CallOutcome,
  signal: Signal,
  encoding: OtlpEncoding,
  settings: ForwardSettings,
  ports: TransportPorts,
): Sent {
  const answered = (answer: ExportAnswer): Sent => ({ answer, unreachable: undefined });
  switch (outcome.kind) {
    case "answered":
      return answered(translateGrpcAnswer(outcome.answer, signal, encoding));
    case "http": {
      const { status, contentType, retryAfter } = outcome;
      const nowMs = ports.clock.now();
      if (status < 300) return answered(refuseNoGrpc(contentType, retryAfter, nowMs));
      const answer = { status, contentType: "", retryAfter, body: Buffer.alloc(0) };
      const translated = translateHttpAnswer(answer, signal, encoding, nowMs);
      return { answer: translated, unreachable: undefined, advice: adviseOnRedirect(status) };
    }
    case "oversized":
      return discardOversized(settings.maxResponseBytes);
    case "timed_out":
      return { answer: refuseTimedOut(settings.timeoutMs), unreachable: "no answer in time" };
    default:
      return { answer: refuseUnreachable(), unreachable: outcome.detail };
  }
}

function describeCall(settings: ForwardSettings, path: string): OutgoingHttpHeaders {
  const configured = revealHeaders(settings);
  return {
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: path,
    te: "trailers",
    "user-agent": USER_AGENT,
    ...configured,
    "content-type": "application/grpc",
    "grpc-timeout": `${Math.min(settings.timeoutMs, 99_999_999)}m`,
    "grpc-accept-encoding": "identity,gzip",
    ...(settings.compression === "gzip" ? { "grpc-encoding": "gzip" } : {}),
    // Kept out of the header compression's table, whose contents could be guessed at.
    [sensitiveHeaders]: Object.keys(configured),
  };
}

/** Loaded when the first JSON request goes to a gRPC upstream: protobuf-es takes 100 ms. */
async function transcode(signal: Signal, message: Uint8Array): Promise<Uint8Array | undefined> {
  const { transcodeToProtobuf } = await import("../transcode.ts");
  return transcodeToProtobuf(signal, message);
}
