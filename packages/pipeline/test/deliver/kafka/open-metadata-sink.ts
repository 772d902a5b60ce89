import type { Clock, Sink } from "../../../src/contracts.ts";
import { createKafkaSink } from "../../../src/deliver/kafka/kafka-sink.ts";
import type { KafkaSinkSettings } from "../../../src/settings.ts";
import { systemRandom } from "../../../src/system.ts";

/** So long that no test waits for it, and that the client's own timers never ring. */
export const TIME_OUT_MS = 600_000;

/** A sink for the topic of a `MetadataBroker`, which is the one or the other of these. */
export function openMetadataSink(
  clock: Clock,
  ports: readonly number[],
  changes: Partial<KafkaSinkSettings> = {},
): Sink {
  return createKafkaSink(
    {
      kind: "kafka",
      name: "default",
      brokers: ports.map((port) => `127.0.0.1:${port}`),
      topic: "events",
      tls: undefined,
      sasl: undefined,
      contentMode: "structured",
      key: "subject",
      // So that the topic's configuration is not asked for.
      compression: "gzip",
      lingerMs: 0,
      batchSize: 1,
      timeoutMs: TIME_OUT_MS,
      ...changes,
    },
    { clock, random: systemRandom },
  );
}
