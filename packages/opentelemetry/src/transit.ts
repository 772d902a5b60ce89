/**
 * Between the application's call and the queue: events in the order of the calls, copied, bounded by bytes.
 *
 * A call to the SDK is synchronous and the pipeline is not: it has to be opened, at once when its queue is on disk
 * and else at the first event, and a resource may still be waiting for its detectors. One loop takes from the
 * front, so that order is kept, and what has come in the meantime goes on in one batch.
 */
import {
  type Clock,
  type FactRecorder,
  type Flushed,
  facts,
  type Ingested,
  type LogEvent,
  type Pipeline,
  type SpanRecord,
} from "@coresdk/pipeline";
import { copyResource } from "./log-record.ts";
import type { LossReporter } from "./losses.ts";
import type { ResourceView } from "./sdk.ts";
import { asOwnWork } from "./suppression.ts";

/** Log events that enter the queue in one batch, at most. */
const MAX_BATCH = 512;
/**
 * After the pipeline could not be opened, events are lost for this long before it is tried again. One with a
 * directory is tried again without an event: what is in there waits for it.
 */
const REOPEN_AFTER_MS = 5_000;
/** Even a short shutdown leaves this much time to open the queue and commit what waits: on disk it is safe. */
const INTAKE_GRACE_MS = 2_000;
/** A resource detector that never ends must not hold back the events for ever. */
const RESOURCE_WAIT_MS = 10_000;

/** What a refusal of the queue's is to the application. */
const LOSS_REASONS = { full: "full", closing: "closed", failed: "failed", too_large: "refused" } as const;

export type TransitItem =
  | { readonly kind: "log"; readonly event: LogEvent; readonly resource: ResourceView; readonly size: number }
  | {
      readonly kind: "span";
      readonly span: SpanRecord;
      readonly resource: ResourceView;
      readonly size: number;
    };

export interface TransitPorts {
  readonly openPipeline: (onFatal: (error: Error) => void) => Promise<Pipeline>;
  readonly clock: Clock;
  readonly facts: FactRecorder;
  readonly losses: LossReporter;
}

/** What a flush or a close came to. */
export interface Moved extends Flushed {
  /** Why nobody knows what is in the directory: the queue there cannot be opened. */
  readonly unopened: Error | undefined;
}

export class Transit {
  readonly #maxBytes: number;
  readonly #ports: TransitPorts;
  #items: TransitItem[] = [];
  #bytes = 0;
  /** Events on their way into the queue. */
  #sending = 0;
  #pipeline: Promise<Pipeline> | undefined;
  /** The same, once it is open. */
  #ready: Pipeline | undefined;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  /** Why it is not open. */
  #failure: Error | undefined;
  /** It is to be open even without an event: until it is closed. */
  #kept = false;
  #cancelReopening = (): void => {};
  /** The loop, while it runs. */
  #moving: Promise<void> | undefined;
  #closing: Promise<Moved> | undefined;
  /** The pipeline before this one, while it closes: a directory has one owner at a time. */
  #released: Promise<unknown> | undefined;

  constructor(maxBytes: number, ports: TransitPorts) {
    this.#maxBytes = maxBytes;
    this.#ports = ports;
  }

  /**
   * Opens the pipeline without waiting for an event, and again when that fails, until it is closed: its queue
   * holds what the last process left. Never throws; a failure is recorded, and told by {@link flush}.
   */
  keepOpen(): void {
    this.#kept = true;
    this.#moving ??= this.#move();
  }

