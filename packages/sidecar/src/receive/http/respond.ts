import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock, OtlpEncoding } from "@coresdk/pipeline";
import type { Accepted, Refused } from "../../contracts.ts";
import { shorten } from "../../protocol/refusal.ts";
import { encodeStatus, encodeStatusJson } from "../../protocol/rpc-status.ts";
import type { HeaderLines } from "./cors.ts";
import { mediaTypes } from "./encoding.ts";
import { discardBody } from "./read-body.ts";

/** Full success: the response message without any field (OTLP, "Full Success"). */
const emptyResponse: Readonly<Record<OtlpEncoding, Buffer>> = {
  protobuf: Buffer.alloc(0),
  json: Buffer.from("{}"),
};

const successHeaders: Readonly<Record<OtlpEncoding, string[]>> = {
  protobuf: describeBody("protobuf", emptyResponse.protobuf),
  json: describeBody("json", emptyResponse.json),
};

/** A request whose announced body is at most this is read to its end, and its connection kept. */
const KEPT_BODY_BYTES = 64 * 1024;

/** Answers 200. */
export function respondAccepted(
  response: ServerResponse,
  answer: Accepted,
  encoding: OtlpEncoding,
  extra: HeaderLines,
): void {
  const body = answer.response ?? emptyResponse[encoding];
  const lines = answer.response === undefined ? successHeaders[encoding] : describeBody(encoding, body);
  response.writeHead(200, extra.length === 0 ? lines : [...lines, ...extra]);
  response.end(body);
}

/** How much of a refused request is read and thrown away, and how long, so that its answer is read. */
export interface Drain {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Answers with a `google.rpc.Status` (OTLP, "Failures"). */
export function respondRefused(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Refused,
  encoding: OtlpEncoding,
  extra: HeaderLines,
  drain: Drain,
  clock: Clock,
): void {
  const body = answer.statusBody ?? encodeRefusal(answer, encoding);
  const lines = [...describeBody(encoding, body), ...extra];
  if (answer.retryAfterMs !== undefined) {
    lines.push("retry-after", answer.retryAfter ?? String(Math.ceil(answer.retryAfterMs / 1000)));
  }
  if (request.complete) {
    response.writeHead(answer.httpStatus, lines);
    response.end(body);
    return;
  }
  if (!endsSoon(request)) response.shouldKeepAlive = false;
  response.writeHead(answer.httpStatus, lines);
  // The answer is whole with these bytes; ending it closes the connection, so that waits for the client.
  response.write(body);
  discardBody(
    request,
    drain.maxBytes,
    (callback) => clock.schedule(drain.timeoutMs, callback),
    () => {
      response.end();
      if (!request.complete) request.socket.destroySoon();
    },
  );
}

function describeBody(encoding: OtlpEncoding, body: Uint8Array): string[] {
  return ["content-type", mediaTypes[encoding], "content-length", String(body.length)];
}

function encodeRefusal(answer: Refused, encoding: OtlpEncoding): Uint8Array {
  const status = { code: answer.grpcCode, message: shorten(answer.message), details: answer.details };
  return encoding === "json" ? encodeStatusJson(status) : encodeStatus(status);
}

function endsSoon(request: IncomingMessage): boolean {
  if (request.headers["transfer-encoding"] !== undefined) return false;
  const length = request.headers["content-length"];
  return length === undefined || Number(length) <= KEPT_BODY_BYTES;
}
