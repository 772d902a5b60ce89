/** OTLP/HTTP towards the upstream: the message bytes as they came, in the encoding they came in. */
import { acceptContinue, InformationalLimit, type OtlpEncoding } from "@coresdk/pipeline";
import { buildConnector, type Dispatcher, Pool } from "undici";
import type { Signal } from "../../contracts.ts";
import type { ForwardSettings } from "../settings.ts";
import {
  adviseOnRedirect,
  type HttpAnswer,
  refuseTimedOut,
  refuseUnreachable,
  translateHttpAnswer,
} from "../translate.ts";
import {
  compress,
  describeError,
  discardOversized,
  revealHeaders,
  type Sent,
  type Transport,
  type TransportPorts,
  tlsOptions,
  USER_AGENT,
} from "../transport.ts";

/** @throws when the endpoint or a header is illegal */
export function createHttpTransport(settings: ForwardSettings, ports: TransportPorts): Transport {
  const base = new URL(settings.endpoint);
  const prefix = base.pathname.replace(/\/+$/, "");
  const paths: Readonly<Record<Signal, string>> = {
    logs: `${prefix}/v1/logs`,
    traces: `${prefix}/v1/traces`,
    metrics: `${prefix}/v1/metrics`,
  };
  const headers: Readonly<Record<OtlpEncoding, Record<string, string>>> = {
    protobuf: describeRequest(settings, "application/x-protobuf"),
    json: describeRequest(settings, "application/json"),
  };
  const pool = new Pool(base.origin, {
    connections: settings.maxConnections,
    pipelining: 1,
    connect: acceptContinue(buildConnector({ ...tlsOptions(settings), timeout: settings.timeoutMs })),
    // One deadline for the whole call stands in `send`.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function send(signal: Signal, message: Uint8Array, encoding: OtlpEncoding): Promise<Sent> {
    const aborter = new AbortController();
    const cancel = ports.clock.schedule(settings.timeoutMs, () => aborter.abort(TIMED_OUT));
    const informational = new InformationalLimit(() => aborter.abort(ENDLESS));
    try {
      const response = await pool.request({
        method: "POST",
        path: paths[signal],
        headers: headers[encoding],
        body: await compress(message, settings),
        signal: aborter.signal,
        onInfo: informational.note,
      });
      const { maxResponseBytes } = settings;
      const answer = await readAnswer(response, maxResponseBytes);
      if (answer === undefined) return discardOversized(maxResponseBytes);
      return {
        answer: translateHttpAnswer(answer, signal, encoding, ports.clock.now()),
        unreachable: undefined,
        advice: adviseOnRedirect(response.statusCode),
      };
    } catch (error) {
      if (error === ENDLESS) return { answer: refuseUnreachable(), unreachable: ENDLESS.message };
      return aborter.signal.aborted
        ? { answer: refuseTimedOut(settings.timeoutMs), unreachable: "no answer in time" }
        : { answer: refuseUnreachable(), unreachable: describeError(error) };
    } finally {
      cancel();
    }
  }

  return { send, close: () => pool.destroy() };
}

const TIMED_OUT = new Error("timed out");
const ENDLESS = new Error("informational responses (1xx) without end");

function describeRequest(settings: ForwardSettings, contentType: string): Record<string, string> {
  return {
    "user-agent": USER_AGENT,
    ...revealHeaders(settings),
    // Without it any encoding of the answer would do (RFC 9110, section 12.5.3).
    "accept-encoding": "identity",
    "content-type": contentType,
    ...(settings.compression === "gzip" ? { "content-encoding": "gzip" } : {}),
  };
}

/** Reads the answer whole; `undefined` when it is larger than it may be. */
async function readAnswer(
  response: Dispatcher.ResponseData,
  maxBytes: number,
): Promise<HttpAnswer | undefined> {
  const body = await readBody(response.body, maxBytes);
  if (body === "too large") return undefined;
  return {
    status: response.statusCode,
    contentType: readHeader(response.headers["content-type"]) ?? "",
    retryAfter: readHeader(response.headers["retry-after"]),
    body,
  };
}

async function readBody(
  body: Dispatcher.ResponseData["body"],
  maxBytes: number,
): Promise<Uint8Array | "too large" | "broken off"> {
  const chunks: Buffer[] = [];
  let total = 0;
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      total += chunk.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (total > maxBytes) return "too large";
      chunks.push(chunk);
    }
  } catch {
    // What became of the request is known from the status on.
    return "broken off";
  }
  return Buffer.concat(chunks, total);
}

function readHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
