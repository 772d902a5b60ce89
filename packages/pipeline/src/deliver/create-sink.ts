import type { Clock, FactRecorder, Random, Sink } from "../contracts.ts";
import type { SinkSettings } from "../settings.ts";
import { createHttpSink } from "./http/http-sink.ts";
import type { WebhookTargets } from "./http/webhook-targets.ts";
import { createKafkaSink } from "./kafka/kafka-sink.ts";

export interface SinkPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly facts: FactRecorder;
  /** What is known of webhook targets from sinks before this one. */
  readonly webhookTargets?: WebhookTargets | undefined;
  /** Masks what a receiver says, before it is cut to what is shown of it; it stays as it is when left out. */
  readonly maskText?: ((text: string) => string) | undefined;
}

/**
 * The sink that the settings describe. Nothing is connected before the first send.
 *
 * @throws Error when a setting cannot be used; secrets are not in the message
 */
export function createSink(settings: SinkSettings, ports: SinkPorts): Sink {
  return settings.kind === "http" ? createHttpSink(settings, ports) : createKafkaSink(settings, ports);
}
