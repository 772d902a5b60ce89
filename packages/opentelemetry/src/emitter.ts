import {
  createPipeline,
  type FactRecorder,
  facts,
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
import { describeFailure, nameFailure } from "./failure.ts";
import { HeldEvents } from "./held-events.ts";
import { Lifecycle, type ProviderKind } from "./lifecycle.ts";
import { type Copied, copyLogRecord, copyResource, findEventName } from "./log-record.ts";
import { LossReporter } from "./losses.ts";
import type { EmitterOptions } from "./options.ts";
import { type EndWatcher, unwatchProcessEnd, watchProcessEnd } from "./process-end.ts";
import { claimDirectory } from "./queue-claims.ts";
import { attempt } from "./readings.ts";
import { OtelFactRecorder } from "./recorder.ts";
import type { LogRecordView, ResourceView, SpanView } from "./sdk.ts";
import { readSettings } from "./settings.ts";
import { createSpanChoice, type SpanChoice, SpanChoiceError } from "./span-choice.ts";
import { copySpan, copySpanEvent, eventsOf, findSpanEventType, isSampled } from "./span-record.ts";
import { atRoot, isOwnWork, outsideRequests } from "./suppression.ts";
import type { TransitItem } from "./transit-item.ts";

/** Stands in a copy until the resource's detectors are done. */
const PENDING_RESOURCE: Resource = { attributes: new KeyValues() };

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
 * what still comes after the first shutdown is delivered, and log records after any other; spans after the second are
 * refused and reported.
 */
export class CloudEventEmitter {
  readonly #pipeline: PipelineSettings;
  readonly #chosen: SpanChoice;
  readonly #facts: OtelFactRecorder;
  readonly #losses: LossReporter;
  readonly #lifecycle: Lifecycle;
  /** A receiver that wants no requests for a while does not want those of the next pipeline either. */
  readonly #receivers = new WebhookTargets();
  /** Spans that began within the emitter's own work; they end anywhere. */
  readonly #ownSpans = new WeakSet<object>();
  #hearsStarts = false;
  readonly #end: EndWatcher = { beforeEnd: () => this.#beforeEnd(), atEnd: () => this.#atEnd() };
  /** Gives `queue.dir` back to the other emitters of the process; `undefined` while this one does not have it. */
  #giveBack: (() => void) | undefined;
  /** Events in the memory queue; a queue on disk outlives the process. */
  #held = new HeldEvents();
  /** Something came since the last flush before the end. */
  #fresh = true;

  /**
   * @throws TypeError that names the option which is wrong, or which this Node.js is too old for
   * @throws Error when `queue.dir` belongs to another emitter of this process that is not shut down
   */
  constructor(options: EmitterOptions) {
    const clock = outsideRequests(systemClock);
    const { pipeline, flushTimeoutMs } = readSettings(options);
    this.#pipeline = pipeline;
    this.#facts = new OtelFactRecorder(clock);
    this.#chosen = createSpanChoice(options.spans ?? "all", (message) => this.#facts.warn(message));
    this.#losses = new LossReporter(options.onLoss, clock, this.#facts);
    const { maxBytes, kind } = pipeline.queue;
    const ports = {
      openPipeline: (onFatal: (error: Error) => void) => this.#openPipeline(onFatal),
      clock,
      facts: this.#facts,
      losses: this.#losses,
      released: () => this.#released(),
    };
    // Before Node.js 24 its promises keep the stores of a request that makes the emitter.
    this.#lifecycle = atRoot(
      () => new Lifecycle({ maxBytes, flushTimeoutMs, durable: kind === "disk" }, ports),
    );
    if (pipeline.queue.kind === "disk") {
      this.#giveBack = claimDirectory(pipeline.queue.dir);
      this.#lifecycle.keepOpen();
      watchProcessEnd(this.#end);
    }
  }

  /** Takes a log record when it is an event; other records pass by. The record is copied. */
  onEmit(record: LogRecordView, _context?: unknown): void {
    if (isOwnWork()) return;
    this.#lifecycle.hear("logs");
    this.#guard(() => {
      const eventName = findEventName(record);
      if (eventName === undefined) return;
      const resource = readResource(record);
      this.#addLog(copyLogRecord(record, eventName, initial(resource)), resource, "logs");
    });
  }

  /** Part of `SpanProcessor`; spans count when they end. */
  onStart(span: unknown, _parentContext: unknown): void {
    this.#hearsStarts = true;
    if (!isOwnWork()) this.#lifecycle.hear("spans");
    else if (typeof span === "object" && span !== null) this.#ownSpans.add(span);
  }

  /** Takes a sampled span as `options.spans` says, and before it the events among its span events. */
  onEnd(span: SpanView): void {
    // A processor around this one may pass on the ends alone.
    if (this.#hearsStarts ? this.#ownSpans.has(span) : isOwnWork()) return;
    this.#lifecycle.hear("spans");
    this.#guard(() => {
      if (!isSampled(span)) return;
      const resource = readResource(span);
      for (const event of eventsOf(span)) {
        // One that cannot be read costs neither the others nor the span.
        this.#guard(() => {
          const type = findSpanEventType(event);
          if (type !== "")
            this.#addLog(copySpanEvent(event, type, span, initial(resource)), resource, "spans");
        });
      }
      if (this.#chosen(span)) this.#addSpan(copySpan(span, initial(resource)), resource);
    });
  }

  /**
   * Delivers what was emitted so far, and with `queue.dir` what is left from before, without waiting for batches
   * to fill.
   *
   * @param options `timeoutMillis` instead of `flushTimeoutMs`
   * @throws UndeliveredError (rejects) with the number of events that are not delivered yet; they stay queued, unless a
   * shutdown was under way and has ended
   * @throws TypeError (rejects) when `timeoutMillis` is no number
   * @throws Error (rejects) when the queue in `queue.dir` is not open, so that nobody knows what is left there
   */
  forceFlush(options: { readonly timeoutMillis?: number } = {}): Promise<void> {
    return this.#lifecycle.flush(options);
  }

  /**
   * Delivers what is there and closes, when this is the last of the providers that were heard from; else only
   * delivers. With `queue.dir`, what cannot be delivered stays on disk for the next start, with a warning.
   *
   * @throws UndeliveredError (rejects) with the number of events that are lost, each told to `onLoss` once however often
   * this is called, or that wait on
   */
  shutdown(): Promise<void> {
    return this.#lifecycle.shutDown();
  }

  /** Not again for what could not be delivered the last time: the process would never end. */
  #beforeEnd(): void {
    const isIdle = this.#pipeline.queue.kind === "memory" ? this.#unsafe === 0 : !this.#lifecycle.active;
    if (isIdle || !this.#fresh) return;
    this.#fresh = false;
    this.#lifecycle.flush(undefined).catch((error: unknown) => {
      this.#facts.warn(`the flush at the end failed: ${describeFailure(error)}`);
    });
  }

  #atEnd(): void {
    const lost = this.#unsafe;
    if (lost > 0) this.#losses.report("undelivered", lost, "the process ended without a shutdown");
    this.#losses.flush();
  }

  /** Events that end with the process. */
  get #unsafe(): number {
    return this.#lifecycle.waiting + (this.#pipeline.queue.kind === "memory" ? this.#held.count : 0);
  }

  async #openPipeline(onFatal: (error: Error) => void): Promise<Pipeline> {
    const { queue } = this.#pipeline;
    // After a shutdown the directory may be another's by now.
    const isTaken = queue.kind === "disk" && this.#giveBack === undefined;
    if (isTaken) this.#giveBack = claimDirectory(queue.dir);
    const held = new HeldEvents();
    this.#held = held;
    const record: FactRecorder["record"] = (fact, amount = 1, labels = {}, detail = "") => {
      held.note(fact, amount);
      this.#facts.record(fact, amount, labels, detail);
      if (fact === facts.deadLettered) this.#losses.report("dead_lettered", amount, detail);
    };
    // Its timers are the emitter's own work as it is.
    const ports = { clock: systemClock, random: systemRandom, facts: { record }, onFatal };
    try {
      return await createPipeline(this.#pipeline, { ...ports, webhookTargets: this.#receivers });
    } catch (error) {
      if (isTaken) this.#returnDirectory();
      throw error;
    }
  }

  /** A pipeline was closed; what was in it was told, or is on disk. */
  #released(): void {
    this.#held.count = 0;
    // What came in the meantime is still to be delivered, from the same directory.
    if (this.#lifecycle.active) return;
    unwatchProcessEnd(this.#end);
    this.#returnDirectory();
  }

  #returnDirectory(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  /** Nothing of the emitter's may throw into the application's call. */
  #guard(take: () => void): void {
    try {
      take();
    } catch (error) {
      const isChoice = error instanceof SpanChoiceError;
      const why = isChoice ? error.message : `a record could not be read: ${nameFailure(error)}`;
      this.#losses.report("failed", 1, why);
    }
  }

  #addLog({ item, size, replaced }: Copied<LogEvent>, resource: ResourceView, from: ProviderKind): void {
    this.#add({ kind: "log", event: item, resource, size }, replaced, from);
  }

  #addSpan({ item, size, replaced }: Copied<SpanRecord>, resource: ResourceView): void {
    this.#add({ kind: "span", span: item, resource, size }, replaced, "spans");
  }

  #add(item: TransitItem, replaced: number, from: ProviderKind): void {
    this.#fresh = true;
    this.#lifecycle.add(item, from);
    if (this.#lifecycle.waiting > 0) watchProcessEnd(this.#end);
    if (replaced > 0) this.#facts.record(emitterFacts.replaced, replaced);
  }
}

const NO_RESOURCE: ResourceView = { attributes: {} };

function readResource(of: LogRecordView | SpanView): ResourceView {
  return attempt(() => of.resource) ?? NO_RESOURCE;
}

/** The resource as far as it is known. */
function initial(view: ResourceView): Resource {
  return copyResource(view) ?? PENDING_RESOURCE;
}
