import type { Clock, FactRecorder, Random, Sink } from "../contracts.ts";
import type { SinkSettings } from "../settings.ts";
import { createHttpSink } from "./http/http-sink.ts";
import { createKafkaSink } from "./kafka/kafka-sink.ts";

export interface SinkPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly facts: FactRecorder;
}

/**
 * The sink that the settings describe. Nothing is connected before the first send.
 *
 * @throws Error when a setting cannot be used; secrets are not in the message
 */
export function createSink(settings: SinkSettings, ports: SinkPorts): Sink {
  return settings.kind === "http" ? createHttpSink(settings, ports) : createKafkaSink(settings, ports);
}
