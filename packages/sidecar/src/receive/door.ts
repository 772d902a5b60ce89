/** What both doors have in common: their ports, the refusals they speak themselves, and how they are recorded. */
import type { Clock, FactRecorder, OtlpEncoding, Sender } from "@coresdk/pipeline";
import type { ExportAnswer, ExportHandler, Refused, Signal } from "../contracts.ts";
import { sidecarFacts } from "../facts.ts";
import { grpcCode } from "../protocol/grpc-code.ts";
import {
  refuse,
  refuseBadRequest,
  refuseInternal,
  refuseTooLarge,
  refuseUnavailable,
} from "../protocol/refusal.ts";
import type { InFlightBudget } from "./budget.ts";
import type { Decompressed } from "./gunzip.ts";
import type { LoopTurns } from "./loop-turns.ts";
import type { TlsFailure } from "./tls-failure.ts";

export interface DoorPorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
  /** Shared by both doors. */
  readonly budget: InFlightBudget;
  /** Shared by both doors. */
  readonly loop: LoopTurns;
  /** Whether an export would be accepted now: what gRPC's health service answers. */
  readonly ready: () => boolean;
}

/** How long a sender waits when the doors are full, in ms: requests under way take less. */
const BUSY_RETRY_MS = 1_000;

/** How long a sender waits while the sidecar shuts down, in ms: a restart takes about this long. */
const CLOSING_RETRY_MS = 5_000;

export const unauthorized: Refused = refuse(
  401,
  grpcCode.unauthenticated,
  "the bearer token is missing or wrong",
);
export const closing: Refused = refuseUnavailable("the sidecar is shutting down", CLOSING_RETRY_MS);
export const tooManyConnections: Refused = refuseUnavailable("too many connections", BUSY_RETRY_MS);
export const noBudget: Refused = refuseUnavailable("too many requests in flight", BUSY_RETRY_MS);
export const corruptGzip: Refused = refuseBadRequest("the request is not valid gzip");

/** The refusal that a failed decompression is answered with. */
export function refuseDecompressed(
  kind: Exclude<Decompressed["kind"], "bytes">,
  tooLarge: Refused,
): readonly [refusal: Refused, reason: string] {
  if (kind === "too_large") return [tooLarge, kind];
  return kind === "no_budget" ? [noBudget, kind] : [corruptGzip, kind];
}

/** The largest request a door takes: one that is larger than the whole budget would be refused for ever. */
export function requestLimit(
  maxRequestBytes: number,
  budget: InFlightBudget,
): { readonly maxBytes: number; readonly tooLarge: Refused } {
  const maxBytes = Math.min(maxRequestBytes, budget.maxBytes);
  return { maxBytes, tooLarge: refuseTooLarge(maxBytes) };
}

/** Counts what passes one door. */
export interface DoorLog {
  refused(reason: string): void;
  connectionRefused(): void;
  connectionPushedOut(): void;
  malformed(detail: string): void;
  handshakeFailed(failure: TlsFailure): void;
}

export function createDoorLog(door: "http" | "grpc", facts: FactRecorder): DoorLog {
  const labels = { door };
  return {
    refused: (reason) => facts.record(sidecarFacts.refused, 1, { door, reason }, reason.replaceAll("_", " ")),
    connectionRefused: () => facts.record(sidecarFacts.connectionsRefused, 1, labels, "too many connections"),
    connectionPushedOut: () => facts.record(sidecarFacts.connectionsPushedOut, 1, labels),
    handshakeFailed: ({ reason, detail }) =>
      facts.record(sidecarFacts.handshakesFailed, 1, { door, reason }, detail),
    malformed: (detail) => facts.record(sidecarFacts.malformed, 1, labels, detail),
  };
}

/**
 * Hands a whole request to the handler; a failure of ours is an answer too. `undefined` when the sender went away before
 * its turn came: nothing was done then.
 */
export type Exporter = (
  signal: Signal,
  message: Uint8Array,
  encoding: OtlpEncoding,
  sender: Sender,
) => Promise<ExportAnswer | undefined>;

/** The handler with its counting and with failures turned into answers. */
export function createExporter(
  door: "http" | "grpc",
  handler: ExportHandler,
  { facts, loop }: Pick<DoorPorts, "facts" | "loop">,
  log: DoorLog,
): Exporter {
  const labels = {
    logs: { door, signal: "logs" },
    traces: { door, signal: "traces" },
    metrics: { door, signal: "metrics" },
  } as const satisfies Record<Signal, Readonly<Record<string, string>>>;
  async function hand(
    signal: Signal,
    message: Uint8Array,
    encoding: OtlpEncoding,
    sender: Sender,
  ): Promise<ExportAnswer | undefined> {
    if (sender.gone) {
      log.refused("gone");
      return undefined;
    }
    facts.record(sidecarFacts.requests, 1, labels[signal]);
    facts.record(sidecarFacts.requestBytes, message.length, labels[signal]);
    try {
      return await handler(signal, message, encoding, sender);
    } catch (error) {
      facts.record(sidecarFacts.handlerFailed, 1, labels[signal], describeFailure(error));
      return refuseInternal();
    }
  }

  return (...request) => loop.run(() => hand(...request));
}

/** Where a failure happened, without its message: that may quote the request. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return "a value that is no error was thrown";
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return `${error.name} ${frames.slice(0, 3).join(" ").replace(/\s+/g, " ").trim()}`;
}
