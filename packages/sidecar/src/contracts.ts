/** What the sidecar's doors, its routes and its forwarding promise each other. */
import type { OtlpEncoding, Sender } from "@coresdk/pipeline";
import type { GrpcCode } from "./protocol/grpc-code.ts";

export type Signal = "logs" | "traces" | "metrics";

/** One detail of a `google.rpc.Status`: a `google.protobuf.Any`. */
export interface StatusDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** The request was taken, perhaps in part. */
export interface Accepted {
  readonly kind: "accepted";
  /**
   * The `Export…ServiceResponse`, in the request's encoding; `undefined` is full success, with
   * `partial_success` unset.
   */
  readonly response: Uint8Array | undefined;
}

/** The request was refused. Both statuses are set, each chosen by OTLP's tables, so that no door decides anew. */
export interface Refused {
  readonly kind: "refused";
  readonly httpStatus: number;
  readonly grpcCode: GrpcCode;
  /** For the developer who reads it: no secrets, no contents of the request. Of any length: doors show the beginning. */
  readonly message: string;
  /** How long the sender is asked to wait; `undefined` says nothing about it. */
  readonly retryAfterMs: number | undefined;
  /** The same as the upstream wrote it, a legal `Retry-After` that the HTTP door gives on as it is. */
  readonly retryAfter?: string | undefined;
  /** Details of the status, without `RetryInfo`, which the gRPC door makes of `retryAfterMs`. */
  readonly details: readonly StatusDetail[];
  /** The upstream's own `google.rpc.Status` in the request's encoding, given on by the HTTP door as it is. */
  readonly statusBody: Uint8Array | undefined;
}

/** What became of one export request, in terms that both doors translate. */
export type ExportAnswer = Accepted | Refused;

/** Full success. */
export const ACCEPTED: Accepted = { kind: "accepted", response: undefined };

/**
 * Takes one export request, decompressed. Expected outcomes are values; it rejects only when something is
 * broken, which the doors answer with 500 / INTERNAL. The message is the handler's own from the call on.
 */
export type ExportHandler = (
  signal: Signal,
  message: Uint8Array,
  encoding: OtlpEncoding,
  sender?: Sender,
) => Promise<ExportAnswer>;

/** One listening door. */
export interface Receiver {
  /** Where it listens, with the port that the system chose when 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number };
  /** True when a new connection would be refused: each of those allowed has a request under way that was let in. */
  full(): boolean;
  /** Goes on listening but refuses every new request by status, retryably; what is under way goes on. */
  stopAccepting(): void;
  /** Waits for what is under way, at most `deadlineMs`; the door stays open. */
  settle(deadlineMs: number): Promise<void>;
  /** Stops listening, waits for what is under way, at most `deadlineMs`, then closes every connection. */
  close(deadlineMs: number): Promise<void>;
}

/** Where messages for the upstream go. */
export interface Forwarder {
  /**
   * Sends one message and gives back the upstream's answer, translated for a request in `encoding`.
   * @param sender who waits for it: what has gone is not worked for; left out, somebody does
   */
  forward(
    signal: Signal,
    message: Uint8Array,
    encoding: OtlpEncoding,
    sender?: Sender,
  ): Promise<ExportAnswer>;
  /** How the last call went, for `/readyz?verbose`: `none` when there is no upstream. */
  state(): UpstreamState;
  /** Waits for what is under way, at most `deadlineMs`, then closes every connection. */
  close(deadlineMs: number): Promise<void>;
}

export interface UpstreamState {
  readonly state: "none" | "untried" | "ready" | "failing";
  /** Why it fails; `""` otherwise. */
  readonly reason: string;
}
