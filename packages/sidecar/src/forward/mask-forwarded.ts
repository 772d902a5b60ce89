import {
  type Clock,
  type FactRecorder,
  facts,
  findRequestFault,
  LARGE_BYTES,
  type MaskSettings,
  type OtlpEncoding,
  type Sender,
  TaskAbandonedError,
  TaskThreads,
  toPlainMaskSettings,
} from "@coresdk/pipeline";
import type { ExportAnswer, Forwarder, Signal } from "../contracts.ts";
import { sidecarFacts } from "../facts.ts";
import { refuseUnavailable } from "../protocol/refusal.ts";
import { refuseFault } from "../refuse-fault.ts";
import { ForwardMasking, type Masked } from "./forward-masking.ts";
import { hideInAnswers } from "./hide-answer.ts";
import type { MaskTask } from "./mask-thread.ts";

/** What is masked of the requests that go on over OTLP (semantics, section 8). */
export interface ForwardMaskSettings {
  readonly masking: MaskSettings;
  /** `events`: only log records that are events, as `keep_in_otlp` lets them go on. */
  readonly logs: "all" | "events" | "none";
  readonly traces: boolean;
  readonly metrics: boolean;
}

export interface ForwardMaskPorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
}

/**
 * A forwarder that masks what it hands on. A request in which nothing was found goes on with the bytes that came; one
 * that is no such request is refused, since nobody knows what is in it. What the upstream answers is masked as well: it
 * may quote what it was sent.
 */
export function maskForwarded(
  forwarder: Forwarder,
  settings: ForwardMaskSettings,
  ports: ForwardMaskPorts,
): Forwarder {
  const masking = new ForwardMasking(settings.masking);
  const maskAnswer = hideInAnswers((text) => masking.text(text));
  const threads = createThreads(settings.masking, ports.clock);
  const masks: Readonly<Record<Signal, boolean>> = {
    logs: settings.logs !== "none",
    traces: settings.traces,
    metrics: settings.metrics,
  };

  /** What may cost much is masked by a thread, as it is taken in by one. */
  async function mask(
    signal: Signal,
    request: Uint8Array,
    encoding: OtlpEncoding,
    sender: Sender | undefined,
  ): Promise<Masked> {
    const eventsOnly = signal === "logs" && settings.logs === "events";
    const isSmall = request.byteLength < LARGE_BYTES;
    const masked = isSmall ? masking.maskIfCheap(signal, request, encoding, eventsOnly) : undefined;
    if (masked !== undefined) return masked;
    // A copy: when nothing is found, the bytes that came go on.
    const copy = new Uint8Array(request);
    return threads.run(
      { signal, request: copy, encoding, eventsOnly },
      { transfer: [copy.buffer], sender, size: copy.length },
    );
  }

  async function forward(
    signal: Signal,
    request: Uint8Array,
    encoding: OtlpEncoding,
    sender: Sender | undefined,
  ): Promise<ExportAnswer> {
    let masked: Masked;
    try {
      masked = await mask(signal, request, encoding, sender);
    } catch (error) {
      const fault = findRequestFault(error);
      if (fault !== undefined) return refuseFault(fault, encoding, ports.facts);
      if (!(error instanceof TaskAbandonedError)) throw error;
      return refuseUnavailable(`the request cannot be masked: ${error.message}`, error.retryAfterMs);
    }
    const { message, failures } = masked;
    if (message !== undefined) ports.facts.record(sidecarFacts.forwardMasked, 1, { signal });
    if (failures > 0) ports.facts.record(facts.maskFailures, failures);
    return maskAnswer(await forwarder.forward(signal, message ?? request, encoding), signal, encoding);
  }

  return {
    forward: (signal, request, encoding, sender) =>
      masks[signal]
        ? forward(signal, request, encoding, sender)
        : forwarder.forward(signal, request, encoding),
    state: () => forwarder.state(),
    async close(deadlineMs) {
      await forwarder.close(deadlineMs);
      await threads.close();
    },
  };
}

function createThreads(masking: MaskSettings, clock: Clock): TaskThreads<MaskTask, Masked> {
  const isSource = import.meta.url.endsWith(".ts");
  return new TaskThreads<MaskTask, Masked>({
    script: new URL(isSource ? "./mask-thread.ts" : "./mask-thread.js", import.meta.url),
    name: "coresdk-mask",
    start: toPlainMaskSettings(masking),
    clock,
  });
}
