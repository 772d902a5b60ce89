import type { LookupFunction } from "node:net";
import type { Clock, FactRecorder, Outcome, Sink, SinkEvent } from "../../contracts.ts";
import { facts } from "../../facts.ts";
import type { HttpSinkSettings } from "../../settings.ts";
import { Endpoint } from "./endpoint.ts";
import { type OverrideExtensions, overrideExtensions } from "./override-extensions.ts";
import type { WebhookTargets } from "./webhook-targets.ts";
import { batchMessage, binaryMessage, structuredMessage, type WriteMessage } from "./write-message.ts";

/** A body of this size is taken by most receivers; larger batches would come back as 413 and be cut anyway. */
const MAX_BATCH_BYTES = 1024 * 1024;
/**
 * Batches turned down in a row before the events are tried one by one, once the peer has taken a batch. Cutting
 * a batch down to its one bad event takes fewer than that.
 */
const PATIENCE = 12;

export interface HttpSinkPorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
  /** How names are resolved; the system's way when left out. */
  readonly lookup?: LookupFunction;
  /** What is known of webhook targets from sinks before this one. */
  readonly webhookTargets?: WebhookTargets | undefined;
  /** Masks what a receiver says, before it is cut to what is shown of it. */
  readonly maskText?: ((text: string) => string) | undefined;
}

/**
 * Posts events to an HTTP endpoint (HTTP binding of CloudEvents 1.0).
 *
 * @throws Error when the endpoint, a header or an override cannot be used
 */
export function createHttpSink(settings: HttpSinkSettings, ports: HttpSinkPorts): Sink {
  return new HttpSink(settings, ports);
}

class HttpSink implements Sink {
  readonly name: string;
  readonly maxBytesPerSend = MAX_BATCH_BYTES;
  readonly maxInFlight: number;
  readonly answersWithinMs: number;
  heardAtMs = 0;
  readonly #clock: Clock;
  readonly #batchSize: number;
  readonly #batchIntervalMs: number;
  readonly #endpoint: Endpoint;
  readonly #facts: FactRecorder;
  readonly #override: OverrideExtensions | undefined;
  readonly #write: WriteMessage;
  #single: boolean;
  #refusals = 0;
  #patience = 1;

  constructor(settings: HttpSinkSettings, ports: HttpSinkPorts) {
    this.name = settings.name;
    this.maxInFlight = settings.maxInFlight;
    // A send may wait for the permission, or for the rate that was granted.
    this.answersWithinMs = settings.webhook === undefined ? settings.timeoutMs : Number.POSITIVE_INFINITY;
    this.#batchSize = settings.batchSize;
    this.#batchIntervalMs = settings.flushIntervalMs;
    this.#clock = ports.clock;
    this.#facts = ports.facts;
    this.#override = overrideExtensions(settings.overrides);
    const binary = settings.contentMode === "binary";
    this.#write = binary ? binaryMessage(this.#override) : structuredMessage(this.#override);
    this.#single = binary || settings.batchSize <= 1;
    this.#endpoint = new Endpoint(settings, {
      clock: ports.clock,
      lookup: ports.lookup,
      webhookTargets: ports.webhookTargets,
      maskText: ports.maskText,
      granted: (detail) => ports.facts.record(facts.sinkPermitted, 1, { sink: settings.name }, detail),
    });
  }

  get maxEventsPerSend(): number {
    return this.#single ? 1 : this.#batchSize;
  }

  /** Nothing is waited for where each event has a request of its own. */
  get flushIntervalMs(): number {
    return this.#single ? 0 : this.#batchIntervalMs;
  }

  async send(events: readonly SinkEvent[], signal: AbortSignal): Promise<readonly Outcome[]> {
    if (this.#single || events.length === 1) return this.#sendSingly(events, signal);
    const outcome = await this.#endpoint.post(batchMessage(events, this.#override), signal);
    if (!refusesBatches(outcome)) {
      if (outcome.kind === "delivered") {
        this.#refusals = 0;
        this.#patience = PATIENCE;
      }
      return events.map(() => outcome);
    }
    this.#refusals += 1;
    if (this.#refusals < this.#patience) return events.map(() => outcome);
    return this.#tryWithoutBatch(events, signal);
  }

  async close(): Promise<void> {
    await this.#endpoint.close();
  }

  /** Finds out whether the peer turns down batches or these events. */
  async #tryWithoutBatch(events: readonly SinkEvent[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcomes = await this.#sendSingly(events, signal);
    if (outcomes.every(({ kind }) => kind === "delivered") && !this.#single) {
      this.#single = true;
      const detail =
        "the peer turned down a batch and took its events one by one; batch_size is 1 from now on";
      this.#facts.record(facts.sinkSingle, 1, { sink: this.name }, detail);
    }
    return outcomes;
  }

  /** One request an event, in turn; from the first that has to be sent again on, all have to. */
  async #sendSingly(events: readonly SinkEvent[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const event of events) {
      const outcome = await this.#sendOne(event, signal);
      if (outcome.kind === "retry" || outcome.kind === "parked") {
        while (outcomes.length < events.length) outcomes.push(outcome);
        break;
      }
      this.heardAtMs = this.#clock.elapsed();
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async #sendOne(event: SinkEvent, signal: AbortSignal): Promise<Outcome> {
    let message: ReturnType<WriteMessage>;
    try {
      message = this.#write(event);
    } catch (error) {
      const detail = `it cannot be written as a request: ${error instanceof Error ? error.message : String(error)}`;
      return { kind: "rejected", reason: "rejected", detail, status: "" };
    }
    return this.#endpoint.post(message, signal);
  }
}

function refusesBatches(outcome: Outcome): boolean {
  return outcome.kind === "rejected" && (outcome.status === "400" || outcome.status === "415");
}
