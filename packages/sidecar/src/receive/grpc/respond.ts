import { constants, type ServerHttp2Stream } from "node:http2";
import type { Refused, StatusDetail } from "../../contracts.ts";
import { createRetryInfo } from "../../protocol/details.ts";
import type { GrpcCode } from "../../protocol/grpc-code.ts";
import { encodeGrpcMessage, encodePrefix, PREFIX_BYTES } from "../../protocol/grpc-message.ts";
import { shorten } from "../../protocol/refusal.ts";
import { encodeStatus } from "../../protocol/rpc-status.ts";
import { isRetryableHttp } from "../../protocol/tables.ts";

const { NGHTTP2_NO_ERROR } = constants;

const successHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": "identity,gzip",
};
const successTrailers = { "grpc-status": "0" };

/** An uncompressed message of length 0: full success has no field set. */
const emptyMessage = Buffer.alloc(PREFIX_BYTES);

/** A client's limit on headers is 8 KiB in places; details beyond this are left out. */
const MAX_DETAILS_CHARS = 4096;

/** Answers OK with one message; `undefined` is the empty one. */
export function respondMessage(stream: ServerHttp2Stream, message: Uint8Array | undefined): void {
  if (isDone(stream)) return;
  stream.on("wantTrailers", sendSuccess);
  stream.respond(successHeaders, { waitForTrailers: true });
  if (message === undefined) {
    stream.end(emptyMessage);
  } else {
    stream.write(encodePrefix(message.length, false));
    stream.end(message);
  }
}

/** Answers with a status in the headers alone ("Trailers-Only"), and asks a client still sending to stop. */
export function respondRefused(stream: ServerHttp2Stream, refusal: Refused): void {
  respondStatus(stream, refusal.grpcCode, shorten(refusal.message), listDetails(refusal));
}

/** As {@link respondRefused}, for statuses that only gRPC has. */
export function respondStatus(
  stream: ServerHttp2Stream,
  code: GrpcCode,
  message: string,
  details: readonly StatusDetail[] = [],
): void {
  if (isDone(stream)) return;
  const headers: Record<string, string | number> = {
    ...successHeaders,
    "grpc-status": String(code),
    "grpc-message": encodeGrpcMessage(message),
  };
  if (details.length > 0) {
    const status = Buffer.from(encodeStatus({ code, message, details })).toString("base64");
    if (status.length <= MAX_DETAILS_CHARS) headers["grpc-status-details-bin"] = status;
  }
  stream.respond(headers, { endStream: true });
  stopSender(stream);
}

/** Answers something that is not gRPC with an HTTP status (gRPC over HTTP/2, "Requests"). */
export function respondHttpStatus(stream: ServerHttp2Stream, status: number): void {
  if (isDone(stream)) return;
  stream.respond({ ":status": status }, { endStream: true });
  stopSender(stream);
}

/**
 * RetryInfo says that trying again may help, so it stands only where OTLP lets a client try again: with
 * RESOURCE_EXHAUSTED it would turn a refusal for good into one for now.
 */
function listDetails(refusal: Refused): readonly StatusDetail[] {
  const { retryAfterMs, details, httpStatus } = refusal;
  return retryAfterMs !== undefined && isRetryableHttp(httpStatus)
    ? [createRetryInfo(retryAfterMs), ...details]
    : details;
}

function sendSuccess(this: ServerHttp2Stream): void {
  if (!this.destroyed && !this.closed) this.sendTrailers(successTrailers);
}

/** True when the client has gone or has its answer. */
function isDone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed || stream.headersSent;
}

/** Once the answer is out, NO_ERROR tells a client not to send the rest (RFC 9113, section 8.1). */
function stopSender(stream: ServerHttp2Stream): void {
  if (stream.readableEnded) return;
  stream.resume();
  stream.close(NGHTTP2_NO_ERROR);
}
