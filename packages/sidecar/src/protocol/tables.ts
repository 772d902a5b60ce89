/**
 * OTLP's tables of what may be retried (specification, "Failures" and "Retryable Response Codes") and the
 * translation between the two protocols. A translation never turns what may be retried into what may not, nor
 * the other way round: a client that drops what it should have kept loses data.
 */
import { type GrpcCode, grpcCode } from "./grpc-code.ts";

const retryableHttp: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const retryableGrpc: ReadonlySet<GrpcCode> = new Set([
  grpcCode.cancelled,
  grpcCode.deadlineExceeded,
  grpcCode.aborted,
  grpcCode.outOfRange,
  grpcCode.unavailable,
  grpcCode.dataLoss,
]);

export function isRetryableHttp(status: number): boolean {
  return retryableHttp.has(status);
}

/** @param hasRetryInfo whether the status carries a `RetryInfo`, which alone makes RESOURCE_EXHAUSTED retryable */
export function isRetryableGrpc(code: GrpcCode, hasRetryInfo: boolean): boolean {
  return retryableGrpc.has(code) || (code === grpcCode.resourceExhausted && hasRetryInfo);
}

const httpToGrpc: ReadonlyMap<number, GrpcCode> = new Map([
  [400, grpcCode.invalidArgument],
  [401, grpcCode.unauthenticated],
  [403, grpcCode.permissionDenied],
  [404, grpcCode.unimplemented],
  [405, grpcCode.unimplemented],
  [409, grpcCode.alreadyExists],
  // Without RetryInfo, hence not retried.
  [413, grpcCode.resourceExhausted],
  [415, grpcCode.invalidArgument],
  [422, grpcCode.invalidArgument],
  // OTLP asks for UNAVAILABLE as the sign of backpressure; RESOURCE_EXHAUSTED needs a RetryInfo to mean it.
  [429, grpcCode.unavailable],
  [500, grpcCode.internal],
  [501, grpcCode.unimplemented],
  [502, grpcCode.unavailable],
  [503, grpcCode.unavailable],
  [504, grpcCode.unavailable],
]);

/** The gRPC status that tells a client the same as this HTTP status, which is no success. */
export function translateHttpStatus(status: number): GrpcCode {
  return httpToGrpc.get(status) ?? grpcCode.unknown;
}

const grpcToHttp: ReadonlyMap<GrpcCode, number> = new Map([
  [grpcCode.cancelled, 503],
  [grpcCode.unknown, 500],
  [grpcCode.invalidArgument, 400],
  [grpcCode.deadlineExceeded, 504],
  [grpcCode.notFound, 404],
  [grpcCode.alreadyExists, 409],
  [grpcCode.permissionDenied, 403],
  [grpcCode.failedPrecondition, 400],
  [grpcCode.aborted, 503],
  [grpcCode.outOfRange, 503],
  [grpcCode.unimplemented, 404],
  [grpcCode.internal, 500],
  [grpcCode.unavailable, 503],
  [grpcCode.dataLoss, 503],
  [grpcCode.unauthenticated, 401],
]);

/** The HTTP status that tells a client the same as this gRPC status, which is not OK. */
export function translateGrpcCode(code: GrpcCode, hasRetryInfo: boolean): number {
  if (code === grpcCode.resourceExhausted) return hasRetryInfo ? 429 : 413;
  return grpcToHttp.get(code) ?? 500;
}
