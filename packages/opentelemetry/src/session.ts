/**
 * From the opening of one pipeline to its close: what enters it, in the order of the calls, and what becomes of that.
 *
 * A call to the SDK is synchronous and the pipeline is not: it has to be opened, at once when its queue is on disk
 * and else at the first event, and a resource may still be waiting for its detectors. One loop takes from the
 * front, so that order is kept, and what has come in the meantime goes on in one batch.
 *
 * Each item has one end: the queue took it, its loss was reported, or it is counted in what the close came to.
 */
import { type Clock, type FactRecorder, facts, type Ingested, type Pipeline } from "@coresdk/pipeline";
import { describeFailure } from "./failure.ts";
import { copyResource, isPending } from "./log-record.ts";
import type { LossReporter } from "./losses.ts";
import { attempt } from "./readings.ts";
import type { ResourceView } from "./sdk.ts";
import { asOwnWork, atRoot } from "./suppression.ts";
import type { TransitItem } from "./transit-item.ts";

/** Log events that enter the queue in one batch, at most. */
const MAX_BATCH = 512;
/**
 * After the pipeline could not be opened, events are lost for this long before it is tried again. One with a
 * directory is tried again without an event: what is in there waits for it.
 */
const REOPEN_AFTER_MS = 5_000;
/** Even a short shutdown leaves this much time to open the queue and commit what waits: on disk it is safe. */
const INTAKE_GRACE_MS = 2_000;
/** How long a close waits for a batch under way, which learns of it from the pipeline. */
const SEND_GRACE_MS = 2_000;
/** A resource detector that never ends must not hold back the events for ever. */
const RESOURCE_WAIT_MS = 10_000;

/** What a refusal of the queue's is to the application. */
const LOSS_REASONS = { full: "full", closing: "failed", failed: "failed", too_large: "refused" } as const;

/** What a flush or a close came to. */
export interface Moved {
  /** Events that are not delivered. */
  readonly remaining: number;
  /** Of those the ones that nothing will deliver any more. */
  readonly lost: number;
  /** Why nobody knows what is in the directory: the queue there cannot be opened, or closed. */
  readonly unopened: Error | undefined;
}

export interface SessionPorts {
  readonly openPipeline: (onFatal: (error: Error) => void) => Promise<Pipeline>;
  /** What was in the queue when it was closed is there still. */
  readonly durable: boolean;
  readonly clock: Clock;
  readonly facts: FactRecorder;
  readonly losses: LossReporter;
  /** Told once what the close came to. */
  readonly closed: (moved: Moved) => void;
  /** Told, after that, that no pipeline of the session is open. */
  readonly released: () => void;
}

/** What the sessions of one emitter share. */
export interface Room {
  /** Bytes of what waits for a queue. */
  bytes: number;
  /** When a pipeline could last not be opened, as elapsed time. */
  failedAtMs: number;
}

export class Session {
  readonly #ports: SessionPorts;
  readonly #room: Room;
  /** The session before this one: a directory has one owner at a time. */
  readonly #before: Promise<void>;
  #items: TransitItem[] = [];
  /** Items on their way into the queue. */
  #sending: readonly TransitItem[] = [];
  #pipeline: Promise<Pipeline> | undefined;
  /** The same, once it is open. */
  #ready: Pipeline | undefined;
  /** Why it is not open. */
  #failure: Error | undefined;
  /** It is to be open even without an event: until it is closed. */
  #kept = false;
  #cancelReopening = (): void => {};
  /** The loop, while it runs. */
  #moving: Promise<void> | undefined;
  /** Nothing enters the queue any more. */
  #sealed = false;
  #closing = false;
  readonly #closed = Promise.withResolvers<Moved>();
  /** What the close came to, once it is over. */
  #outcome: Moved | undefined;
  /** The flushes under way. If they awaited `#closed`, it would keep each of them, and its caller's request, till then. */
  readonly #flushing = new Set<(moved: Moved) => void>();
  readonly #released = Promise.withResolvers<void>();

  constructor(ports: SessionPorts, room: Room, before: Promise<void>) {
    this.#ports = ports;
    this.#room = room;
    this.#before = before;
  }

  /** Opens the pipeline without waiting for an event, and again when that fails, until the close. */
  keepOpen(): void {
    this.#kept = true;
    this.#start();
  }

  add(item: TransitItem): void {
    this.#items.push(item);
    this.#room.bytes += item.size;
    this.#start();
  }

  /** Events that are not in the queue yet. */
  get waiting(): number {
    return this.#items.length + this.#sending.length;
  }

