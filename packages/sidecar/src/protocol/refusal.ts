/** Refusals by name: each with the status of both protocols (semantics, section 5). */
import type { ExportAnswer, Refused } from "../contracts.ts";
import { createBadRequest } from "./details.ts";
import { type GrpcCode, grpcCode } from "./grpc-code.ts";
import { isRetryableHttp } from "./tables.ts";

/** Longer texts help nobody, and a gRPC message has to fit into a header. */
const MAX_MESSAGE_CHARS = 1024;

/** A refusal with both statuses given. */
export function refuse(
  httpStatus: number,
  code: GrpcCode,
  message: string,
  extras: Partial<Pick<Refused, "retryAfterMs" | "retryAfter" | "details" | "statusBody">> = {},
): Refused {
  return {
    kind: "refused",
    httpStatus,
    grpcCode: code,
    message,
    retryAfterMs: extras.retryAfterMs,
    retryAfter: extras.retryAfter,
    details: extras.details ?? [],
    statusBody: extras.statusBody,
  };
}

/** The beginning of a refusal's message, to be taken once everything is hidden in it that nobody may see. */
export function shorten(message: string): string {
  return message.length > MAX_MESSAGE_CHARS ? `${message.slice(0, MAX_MESSAGE_CHARS)}…` : message;
}

/** Not now: the queue is closing or failed, the doors are shutting, the upstream cannot be reached. */
export function refuseUnavailable(message: string, retryAfterMs?: number): Refused {
  return refuse(503, grpcCode.unavailable, message, { retryAfterMs });
}

/** Too much at once: the sender should slow down. */
export function refuseThrottled(message: string, retryAfterMs: number): Refused {
  return refuse(429, grpcCode.unavailable, message, { retryAfterMs });
}

/** The request is at fault and will be again (OTLP, "Bad Data"). */
export function refuseBadRequest(message: string): Refused {
  return refuse(400, grpcCode.invalidArgument, message, { details: [createBadRequest(message)] });
}

/** Larger than the limit, before or after decompression; not retried (no `RetryInfo`). */
export function refuseTooLarge(limitBytes: number): Refused {
  return refuse(413, grpcCode.resourceExhausted, `the request is larger than ${limitBytes} bytes`);
}

/** Within the limit of bytes, and beyond another that the message names. */
export function refuseTooMuch(message: string): Refused {
  return refuse(413, grpcCode.resourceExhausted, message);
}

/** Something is broken here. What it is goes to the log, not to the client. */
export function refuseInternal(): Refused {
  return refuse(500, grpcCode.internal, "the sidecar failed to handle the request; its log says why");
}

/** True when the client is to send the same request again. */
export function isRetryable(answer: ExportAnswer): answer is Refused {
  // Both statuses say the same, so that asking one of them is enough.
  return answer.kind === "refused" && isRetryableHttp(answer.httpStatus);
}
