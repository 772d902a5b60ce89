/** The answer to a logs request: what became of its events and of its rest, in one message. */
import type { Appended, OtlpEncoding, Refusal } from "@coresdk/pipeline";
import { ACCEPTED, type ExportAnswer, type Refused } from "../contracts.ts";
import { decodeExportResponse, encodeExportResponse } from "../protocol/export-response.ts";
import { grpcCode } from "../protocol/grpc-code.ts";
import { refuse, refuseThrottled, refuseUnavailable, shorten } from "../protocol/refusal.ts";

/** What was refused, of the events or of the rest. */
export interface Rejections {
  readonly rejected: number;
  readonly errorMessage: string;
}

/** Refusals named in one message; a client's log is no place for thousands. */
const MAX_NAMED = 16;

/** Names the events that were refused: by place, attribute and what was expected, never by value. */
export function nameRefusals(refusals: readonly Refusal[]): Rejections {
  if (refusals.length === 0) return { rejected: 0, errorMessage: "" };
  const named = refusals
    .slice(0, MAX_NAMED)
    .map(({ index, attribute, expected }) => `log record ${index}: ${attribute} must be ${expected}`);
  const more = refusals.length - named.length;
  const list = named.join("; ") + (more > 0 ? `; and ${more} more` : "");
  return { rejected: refusals.length, errorMessage: `not valid as CloudEvents: ${list}` };
}

/** The queue took nothing: the sender keeps the request and tries again, unless it can never fit. */
export function refuseAppend(appended: Appended & { readonly committed: false }): Refused {
  if (appended.reason === "too_large") {
    const message = `events cannot be stored: ${appended.detail} (queue.max_bytes)`;
    return refuse(413, grpcCode.resourceExhausted, message);
  }
  const message = `events cannot be stored now: ${appended.detail}`;
  return appended.reason === "full"
    ? refuseThrottled(message, appended.retryAfterMs)
    : refuseUnavailable(message, appended.retryAfterMs);
}

/** Full success, or partial success when something was refused. */
export function acceptWith(refused: Rejections, encoding: OtlpEncoding): ExportAnswer {
  const { rejected, errorMessage } = refused;
  if (rejected === 0 && errorMessage === "") return ACCEPTED;
  const partial = { rejected: BigInt(rejected), errorMessage };
  return { kind: "accepted", response: encodeExportResponse(partial, "logs", encoding) };
}

/** Adds what the upstream said about the rest to what was said about the events. */
export function mergeAccepted(
  own: Rejections,
  response: Uint8Array | undefined,
  encoding: OtlpEncoding,
): ExportAnswer {
  if (own.rejected === 0) return { kind: "accepted", response };
  const upstream = response === undefined ? "none" : decodeExportResponse(response, "logs", encoding);
  if (upstream === "none" || upstream === undefined) return acceptWith(own, encoding);
  const partial = {
    rejected: BigInt(own.rejected) + upstream.rejected,
    errorMessage: join(own.errorMessage, upstream.errorMessage),
  };
  return { kind: "accepted", response: encodeExportResponse(partial, "logs", encoding) };
}

/**
 * The upstream refused the rest for good. The events are committed, so that the request as a whole was taken
 * in part: both counts are added up.
 */
export function mergeRefused(
  own: Rejections,
  refused: Refused,
  otherRecords: number,
  encoding: OtlpEncoding,
): ExportAnswer {
  const { httpStatus, grpcCode, message } = refused;
  const upstream = `the upstream refused ${otherRecords} log records that are no events (HTTP status ${httpStatus}, gRPC status ${grpcCode}): ${shorten(message)}`;
  const rejected = own.rejected + otherRecords;
  return acceptWith({ rejected, errorMessage: join(own.errorMessage, upstream) }, encoding);
}

function join(first: string, second: string): string {
  return [first, second].filter((text) => text !== "").join("; ");
}
