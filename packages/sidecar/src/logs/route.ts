/**
 * The logs route (semantics, section 1):
 *
 *   pipeline.ingest -> events committed -> the rest forwarded -> one answer for both
 *
 * Events are committed first. When the upstream may take the rest later, the request goes back to the client
 * and is remembered, so that its resend does not append the events again.
 */
import { createHash } from "node:crypto";
import {
  type Clock,
  divideRequest,
  type FactRecorder,
  findRequestFault,
  freeBytes,
  type IntakeResult,
  type OtlpEncoding,
  type Pipeline,
  type Sender,
} from "@coresdk/pipeline";
import type { ExportAnswer, Forwarder } from "../contracts.ts";
import { sidecarFacts } from "../facts.ts";
import { isRetryable } from "../protocol/refusal.ts";
import { refuseFault } from "../refuse-fault.ts";
import { acceptWith, mergeAccepted, mergeRefused, nameRefusals, refuseAppend } from "./answer.ts";
import { type Remembered, ResendTable } from "./resends.ts";
import type { LogsRouteSettings } from "./settings.ts";

export interface LogsRoutePorts {
  readonly pipeline: Pick<Pipeline, "ingest">;
  readonly forwarder: Pick<Forwarder, "forward">;
  readonly clock: Clock;
  readonly facts: FactRecorder;
}

/** Takes one logs export request, decompressed; frees it once it is decoded, unless some of it is forwarded. */
export type LogsRoute = (
  message: Uint8Array,
  encoding: OtlpEncoding,
  sender?: Sender,
) => Promise<ExportAnswer>;

export function createLogsRoute(settings: LogsRouteSettings, ports: LogsRoutePorts): LogsRoute {
  const { pipeline, forwarder, facts } = ports;
  const resends = new ResendTable(settings.resend, ports.clock, () =>
    facts.record(sidecarFacts.resendsForgotten),
  );

  /** Forwards the rest of a request whose events are committed. */
  async function forwardRest(
    digest: string,
    remembered: Remembered,
    message: Uint8Array,
    encoding: OtlpEncoding,
    sender: Sender | undefined,
  ): Promise<ExportAnswer> {
    const { rest } = remembered;
    // Remembered before the upstream answers: a client that gives up waiting resends as well.
    resends.remember(digest, remembered);
    const answer = await forwarder.forward("logs", rest === "whole" ? message : rest, encoding, sender);
    if (isRetryable(answer)) {
      resends.remember(digest, remembered);
      return answer;
    }
    resends.forget(digest);
    return answer.kind === "accepted"
      ? mergeAccepted(remembered, answer.response, encoding)
      : mergeRefused(remembered, answer, remembered.otherRecords, encoding);
  }

  return async (message, encoding, sender) => {
    // Only while something is remembered does a request cost a digest here.
    if (!resends.empty) {
      const digest = digestOf(message, encoding);
      const remembered = resends.find(digest);
      if (remembered !== undefined) {
        facts.record(sidecarFacts.resends);
        return forwardRest(digest, remembered, message, encoding, sender);
      }
    }
    let ingested: Awaited<ReturnType<Pipeline["ingest"]>>;
    try {
      ingested = await pipeline.ingest(message, encoding, sender);
    } catch (error) {
      const fault = findRequestFault(error);
      if (fault === undefined) throw error;
      freeBytes(message);
      return refuseFault(fault, encoding, facts);
    }
    const { appended, result } = ingested;
    if (!appended.committed) {
      freeBytes(message);
      return refuseAppend(appended);
    }
    if (result.otherRecords > 0) facts.record(sidecarFacts.otherRecords, result.otherRecords);
    if (result.events === 0) return forwarder.forward("logs", message, encoding, sender);
    const own = nameRefusals(result.refusals);
    const rest = settings.keepInOtlp ? withoutWithheld(result, message, encoding) : result.rest;
    if (rest === undefined) {
      freeBytes(message);
      return acceptWith(own, encoding);
    }
    const remembered = { rest, otherRecords: result.otherRecords, ...own };
    return forwardRest(digestOf(message, encoding), remembered, message, encoding, sender);
  };
}

/** With `keep_in_otlp` all goes on but the events that policy denied and those that no CloudEvent can be made of. */
function withoutWithheld(
  { events, otherRecords, withheld }: IntakeResult,
  message: Uint8Array,
  encoding: OtlpEncoding,
): IntakeResult["rest"] {
  if (withheld.length === 0) return "whole";
  return withheld.length === events + otherRecords ? undefined : divideRequest(message, encoding, withheld);
}

function digestOf(message: Uint8Array, encoding: OtlpEncoding): string {
  return createHash("sha256").update(encoding).update(message).digest("base64");
}
