import {
  compileMasker,
  type FactRecorder,
  facts,
  type MaskSettings,
  OtlpDecodeError,
} from "@coresdk/pipeline";
import type { ExportAnswer, Forwarder, Signal } from "../contracts.ts";
import { sidecarFacts } from "../facts.ts";
import { refuseBadRequest } from "../protocol/refusal.ts";
import { JsonMasking } from "./mask/json.ts";
import { REQUESTS } from "./mask/messages.ts";
import { ProtobufMasking } from "./mask/protobuf.ts";

/** What is masked of the requests that go on over OTLP (semantics, section 8). */
export interface ForwardMaskSettings {
  readonly masking: MaskSettings;
  /** `events`: only log records that are events, as `keep_in_otlp` lets them go on. */
  readonly logs: "all" | "events" | "none";
  readonly traces: boolean;
  readonly metrics: boolean;
}

/**
 * A forwarder that masks what it hands on. A request in which nothing was found goes on with the bytes that came; one
 * that is no such request is refused, since nobody knows what is in it.
 */
export function maskForwarded(
  forwarder: Forwarder,
  settings: ForwardMaskSettings,
  recorder: FactRecorder,
): Forwarder {
  const core = compileMasker(settings.masking);
  const masks: Readonly<Record<Signal, boolean>> = {
    logs: settings.logs !== "none",
    traces: settings.traces,
    metrics: settings.metrics,
  };
  const eventsOnly = { logs: settings.logs === "events", traces: false, metrics: false };
  const maskings = [false, true].map((only) => ({
    protobuf: new ProtobufMasking(core, only),
    json: new JsonMasking(core, only),
  }));

  return {
    forward(signal, message, encoding): Promise<ExportAnswer> {
      if (!masks[signal]) return forwarder.forward(signal, message, encoding);
      const failures = core.failures;
      let masked = message;
      try {
        masked = maskings[eventsOnly[signal] ? 1 : 0]?.[encoding].mask(message, REQUESTS[signal]) ?? message;
      } catch (error) {
        if (!(error instanceof OtlpDecodeError)) throw error;
        recorder.record(sidecarFacts.undecodable, 1, { encoding });
        return Promise.resolve(refuseBadRequest(error.message));
      }
      if (masked !== message) recorder.record(sidecarFacts.forwardMasked, 1, { signal });
      if (core.failures > failures) recorder.record(facts.maskFailures, core.failures - failures);
      return forwarder.forward(signal, masked, encoding);
    },
    state: () => forwarder.state(),
    close: (deadlineMs) => forwarder.close(deadlineMs),
  };
}
