/** The upstream's answers in terms that both doors translate; one function for each way an answer comes. */
import type { OtlpEncoding } from "@coresdk/pipeline";
import { ACCEPTED, type Accepted, type ExportAnswer, type Signal, type StatusDetail } from "../contracts.ts";
import { boundDelay, findRetryDelay, isRetryInfo } from "../protocol/details.ts";
import { decodeExportResponse, encodeExportResponse } from "../protocol/export-response.ts";
import { type GrpcCode, grpcCode } from "../protocol/grpc-code.ts";
import { refuse, refuseUnavailable } from "../protocol/refusal.ts";
import { decodeStatus, decodeStatusJson } from "../protocol/rpc-status.ts";
import { isRetryableGrpc, translateGrpcCode, translateHttpStatus } from "../protocol/tables.ts";

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Read whole; `"broken off"` when its end did not come. */
  readonly body: Uint8Array | "broken off";
}

/** An answer over gRPC: the message when the code is OK. */
export interface GrpcAnswer {
  readonly code: GrpcCode;
  readonly message: string;
  readonly details: readonly StatusDetail[];
  /** `"unreadable"` when it came compressed, cut off or beyond its announced length. */
  readonly response: Uint8Array | "unreadable" | undefined;
}

/**
 * The upstream said that it took the request, and something more that cannot be read: an answer that is damaged,
 * compressed or no message. The status decides: data sent again after a success would stand twice upstream,
 * which no metric survives, while what is lost is at most a partial success, that is not to be retried either.
 */
export const TAKEN_UNREAD: Accepted = { kind: "accepted", response: undefined };

/**
 * Upstream texts that are no `google.rpc.Status` (a proxy's error page) are quoted up to here, and whole: they are cut
 * after everything is hidden in them that may be no client's to see.
 */
const MAX_QUOTED_BYTES = 32 * 1024;

/** `HTTP-date` in its three forms (RFC 9110, section 5.6.7), or `delay-seconds` of a length that every client reads. */
const RETRY_AFTER =
  /^(?:\d{1,64}|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|[a-z]{3,6}, \d\d-[A-Z][a-z]{2}-\d\d [\d:]{8} GMT| [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}))$/;

/**
 * Bodies beyond it are not looked into, and the status alone counts: what they are to say fits in far less, while one of
 * megabytes may have millions of fields, which are decoded where all clients' requests are.
 */
export const MAX_DECODED_BYTES: number = 128 * 1024;

const NOTHING = new Uint8Array();

/** @param nowMs the time, for a `Retry-After` that is a date */
export function translateHttpAnswer(
  answer: HttpAnswer,
  signal: Signal,
  encoding: OtlpEncoding,
  nowMs: number,
): ExportAnswer {
  const { status } = answer;
  const isWhole = answer.body !== "broken off";
  const body = answer.body === "broken off" ? NOTHING : answer.body;
  const isReadable = isWhole && body.length <= MAX_DECODED_BYTES;
  const bodyEncoding = isReadable ? readBodyEncoding(answer.contentType) : undefined;
  if (status >= 200 && status < 300) {
    if (!isReadable) return TAKEN_UNREAD;
    return bodyEncoding === undefined ? ACCEPTED : acceptResponse(body, bodyEncoding, signal, encoding);
  }
  // OTLP has no redirects, and no status that it does not name is to be retried: it would be so for ever.
  if (status < 400 || status > 599) {
    return refuse(500, grpcCode.unknown, adviseOnRedirect(status) ?? quote(answer));
  }
  const parsed =
    bodyEncoding === undefined
      ? undefined
      : bodyEncoding === "json"
        ? decodeStatusJson(body)
        : decodeStatus(body);
  const details = parsed?.details ?? [];
  const wait = readRetryAfter(answer.retryAfter, nowMs);
  return refuse(status, translateHttpStatus(status), parsed?.message || quote(answer), {
    retryAfterMs: wait?.ms ?? findRetryDelay(details),
    retryAfter: wait?.written,
    details: details.filter((detail) => !isRetryInfo(detail)),
    statusBody: parsed !== undefined && bodyEncoding === encoding && body.length > 0 ? body : undefined,
  });
}

/** What is wrong when an upstream redirects; `undefined` when it does not. */
export function adviseOnRedirect(status: number): string | undefined {
  if (status < 300 || status >= 400) return undefined;
  return `the upstream answered with a redirect (HTTP status ${status}), which is not followed; otel.endpoint must name the place itself`;
}