  /** True while there is something to close. */
  get active(): boolean {
    return this.#kept || this.waiting > 0 || this.#pipeline !== undefined;
  }

  /** Resolves once no pipeline of the session is open, and none will be. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** Delivers what is there now; resolves with what is left after `timeoutMs`, or when the session is closed. */
  async flush(timeoutMs: number): Promise<Moved> {
    if (this.#outcome !== undefined) return this.#outcome;
    if (this.#kept && !this.#closing) this.#start();
    const closed = Promise.withResolvers<Moved>();
    this.#flushing.add(closed.resolve);
    try {
      return await Promise.race([this.#flush(timeoutMs), closed.promise]);
    } finally {
      this.#flushing.delete(closed.resolve);
    }
  }

  /** Delivers what is there, then closes the pipeline. The session takes no items any more. */
  close(timeoutMs: number): Promise<Moved> {
    if (!this.#closing) {
      this.#closing = true;
      void atRoot(() => this.#close(timeoutMs));
    }
    return this.#closed.promise;
  }

  async #flush(timeoutMs: number): Promise<Moved> {
    const { clock } = this.#ports;
    const startMs = clock.elapsed();
    await this.#settle(timeoutMs);
    const leftMs = Math.max(0, timeoutMs - (clock.elapsed() - startMs));
    try {
      const flushed = await asOwnWork(() => this.#ready?.flush(leftMs));
      return { remaining: (flushed?.remaining ?? 0) + this.waiting, lost: 0, unopened: this.#unopened };
    } catch (error) {
      // A pipeline that closes need not answer; the close does.
      if (this.#closing) return this.#closed.promise;
      throw error;
    }
  }

  async #close(timeoutMs: number): Promise<void> {
    const { clock, durable, closed } = this.#ports;
    const startMs = clock.elapsed();
    await this.#settle(Math.max(timeoutMs, INTAKE_GRACE_MS));
    this.#cancelReopening();
    let unopened = this.#unopened;
    this.#kept = false;
    this.#sealed = true;
    let left = 0;
    try {
      const leftMs = Math.max(0, timeoutMs - (clock.elapsed() - startMs));
      const flushed = await asOwnWork(() => this.#ready?.close(leftMs));
      left = flushed?.remaining ?? 0;
    } catch (error) {
      unopened = new Error(`the queue could not be closed: ${describeFailure(error)}`, { cause: error });
    }
    if (this.#sending.length > 0) await this.#settle(SEND_GRACE_MS);
    const dropped = this.#drop();
    const moved = { remaining: left + dropped, lost: durable ? dropped : left + dropped, unopened };
    closed(moved);
    // One that is still being opened is closed when it is; there is no waiting for it.
    if (this.#ready === undefined && this.#pipeline !== undefined) {
      void this.#pipeline
        .then((pipeline) => asOwnWork(() => pipeline.close(0)))
        .finally(() => this.#release())
        .catch(() => {});
    } else this.#release();
    this.#outcome = moved;
    for (const end of this.#flushing) end(moved);
    this.#closed.resolve(moved);
  }

  #release(): void {
    this.#pipeline = undefined;
    this.#ready = undefined;
    this.#ports.released();
    this.#released.resolve();
  }

  get #unopened(): Error | undefined {
    if (!this.#kept || this.#ready !== undefined) return undefined;
    return this.#failure ?? new Error("the queue is still being opened");
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

  #start(): void {
    this.#moving ??= atRoot(() => this.#move());
  }

  async #move(): Promise<void> {
    // What the application emits within this turn goes on together.
    await Promise.resolve();
    await this.#before;
    if (this.#kept) await this.#open();
    while (this.#items.length > 0 && !this.#sealed) {
      const pipeline = await this.#open();
      if (pipeline === undefined) continue;
      await this.#awaitResource(this.#items[0]?.resource);
      if (!this.#sealed) await this.#send(pipeline);
    }
    this.#moving = undefined;
  }

  /** The pipeline; `undefined` when it cannot be opened, and then what waited is lost. */
  async #open(): Promise<Pipeline | undefined> {
    if (this.#sealed) return undefined;
    const now = this.#ports.clock.elapsed();
    if (this.#pipeline === undefined && now - this.#room.failedAtMs < REOPEN_AFTER_MS) {
      this.#loseAll("the queue could not be opened");
      return undefined;
    }
    this.#pipeline ??= asOwnWork(async () => this.#ports.openPipeline((error) => this.#die(error)));
    try {
      const pipeline = await this.#pipeline;
      if (this.#sealed) return undefined;
      if (this.#pipeline !== undefined) this.#ready = pipeline;
      return pipeline;
    } catch (error) {
      const failure = new Error(`the queue could not be opened: ${describeFailure(error)}`, { cause: error });
      if (this.#kept) this.#ports.facts.record(facts.failed, 1, { where: "opening" }, failure.message);
      this.#fail(failure);
      this.#loseAll(failure.message);
      return undefined;
    }
  }

  /** A thread of the pipeline died: the next event opens another. */
  #die(error: Error): void {
    if (this.#sealed) return;
    const dead = this.#ready;
    this.#fail(error);
    this.#ports.facts.record(facts.failed, 1, { where: "pipeline" }, describeFailure(error));
    // Its deliveries would go on beside those of the next one.
    void asOwnWork(async () => dead?.close(0)).catch(() => {});
  }

  #fail(failure: Error): void {
    const { clock } = this.#ports;
    this.#pipeline = undefined;
    this.#ready = undefined;
    this.#failure = failure;
    this.#room.failedAtMs = clock.elapsed();
    if (!this.#kept) return;
    this.#cancelReopening();
    this.#cancelReopening = clock.schedule(REOPEN_AFTER_MS, () => {
      this.#room.failedAtMs = Number.NEGATIVE_INFINITY;
      this.keepOpen();
    });
  }

  async #awaitResource(resource: ResourceView | undefined): Promise<void> {
    if (resource === undefined || !isPending(resource)) return;
    // Its detectors are the application's: they may throw at once, or give no promise.
    const waiting = attempt(() => resource.waitForAsyncAttributes?.());
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.#ports.clock.schedule(RESOURCE_WAIT_MS, resolve);
    });
    await Promise.race([Promise.resolve(waiting).catch(() => {}), late]);
    cancel();
  }

  /** Sends what belongs together from the front: one span, or log events of settled resources. */
  async #send(pipeline: Pipeline): Promise<void> {
    this.#sending = this.#takeRun();
    await this.#emit(pipeline, this.#sending);
  }

  /** Emits a run as one batch; in halves, when together they are more than the queue can hold. */
  async #emit(pipeline: Pipeline, run: readonly TransitItem[]): Promise<void> {
    let ingested: Ingested;
    try {
      ingested = await asOwnWork(() => emitRun(pipeline, run));
    } catch (error) {
      this.#leave(run, () => this.#ports.losses.report("failed", run.length, describeFailure(error)));
      return;
    }
    const { appended } = ingested;
    // It was closed in the meantime and has kept nothing: the close counts what is still here.
    if (!appended.committed && appended.reason === "closing" && this.#sealed) return;
    if (!appended.committed && appended.reason === "too_large" && run.length > 1) {
      const middle = run.length >> 1;
      await this.#emit(pipeline, run.slice(0, middle));
      await this.#emit(pipeline, run.slice(middle));
      return;
    }
    this.#leave(run, () => this.#reportRefused(ingested, run.length));
  }

  /** These are on their way no more; nothing is said of those that the close has counted. */
  #leave(run: readonly TransitItem[], report: () => void): void {
    const gone = new Set(run);
    const left = this.#sending.filter((item) => !gone.has(item));
    if (left.length === this.#sending.length) return;
    this.#sending = left;
    this.#free(run);
    report();
  }

  #takeRun(): TransitItem[] {
    let length = 1;
    if (this.#items[0]?.kind === "log") {
      const isMore = (item: TransitItem | undefined): boolean => {
        return item?.kind === "log" && !isPending(item.resource);
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
    this.#free(this.#items);
    this.#items = [];
    this.#ports.losses.report("failed", count, detail);
  }

  /** Gives up what did not reach the queue; tells how many that are. */
  #drop(): number {
    const count = this.waiting;
    this.#free(this.#items);
    this.#free(this.#sending);
    this.#items = [];
    this.#sending = [];
    return count;
  }

  #free(items: readonly TransitItem[]): void {
    for (const { size } of items) this.#room.bytes -= size;
  }
}

function emitRun(pipeline: Pipeline, run: readonly TransitItem[]): Promise<Ingested> {
  const [first] = run;
  if (first?.kind === "span") {
    return pipeline.emitSpan({
      ...first.span,
      resource: copyResource(first.resource) ?? first.span.resource,
    });
  }
  const events = run.flatMap((item) => {
    if (item.kind !== "log") return [];
    return [{ ...item.event, resource: copyResource(item.resource) ?? item.event.resource }];
  });
  return pipeline.emit(events);
}
