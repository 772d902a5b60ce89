/** A Kafka sink, by itself and under a delivery, as the tests with a real broker use it. */
import { BatchView } from "../../packages/pipeline/src/batch.ts";
import type { Clock, FactRecorder, Outcome, Queue, Sink } from "../../packages/pipeline/src/contracts.ts";
import { createSink } from "../../packages/pipeline/src/deliver/create-sink.ts";
import { createDelivery, type Delivery } from "../../packages/pipeline/src/delivery.ts";
import { createMemoryQueue } from "../../packages/pipeline/src/queue/memory-queue.ts";
import type { KafkaSinkSettings, TlsSettings } from "../../packages/pipeline/src/settings.ts";
import { systemClock, systemRandom } from "../../packages/pipeline/src/system.ts";
import { buildBatch, type EventOfTest } from "../../packages/pipeline/test/build-batch.ts";

const ports = { clock: systemClock, random: systemRandom, facts: { record: () => {} } };

export const DELIVERED: Outcome = { kind: "delivered" };
export const NO_TLS: TlsSettings = { ca: undefined, cert: undefined, key: undefined, servername: undefined };

export type OpenSink = Sink & AsyncDisposable;

/** A sink for a topic, with the defaults of the configuration. */
export function openSink(settings: Partial<KafkaSinkSettings>, clock: Clock = systemClock): OpenSink {
  const sink = createSink(
    {
      kind: "kafka",
      name: "default",
      brokers: [],
      topic: "",
      tls: undefined,
      sasl: undefined,
      contentMode: "structured",
      key: "subject",
      compression: "none",
      lingerMs: 5,
      batchSize: 500,
      timeoutMs: 10_000,
      ...settings,
    },
    { ...ports, clock },
  );
  return Object.assign(sink, { [Symbol.asyncDispose]: () => sink.close() });
}

/** Sends events past queue and delivery. */
export function send(
  sink: Sink,
  events: readonly EventOfTest[],
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly Outcome[]> {
  const batch = new BatchView(new Uint8Array(buildBatch(events).buffer));
  return sink.send(
    events.map((_event, index) => ({ sequence: index, batch, index })),
    signal,
  );
}

export interface Running extends AsyncDisposable {
  readonly queue: Queue;
  readonly delivery: Delivery;
  readonly delivered: number;
  append(...events: readonly EventOfTest[]): Promise<void>;
  /** Waits until the condition holds; it is looked at after each fact. */
  until(condition: () => boolean): Promise<void>;
}

/** A delivery out of a queue in memory, with retries that do not take long. */
export function deliver(sink: Sink): Running {
  let delivered = 0;
  let wake = Promise.withResolvers<void>();
  const facts: FactRecorder = {
    record({ name }, amount = 1) {
      if (name === "coresdk.events.delivered") delivered += amount;
      wake.resolve();
      wake = Promise.withResolvers();
    },
  };
  const recording = { ...ports, facts };
  const queue = createMemoryQueue({ kind: "memory", maxBytes: 1e9, ring: false }, ["default"], recording);
  const retry = { initialIntervalMs: 50, maxIntervalMs: 500, maxAgeMs: 3_600_000 };
  const delivery = createDelivery(queue.reader("default"), sink, { retry, order: "subject" }, recording);
  delivery.start();
  return {
    queue,
    delivery,
    get delivered() {
      return delivered;
    },
    async append(...events) {
      await queue.append(buildBatch(events, Date.now()));
    },
    async until(condition) {
      // What happens in between is told by facts; `health` may change a little after one.
      while (!condition()) {
        await wake.promise;
        await new Promise(setImmediate);
      }
    },
    async [Symbol.asyncDispose]() {
      await delivery.stop(0);
      await queue.close();
    },
  };
}