  /** Takes an item, or reports its loss when too much is waiting already. */
  add(item: TransitItem): void {
    if (item.size > this.#maxBytes) {
      const detail = `about ${item.size} bytes alone, queue.maxBytes is ${this.#maxBytes}`;
      this.#ports.losses.report("refused", 1, detail);
      return;
    }
    if (this.#bytes + item.size > this.#maxBytes) {
      this.#ports.losses.report(
        "full",
        1,
        `${this.#bytes} bytes wait for the queue, queue.maxBytes is ${this.#maxBytes}`,
      );
      return;
    }
    this.#items.push(item);
    this.#bytes += item.size;
    this.#moving ??= this.#move();
  }

  /** Delivers what is there now; resolves with what is left after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<Moved> {
    const startMs = this.#ports.clock.elapsed();
    if (this.#kept) this.keepOpen();
    await this.#settle(timeoutMs);
    const flushed = await asOwnWork(() => this.#ready?.flush(this.#leftMs(startMs, timeoutMs)));
    return this.#moved(flushed);
  }

  /** Events that are not in the queue yet. */
  get waiting(): number {
    return this.#items.length + this.#sending;
  }

  /** True while there is something to close. */
  get active(): boolean {
    return this.waiting > 0 || this.#pipeline !== undefined;
  }

  /** Delivers, then closes the pipeline; an item added later opens it again. */
  close(timeoutMs: number): Promise<Moved> {
    this.#closing ??= this.#close(timeoutMs).finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<Moved> {
    const startMs = this.#ports.clock.elapsed();
    await this.#settle(Math.max(timeoutMs, INTAKE_GRACE_MS));
    const [ready, opening] = [this.#ready, this.#pipeline];
    const { unopened } = this.#moved(undefined);
    this.#cancelReopening();
    this.#kept = false;
    this.#ready = undefined;
    this.#pipeline = undefined;
    const leftMs = this.#leftMs(startMs, timeoutMs);
    // One that is still being opened is closed when it is; there is no waiting for it.
    if (ready === undefined) {
      void opening?.then((pipeline) => asOwnWork(() => pipeline.close(0))).catch(() => {});
    }
    const released = asOwnWork(() => ready?.close(leftMs));
    this.#released = released?.catch(() => {});
    return { ...this.#moved(await released), unopened };
  }

  #moved(flushed: Flushed | undefined): Moved {
    const isOpen = !this.#kept || this.#ready !== undefined;
    return {
      remaining: (flushed?.remaining ?? 0) + this.waiting,
      unopened: isOpen ? undefined : (this.#failure ?? new Error("the queue is still being opened")),
    };
  }

  #leftMs(startMs: number, timeoutMs: number): number {
    return Math.max(0, timeoutMs - (this.#ports.clock.elapsed() - startMs));
  }

  /** Waits until all has left for the queue, for a while. */
  async #settle(timeoutMs: number): Promise<void> {
    if (this.#moving === undefined) return;
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#ports.clock.schedule(timeoutMs, resolve);
    });
    await Promise.race([this.#moving, late]);
    cancel();
  }

  async #move(): Promise<void> {
    // What the application emits within this turn goes on together.
    await Promise.resolve();
    if (this.#kept) await this.#open();
    while (this.#items.length > 0) {
      const pipeline = await this.#open();
      if (pipeline === undefined) continue;
      await this.#awaitResource(this.#items[0]);
      await this.#send(pipeline);
    }
    this.#moving = undefined;
  }

  /** The pipeline; `undefined` when it cannot be opened, and then what waited is lost. */
  async #open(): Promise<Pipeline | undefined> {
    await this.#released;
    const now = this.#ports.clock.elapsed();
    if (this.#pipeline === undefined && now - this.#failedAtMs < REOPEN_AFTER_MS) {
      this.#loseAll("the queue could not be opened");
      return undefined;
    }
    this.#pipeline ??= asOwnWork(() => this.#ports.openPipeline((error) => this.#die(error)));
    try {
      const pipeline = await this.#pipeline;
      if (this.#pipeline !== undefined) this.#ready = pipeline;
      return pipeline;
    } catch (error) {
      const failure = new Error(`the queue could not be opened: ${describe(error)}`, { cause: error });
      if (this.#kept) this.#ports.facts.record(facts.failed, 1, { where: "opening" }, failure.message);
      this.#fail(failure);
      this.#loseAll(failure.message);
      return undefined;
    }
  }

  /** A thread of the pipeline died: the next event opens another. */
  #die(error: Error): void {
    this.#fail(error);
    this.#ports.facts.record(facts.failed, 1, { where: "pipeline" }, describe(error));
  }

  #fail(failure: Error): void {
    this.#pipeline = undefined;
    this.#ready = undefined;
    this.#failure = failure;
    this.#failedAtMs = this.#ports.clock.elapsed();
    if (!this.#kept) return;
    this.#cancelReopening();
    this.#cancelReopening = this.#ports.clock.schedule(REOPEN_AFTER_MS, () => {
      this.#failedAtMs = Number.NEGATIVE_INFINITY;
      this.keepOpen();
    });
  }

  async #awaitResource(item: TransitItem | undefined): Promise<void> {
    const { resource } = item ?? {};
    if (resource?.asyncAttributesPending !== true || resource.waitForAsyncAttributes === undefined) return;
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#ports.clock.schedule(RESOURCE_WAIT_MS, resolve);
    });
    await Promise.race([resource.waitForAsyncAttributes().catch(() => {}), late]);
    cancel();
  }

  /** Sends what belongs together from the front: one span, or log events of settled resources. */
  async #send(pipeline: Pipeline): Promise<void> {
    const run = this.#takeRun();
    this.#sending = run.length;
    try {
      await this.#emit(pipeline, run);
    } finally {
      this.#sending = 0;
      for (const { size } of run) this.#bytes -= size;
    }
  }

  /** Emits a run as one batch; in halves, when together they are more than the queue can hold. */
  async #emit(pipeline: Pipeline, run: readonly TransitItem[]): Promise<void> {
    try {
      const [first] = run;
      const ingested = await asOwnWork(() => {
        if (first?.kind === "span") return pipeline.emitSpan(withResource(first.span, first.resource));
        const events = run.flatMap((item) =>
          item.kind === "log" ? [withResource(item.event, item.resource)] : [],
        );
        return pipeline.emit(events);
      });
      const { appended } = ingested;
      if (!appended.committed && appended.reason === "too_large" && run.length > 1) {
        const middle = run.length >> 1;
        await this.#emit(pipeline, run.slice(0, middle));
        await this.#emit(pipeline, run.slice(middle));
      } else {
        this.#reportRefused(ingested, run.length);
      }
    } catch (error) {
      this.#ports.losses.report("failed", run.length, describe(error));
    }
  }

  #takeRun(): TransitItem[] {
    let length = 1;
    if (this.#items[0]?.kind === "log") {
      const isMore = (item: TransitItem | undefined): boolean => {
        return item?.kind === "log" && item.resource.asyncAttributesPending !== true;
      };
      while (length < MAX_BATCH && isMore(this.#items[length])) length++;
    }
    return this.#items.splice(0, length);
  }

  #reportRefused({ appended, result }: Ingested, count: number): void {
    const { losses } = this.#ports;
    if (!appended.committed) {
      const lost = result.batch?.count ?? count;
      losses.report(LOSS_REASONS[appended.reason], lost, appended.detail);
    }
    const [refusal] = result.refusals;
    if (refusal !== undefined) {
      losses.report("refused", result.refusals.length, `${refusal.attribute} must be ${refusal.expected}`);
    }
  }

  #loseAll(detail: string): void {
    const count = this.#items.length;
    if (count === 0) return;
    this.#items = [];
    this.#bytes = 0;
    this.#ports.losses.report("failed", count, detail);
  }
}

function withResource<Item extends LogEvent | SpanRecord>(item: Item, view: ResourceView): Item {
  const resource = copyResource(view);
  return resource === undefined ? item : { ...item, resource };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
