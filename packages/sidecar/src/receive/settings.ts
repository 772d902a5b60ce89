/** Complete settings of the doors; units are in the names. The configuration fills them. */
import type { Secret } from "@coresdk/pipeline";

/** TLS at a door; every text is PEM. */
export interface ServerTlsSettings {
  readonly cert: string;
  readonly key: Secret;
  /** Clients must show a certificate that one of these signed; `undefined` asks for none. */
  readonly clientCa: string | undefined;
}

/** What both doors have in common. */
export interface DoorSettings {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls: ServerTlsSettings | undefined;
  /** The token that every request must carry as `Authorization: Bearer …`; `undefined` lets everyone in. */
  readonly bearerToken: Secret | undefined;
  /** Size of a request, as it comes and once more after decompression. */
  readonly maxRequestBytes: number;
  /**
   * Connections at once; a further one pushes out the longest idle, and is refused with an answer when each has
   * a request under way.
   */
  readonly maxConnections: number;
  /** All header lines of a request together. */
  readonly maxHeaderBytes: number;
  /** From connecting, or from the first byte of a later request, to the end of the request's header. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to its last: slow clients are cut. */
  readonly requestTimeoutMs: number;
  /** A connection without a request under way is closed after this. */
  readonly idleTimeoutMs: number;
}

/** Cross-origin requests from browsers. */
export interface CorsSettings {
  /** Origins as browsers send them; `*` stands for any run of characters. */
  readonly allowedOrigins: readonly string[];
  /** Request headers allowed beside those that OTLP needs. */
  readonly allowedHeaders: readonly string[];
  /** How long a browser may remember the answer. */
  readonly maxAgeSeconds: number;
}

export interface HttpReceiverSettings extends DoorSettings {
  readonly cors: CorsSettings | undefined;
  /** A refused request that is still being sent is read and thrown away up to here, so that its answer is read. */
  readonly maxDiscardBytes: number;
  readonly discardTimeoutMs: number;
}

export interface GrpcReceiverSettings extends DoorSettings {
  /** Requests at once on one connection. */
  readonly maxConcurrentStreams: number;
}

/** Both doors and what they share; a door that is `undefined` stays shut. */
export interface ReceiversSettings {
  /** Request bytes held at once by both doors, after decompression; beyond it a retryable refusal. */
  readonly maxInFlightBytes: number;
  readonly grpc: GrpcReceiverSettings | undefined;
  readonly http: HttpReceiverSettings | undefined;
}

const MIB = 1024 * 1024;

const doorDefaults = {
  // Loopback: a sidecar serves its own pod or host; opening it further is a decision.
  host: "127.0.0.1",
  tls: undefined,
  bearerToken: undefined,
  // OTLP, "OTLP/gRPC Request" and "OTLP/HTTP Request": 64 MiB is the recommended limit.
  maxRequestBytes: 64 * MIB,
  // Each costs tens of kilobytes; the applications beside a sidecar need a handful.
  maxConnections: 512,
  // Node's own default; OTLP needs a few hundred bytes.
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  // OTLP exporters give up after 10 s by default, so that a slower request has no reader left.
  requestTimeoutMs: 30_000,
  idleTimeoutMs: 300_000,
} as const;

/** Defaults of the HTTP door (semantics, section 5). */
export const httpReceiverDefaults: HttpReceiverSettings = {
  ...doorDefaults,
  port: 4318,
  cors: undefined,
  // As much as the largest request: a client that does not read while it writes still gets its answer.
  maxDiscardBytes: 64 * MIB,
  discardTimeoutMs: 10_000,
};

/** Defaults of the gRPC door (semantics, section 5). */
export const grpcReceiverDefaults: GrpcReceiverSettings = {
  ...doorDefaults,
  port: 4317,
  // The default of gRPC's own servers. Every value of a header is kept outside V8's heap, and lies there for longer.
  maxHeaderBytes: 8 * 1024,
  // The least that RFC 9113, section 6.5.2 recommends; requests beyond it wait at the client.
  maxConcurrentStreams: 100,
};

/** Defaults of both doors together. */
export const receiversDefaults: ReceiversSettings = {
  maxInFlightBytes: 64 * MIB,
  grpc: grpcReceiverDefaults,
  http: httpReceiverDefaults,
};

/** Defaults of CORS once origins are named. */
export const corsDefaults: CorsSettings = { allowedOrigins: [], allowedHeaders: [], maxAgeSeconds: 7200 };
