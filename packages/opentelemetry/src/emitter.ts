import {
  type Clock,
  createPipeline,
  type FactRecorder,
  facts,
  holdProcess,
  KeyValues,
  type LogEvent,
  type Pipeline,
  type PipelineSettings,
  type Resource,
  type SpanRecord,
  systemClock,
  systemRandom,
  WebhookTargets,
} from "@coresdk/pipeline";
import { emitterFacts } from "./facts.ts";
import { HeldEvents } from "./held-events.ts";
import { type Copied, copyLogRecord, copyResource, findEventName } from "./log-record.ts";
import { LossReporter } from "./losses.ts";
import type { EmitterOptions } from "./options.ts";
import { type EndWatcher, unwatchProcessEnd, watchProcessEnd } from "./process-end.ts";
import { claimDirectory } from "./queue-claims.ts";
import { OtelFactRecorder } from "./recorder.ts";
import type { LogRecordView, ResourceView, SpanView } from "./sdk.ts";
import { type EmitterSettings, readSettings } from "./settings.ts";
import { createSpanChoice, type SpanChoice } from "./span-choice.ts";
import { copySpan, copySpanEvent, findSpanEventType, isSampled } from "./span-record.ts";
import { isOwnWork } from "./suppression.ts";
import { Transit, type TransitItem } from "./transit.ts";
import { UndeliveredError } from "./undelivered-error.ts";

/** Stands in a copy until the resource's detectors are done. */
const PENDING_RESOURCE: Resource = { attributes: new KeyValues() };

/** An emitter can be registered with a provider of logs and with one of traces. */
const MAX_PROVIDERS = 2;

type ProviderKind = "logs" | "spans";

/**
 * Delivers what an application's OpenTelemetry SDK emits as CloudEvents: a `LogRecordProcessor` for log
 * records that are events, and a `SpanProcessor` for ended spans, in one. Works with OTel JS 2.x and 3.x.
 *
 * The constructor checks its options. With `queue.dir` the queue is opened then, in the background, and what the last
 * process left there is delivered; without, it is opened by the first event, as connections are. Events are
 * delivered in the background, at least once, those of one user in order. Nothing that happens here throws
 * into the application: events that are lost are counted (`coresdk.emitter.lost`), warned of with the SDK's
 * diagnostics logger, and told to `onLoss`. Its own requests are made with tracing suppressed, and spans and log
 * records that they make all the same are no events.
 *
 * A process that ends by itself without a shutdown delivers first what is there, for `flushTimeoutMs`; one that is
 * ended (`process.exit`, an uncaught error) tells how many events that costs. Signals end it without a word.
 *
 * How many providers hold it, an emitter cannot know. It closes when as many were shut down as it heard from;
 * what still comes after the first shutdown is delivered, after the second it is refused and reported.
 */
export class CloudEventEmitter {
  readonly #settings: EmitterSettings;
  readonly #chosen: SpanChoice;
  readonly #facts: OtelFactRecorder;
  readonly #losses: LossReporter;
  readonly #transit: Transit;
  /** A receiver that wants no requests for a while does not want those of the next pipeline either. */
  readonly #receivers = new WebhookTargets();
  readonly #heardFrom = new Set<ProviderKind>();
  /** Spans that began within the emitter's own work; they end anywhere. */
  readonly #ownSpans = new WeakSet<object>();
  #hearsStarts = false;
  readonly #end: EndWatcher = { beforeEnd: () => this.#beforeEnd(), atEnd: () => this.#atEnd() };
  /** Gives `queue.dir` back to the other emitters of the process. */
  #giveBack = (): void => {};
  /** Events in the memory queue; a queue on disk outlives the process. */
  #held = new HeldEvents();
  #shutdowns = 0;
  #closingLate = false;
  /** Something came since the last flush before the end. */
  #fresh = true;

