/**
 * When an emitter closes. How many providers hold it, it cannot know, nor which of them shuts it down: it closes at as
 * many shutdowns as it heard from kinds of providers. What comes after the first shutdown is delivered still, by a
 * pipeline of its own that is closed at once. So are log records after any number: a logger provider of the SDK's takes
 * none once it is shut down, so that there is another, and it was a tracer provider that was shut down twice. Spans still
 * end after that of a tracer provider; after the second shutdown they are refused. Losses are told where they happen,
 * once, however many calls wait for them.
 */
import { type Clock, type FactRecorder, holdProcess } from "@coresdk/pipeline";
import { emitterFacts } from "./facts.ts";
import { nameFailure } from "./failure.ts";
import { readFlushTimeout } from "./flush-timeout.ts";
import type { LossReporter } from "./losses.ts";
import type { Moved, SessionPorts } from "./session.ts";
import { atRoot } from "./suppression.ts";
import { Transit } from "./transit.ts";
import type { TransitItem } from "./transit-item.ts";
import { UndeliveredError } from "./undelivered-error.ts";

/** An emitter can be registered with a provider of logs and with one of traces. */
const MAX_PROVIDERS = 2;

export type ProviderKind = "logs" | "spans";

export interface LifecyclePorts extends Pick<SessionPorts, "openPipeline" | "clock" | "losses"> {
  readonly facts: FactRecorder & { warn(message: string): void };
  /** Told each time that a pipeline was closed. */
  readonly released: () => void;
}

export interface LifecycleSettings {
  /** Of what waits for the queue. */
  readonly maxBytes: number;
  readonly flushTimeoutMs: number;
  /** What is in the queue outlives the process. */
  readonly durable: boolean;
}

export class Lifecycle {
  readonly #flushTimeoutMs: number;
  readonly #durable: boolean;
  readonly #clock: Clock;
  readonly #facts: LifecyclePorts["facts"];
  readonly #losses: LossReporter;
  readonly #transit: Transit;
  readonly #heardFrom = new Set<ProviderKind>();
  #shutdowns = 0;
  #closingLate = false;

  constructor({ maxBytes, flushTimeoutMs, durable }: LifecycleSettings, ports: LifecyclePorts) {
    this.#flushTimeoutMs = flushTimeoutMs;
    this.#durable = durable;
    this.#clock = ports.clock;
    this.#facts = ports.facts;
    this.#losses = ports.losses;
    this.#transit = new Transit(maxBytes, { ...ports, durable, closed: (moved) => this.#closed(moved) });
  }

  /** Something came from that kind of provider. */
  hear(kind: ProviderKind): void {
    this.#heardFrom.add(kind);
  }

  /** Takes an event from that kind of provider, or reports its loss. */
  add(item: TransitItem, from: ProviderKind): void {
    if (this.#shutdowns >= MAX_PROVIDERS && from === "spans") {
      this.#losses.report("closed", 1, "a span that ended after the shutdown");
      return;
    }
    this.#transit.add(item);
    // Nobody is sure to shut it down again.
    if (this.#shutdowns > 0 && !this.#isNeeded) atRoot(() => void this.#closeLate());
  }

  /** Opens the queue at once, and keeps it open until the shutdown. */
  keepOpen(): void {
    this.#transit.keepOpen();
  }

  /** Events that are not in a queue yet. */
  get waiting(): number {
    return this.#transit.waiting;
  }

  /** True while there is something to deliver, or to keep open, that nobody closes yet. */
  get active(): boolean {
    return this.#transit.active;
  }

  /**
   * @param options what the application gave to `forceFlush`
   * @throws TypeError, UndeliveredError and Error (rejects) as `CloudEventEmitter.forceFlush` does
   */
  async flush(options: unknown): Promise<void> {
    const timeoutMs = readFlushTimeout(options) ?? this.#flushTimeoutMs;
    const { remaining, lost, unopened } = await holdProcess(this.#transit.flush(timeoutMs));
    if (unopened !== undefined) throw unopened;
    if (remaining > lost) throw new UndeliveredError(remaining, "they stay in the queue");
    if (lost > 0) throw this.#undelivered(lost);
  }

  /** @throws UndeliveredError (rejects) as `CloudEventEmitter.shutdown` does */
  async shutDown(): Promise<void> {
    this.#shutdowns++;
    if (this.#isNeeded) return this.flush(undefined);
    const startMs = this.#clock.elapsed();
    let { lost } = await this.#close();
    // What came meanwhile is waited for as well, as long as there is time; it has time of its own beyond that.
    if ((this.#transit.active || this.#transit.closing) && !this.#isNeeded) {
      const leftMs = this.#flushTimeoutMs - (this.#clock.elapsed() - startMs);
      lost += (await this.#within(leftMs, this.#close()))?.lost ?? 0;
    }
    if (lost > 0) throw this.#undelivered(lost);
  }

  /** A provider that was heard from is not shut down yet. */
  get #isNeeded(): boolean {
    return this.#shutdowns < this.#heardFrom.size;
  }

  #close(): Promise<Moved> {
    return holdProcess(this.#transit.close(this.#flushTimeoutMs));
  }

  #undelivered(count: number): UndeliveredError {
    const why = this.#durable ? "they had not reached queue.dir" : "the queue was in memory";
    return new UndeliveredError(count, `they are lost: ${why}`);
  }

  /** Tells what the close of a pipeline came to. */
  #closed({ remaining, lost, unopened }: Moved): void {
    if (unopened !== undefined) {
      this.#facts.warn(`What waits in queue.dir was not delivered before the shutdown: ${unopened.message}`);
    }
    if (lost > 0) this.#losses.report("undelivered", lost, "not delivered before the shutdown ended");
    if (remaining > lost) this.#facts.record(emitterFacts.kept, remaining - lost);
    this.#losses.flush();
  }

  async #closeLate(): Promise<void> {
    if (this.#closingLate) return;
    this.#closingLate = true;
    try {
      for (;;) {
        // What comes within this turn, and while the pipeline before is being closed, goes on together.
        await this.#transit.released;
        if (!this.#transit.active || this.#isNeeded) return;
        await this.#close();
      }
    } catch (error) {
      this.#facts.warn(`closing again failed: ${nameFailure(error)}`);
    } finally {
      this.#closingLate = false;
    }
  }

  /** What the work comes to, `undefined` when the time is over before. The work itself goes on. */
  async #within<Result>(ms: number, work: Promise<Result>): Promise<Result | undefined> {
    let cancel = (): void => {};
    const over = new Promise<undefined>((resolve) => {
      cancel = this.#clock.schedule(Math.max(0, ms), () => resolve(undefined));
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      cancel();
    }
  }
}