export function translateGrpcAnswer(
  answer: GrpcAnswer,
  signal: Signal,
  encoding: OtlpEncoding,
): ExportAnswer {
  const { code, details } = answer;
  if (code === grpcCode.ok) {
    const { response } = answer;
    if (response === undefined) return ACCEPTED;
    return response === "unreadable" ? TAKEN_UNREAD : acceptResponse(response, "protobuf", signal, encoding);
  }
  const retryAfterMs = findRetryDelay(details);
  const retryable = isRetryableGrpc(code, retryAfterMs !== undefined);
  return refuse(translateGrpcCode(code, retryAfterMs !== undefined), code, answer.message, {
    retryAfterMs: retryable ? retryAfterMs : undefined,
    details: details.filter((detail) => !isRetryInfo(detail)),
  });
}

/** Nothing came back: the upstream cannot be reached, or the connection broke. */
export function refuseUnreachable(): ExportAnswer {
  return refuseUnavailable("the upstream cannot be reached");
}

/**
 * An HTTP success that is not gRPC: it says nothing about the request, which gRPC calls UNKNOWN.
 * @param nowMs the time, for a `Retry-After` that is a date
 */
export function refuseNoGrpc(
  contentType: string,
  retryAfter: string | undefined,
  nowMs: number,
): ExportAnswer {
  const shown = contentType.replace(/[^\x20-\x7e]+/g, " ");
  const what = shown === "" ? "no content type" : `the content type ${shown}`;
  const wait = readRetryAfter(retryAfter, nowMs);
  return refuse(500, grpcCode.unknown, `the upstream does not speak gRPC: it answered with ${what}`, {
    retryAfterMs: wait?.ms,
    retryAfter: wait?.written,
  });
}

export function refuseTimedOut(timeoutMs: number): ExportAnswer {
  return refuse(504, grpcCode.deadlineExceeded, `the upstream did not answer within ${timeoutMs} ms`);
}

/**
 * OTLP, "OTLP/HTTP Response" and "OTLP/gRPC Response": an answer beyond the limit is an error that is not retried,
 * whatever its status, and that it was discarded is to be recorded. The upstream may have taken the data.
 */
export function refuseOversizedAnswer(maxBytes: number): ExportAnswer {
  return refuse(500, grpcCode.internal, describeOversizedAnswer(maxBytes));
}

/** What is said of an answer beyond the limit. */
export function describeOversizedAnswer(maxBytes: number): string {
  return `the upstream's answer is larger than ${maxBytes} bytes and was not read; the upstream may have taken the data`;
}

/** The upstream took the request; its response is given on unchanged where the encoding is the same. */
function acceptResponse(
  body: Uint8Array,
  from: OtlpEncoding,
  signal: Signal,
  to: OtlpEncoding,
): ExportAnswer {
  if (body.length === 0) return ACCEPTED;
  if (body.length > MAX_DECODED_BYTES) return TAKEN_UNREAD;
  const partial = decodeExportResponse(body, signal, from);
  if (partial === undefined) return TAKEN_UNREAD;
  if (from === to) return { kind: "accepted", response: body };
  return partial === "none"
    ? ACCEPTED
    : { kind: "accepted", response: encodeExportResponse(partial, signal, to) };
}

function readBodyEncoding(contentType: string): OtlpEncoding | undefined {
  const [essence = ""] = contentType.split(";", 1);
  const name = essence.trim().toLowerCase();
  if (name === "application/x-protobuf" || name === "application/protobuf") return "protobuf";
  return name === "application/json" ? "json" : undefined;
}

function quote(answer: HttpAnswer): string {
  const said = `the upstream answered with HTTP status ${answer.status}`;
  if (!answer.contentType.toLowerCase().startsWith("text/plain")) return said;
  const { body } = answer;
  if (body === "broken off" || body.length > MAX_QUOTED_BYTES) return said;
  const text = Buffer.from(body.buffer, body.byteOffset, body.length);
  // Control characters would let an upstream write lines of its own into a client's log.
  const line = text
    .toString()
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  return line === "" ? said : `${said}: ${line}`;
}

/** What an upstream asks for. */
interface Wait {
  /** Within bounds. */
  readonly ms: number;
  /** As it was written, where that is legal. */
  readonly written: string | undefined;
}

/** `Retry-After` is seconds or a date (RFC 9110, section 10.2.3); `undefined` when it is neither. */
function readRetryAfter(value: string | undefined, nowMs: number): Wait | undefined {
  const text = value?.trim() ?? "";
  const written = RETRY_AFTER.test(text) ? text : undefined;
  if (/^\d+$/.test(text)) return { ms: boundDelay(Number(text) * 1000), written };
  if (written === undefined) return undefined;
  // The form of C's asctime names no zone, and all three are in GMT.
  const date = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : { ms: boundDelay(date - nowMs), written };
}