  /**
   * @throws TypeError that names the option which is wrong, or which this Node.js is too old for
   * @throws Error when `queue.dir` belongs to another emitter of this process that is not shut down
   */
  constructor(options: EmitterOptions) {
    const clock = systemClock;
    this.#settings = readSettings(options);
    this.#facts = new OtelFactRecorder(clock);
    this.#chosen = createSpanChoice(options.spans ?? "all", (message) => this.#facts.warn(message));
    this.#losses = new LossReporter(options.onLoss, clock, this.#facts);
    const { pipeline } = this.#settings;
    this.#transit = new Transit(pipeline.queue.maxBytes, {
      openPipeline: (onFatal) => this.#openPipeline(pipeline, clock, onFatal),
      clock,
      facts: this.#facts,
      losses: this.#losses,
    });
    if (pipeline.queue.kind === "disk") {
      this.#giveBack = claimDirectory(pipeline.queue.dir);
      this.#transit.keepOpen();
      watchProcessEnd(this.#end);
    }
  }

  /** Takes a log record when it is an event; other records pass by. The record is copied. */
  onEmit(record: LogRecordView, _context?: unknown): void {
    if (isOwnWork()) return;
    this.#heardFrom.add("logs");
    this.#guard(() => {
      const eventName = findEventName(record);
      if (eventName === undefined) return;
      this.#addLog(copyLogRecord(record, eventName, this.#resource(record.resource)), record.resource);
    });
  }

  /** Part of `SpanProcessor`; spans count when they end. */
  onStart(span: unknown, _parentContext: unknown): void {
    this.#hearsStarts = true;
    if (!isOwnWork()) this.#heardFrom.add("spans");
    else if (typeof span === "object" && span !== null) this.#ownSpans.add(span);
  }

  /** Takes a sampled span as `options.spans` says, and before it the events among its span events. */
  onEnd(span: SpanView): void {
    // A processor around this one may pass on the ends alone.
    if (this.#hearsStarts ? this.#ownSpans.has(span) : isOwnWork()) return;
    this.#heardFrom.add("spans");
    this.#guard(() => {
      if (!isSampled(span)) return;
      const resource = this.#resource(span.resource);
      for (const event of span.events) {
        const type = findSpanEventType(event);
        if (type !== "") this.#addLog(copySpanEvent(event, type, span, resource), span.resource);
      }
      if (this.#chosen(span)) this.#addSpan(copySpan(span, resource), span.resource);
    });
  }

  /**
   * Delivers what was emitted so far, and with `queue.dir` what is left from before, without waiting for batches
   * to fill.
   *
   * @param options `timeoutMillis` instead of `flushTimeoutMs`
   * @throws UndeliveredError (rejects) with the number of events that are not delivered yet; they stay queued
   * @throws Error (rejects) when the queue in `queue.dir` is not open, so that nobody knows what is left there
   */
  async forceFlush(options: { readonly timeoutMillis?: number } = {}): Promise<void> {
    const timeoutMs = options.timeoutMillis ?? this.#settings.flushTimeoutMs;
    const { remaining, unopened } = await holdProcess(this.#transit.flush(timeoutMs));
    if (unopened !== undefined) throw unopened;
    if (remaining > 0) throw new UndeliveredError(remaining, "they stay in the queue");
  }

  /**
   * Delivers what is there and closes, when this is the last of the providers that were heard from; else only
   * delivers. With `queue.dir`, what cannot be delivered stays on disk for the next start, with a warning.
   *
   * @throws UndeliveredError (rejects) with the number of events that the memory queue lost, or that wait on
   */
  async shutdown(): Promise<void> {
    this.#shutdowns++;
    if (this.#shutdowns < this.#heardFrom.size) return this.forceFlush();
    const remaining = await this.#close();
    if (remaining > 0) throw new UndeliveredError(remaining, "they are lost: the queue was in memory");
  }

  /** Closes the pipeline; resolves with the number of events that are lost. */
  async #close(): Promise<number> {
    const { flushTimeoutMs, pipeline } = this.#settings;
    const held = this.#held;
    const { remaining, unopened } = await holdProcess(this.#transit.close(flushTimeoutMs));
    if (unopened !== undefined) {
      this.#facts.warn(`What waits in queue.dir was not delivered before the shutdown: ${unopened.message}`);
    }
    const lost = pipeline.queue.kind === "memory" ? remaining : 0;
    if (lost > 0) this.#losses.report("undelivered", lost, "not delivered before the shutdown ended");
    else if (remaining > 0) this.#facts.record(emitterFacts.kept, remaining);
    this.#losses.flush();
    // What is still held was told, or is on disk.
    held.count = 0;
    unwatchProcessEnd(this.#end);
    this.#giveBack();
    return lost;
  }

  /** Not again for what could not be delivered the last time: the process would never end. */
  #beforeEnd(): void {
    const { flushTimeoutMs, pipeline } = this.#settings;
    const isIdle = pipeline.queue.kind === "memory" ? this.#unsafe === 0 : !this.#transit.active;
    if (isIdle || !this.#fresh) return;
    this.#fresh = false;
    holdProcess(this.#transit.flush(flushTimeoutMs)).catch((error: unknown) => {
      this.#facts.warn(
        `the flush at the end failed: ${error instanceof Error ? error.message : typeof error}`,
      );
    });
  }

  #atEnd(): void {
    const lost = this.#unsafe;
    try {
      if (lost > 0) this.#losses.report("undelivered", lost, "the process ended without a shutdown");
      this.#losses.flush();
    } catch {
      // A logger or a meter that throws must not change how the process ends.
    }
  }

  /** Events that end with the process. */
  get #unsafe(): number {
    return this.#transit.waiting + (this.#settings.pipeline.queue.kind === "memory" ? this.#held.count : 0);
  }

  #openPipeline(
    settings: PipelineSettings,
    clock: Clock,
    onFatal: (error: Error) => void,
  ): Promise<Pipeline> {
    const held = new HeldEvents();
    this.#held = held;
    const record: FactRecorder["record"] = (fact, amount = 1, labels = {}, detail = "") => {
      held.note(fact, amount);
      this.#facts.record(fact, amount, labels, detail);
      if (fact === facts.deadLettered) this.#losses.report("dead_lettered", amount, detail);
    };
    const ports = { clock, random: systemRandom, facts: { record }, onFatal };
    return createPipeline(settings, { ...ports, webhookTargets: this.#receivers });
  }

  /** Nothing of the emitter's may throw into the application's call. */
  #guard(take: () => void): void {
    try {
      if (this.#shutdowns < MAX_PROVIDERS) take();
      else this.#losses.report("closed", 1, "emitted after the shutdown");
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      this.#losses.report("failed", 1, `a record could not be read: ${name}`);
    }
  }

  #resource(view: ResourceView): Resource {
    return copyResource(view) ?? PENDING_RESOURCE;
  }

  #addLog({ item, size, replaced }: Copied<LogEvent>, resource: ResourceView): void {
    this.#add({ kind: "log", event: item, resource, size }, replaced);
  }

  #addSpan({ item, size, replaced }: Copied<SpanRecord>, resource: ResourceView): void {
    this.#add({ kind: "span", span: item, resource, size }, replaced);
  }

  #add(item: TransitItem, replaced: number): void {
    watchProcessEnd(this.#end);
    this.#fresh = true;
    this.#transit.add(item);
    if (replaced > 0) this.#facts.record(emitterFacts.replaced, replaced);
    // Heard from one kind of provider alone, and already shut down once: it may never be shut down again.
    if (this.#shutdowns > 0 && this.#heardFrom.size < MAX_PROVIDERS) void this.#closeLate();
  }

  async #closeLate(): Promise<void> {
    if (this.#closingLate) return;
    this.#closingLate = true;
    try {
      while (this.#transit.active && this.#heardFrom.size < MAX_PROVIDERS) await this.#close();
    } catch (error) {
      this.#facts.warn(`closing again failed: ${error instanceof Error ? error.message : typeof error}`);
    } finally {
      this.#closingLate = false;
    }
  }
}
