/** Complete settings of forwarding; units are in the names. The configuration fills them. */
import type { Secret, TlsSettings } from "@coresdk/pipeline";

/** The upstream that takes traces, metrics and the logs that are no events. */
export interface ForwardSettings {
  /**
   * An `http:` or `https:` URL. For `http/protobuf` the base, to which `/v1/{signal}` is added; for `grpc` its
   * path means nothing.
   */
  readonly endpoint: string;
  readonly protocol: "grpc" | "http/protobuf";
  /** Sent with each request; any value may be a secret. */
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  readonly compression: "none" | "gzip";
  readonly tls: TlsSettings | undefined;
  /** From the call to the end of the answer, connecting included. */
  readonly timeoutMs: number;
  /** An answer beyond this is an error that is not retried (OTLP, "OTLP/HTTP Response"). */
  readonly maxResponseBytes: number;
  /** Requests at once over HTTP, a connection each; further ones wait. gRPC shares one connection. */
  readonly maxConnections: number;
}

/** Defaults of everything but the endpoint and its protocol. */
export const forwardDefaults: Omit<ForwardSettings, "endpoint" | "protocol"> = {
  headers: [],
  compression: "none",
  tls: undefined,
  // The OpenTelemetry exporters' own default, so that the sidecar answers before its client gives up.
  timeoutMs: 10_000,
  // OTLP's recommended limit.
  maxResponseBytes: 4 * 1024 * 1024,
  maxConnections: 32,
};
