/** gRPC's status codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

export type GrpcCode = (typeof grpcCode)[keyof typeof grpcCode];

const known: ReadonlySet<number> = new Set(Object.values(grpcCode));

/** Reads a status code as a peer sent it; what is none is `UNKNOWN`, as gRPC orders. */
export function readGrpcCode(code: number): GrpcCode {
  return isGrpcCode(code) ? code : grpcCode.unknown;
}

function isGrpcCode(code: number): code is GrpcCode {
  return known.has(code);
}
