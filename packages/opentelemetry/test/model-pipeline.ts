import assert from "node:assert/strict";
import type { Clock, Flushed, Ingested, LogEvent, Pipeline } from "@coresdk/pipeline";
import { nothingTaken } from "../../pipeline/test/intake/take-in.ts";
import { wholePipeline } from "./whole-pipeline.ts";

/** What the pipelines of one test deliver to, and how they fare; time is the test's clock's. */
export class World {
  readonly clock: Clock;
  readonly durable: boolean;
  /** Names of the events that the receiver took, in order. */
  readonly delivered: string[] = [];
  /** Names in a queue that outlives its pipeline. */
  store: string[] = [];
  openPipelines = 0;
  opened = 0;
  openingFails = false;
  openingMs = 0;
  commitMs = 0;
  commitFails = false;
  /** `Infinity`: the receiver is down. */
  latencyMs = 0;
  #onChange = Promise.withResolvers<void>();

  constructor(clock: Clock, durable: boolean) {
    this.clock = clock;
    this.durable = durable;
  }

  setLatency(ms: number): void {
    this.latencyMs = ms;
    this.#onChange.resolve();
    this.#onChange = Promise.withResolvers();
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.schedule(ms, resolve));
  }

  /** Resolves once the receiver has answered a request. */
  async answer(): Promise<void> {
    while (this.latencyMs === Number.POSITIVE_INFINITY) await this.#onChange.promise;
    if (this.latencyMs > 0) await this.wait(this.latencyMs);
  }

  async open(): Promise<Pipeline> {
    if (this.openingMs > 0) await this.wait(this.openingMs);
    if (this.openingFails) throw new Error("the directory is in use");
    assert.equal(this.openPipelines, 0, "a directory has one owner");
    this.openPipelines++;
    this.opened++;
    return modelPipeline(this);
  }
}

/** Stands in for the pipeline where time has to stand still; the real one is in the end-to-end tests. */
function modelPipeline(world: World): Pipeline {
  const queue: string[] = world.durable ? world.store : [];
  let closing = false;
  let stopped = false;
  let pumping = false;
  const emptied = new Set<() => void>();

  async function pump(): Promise<void> {
    if (pumping) return;
    pumping = true;
    while (queue.length > 0 && !stopped) {
      await world.answer();
      if (stopped) break;
      const [name = ""] = queue.splice(0, 1);
      world.delivered.push(name);
      if (queue.length === 0) for (const tell of emptied) tell();
    }
    pumping = false;
  }

  async function take(names: readonly string[]): Promise<Ingested> {
    const result = { ...nothingTaken, events: names.length };
    if (!closing) await (world.commitMs > 0 ? world.wait(world.commitMs) : undefined);
    if (world.commitFails) throw new Error("the queue's thread ended");
    if (closing) {
      const detail = "shutting down";
      return { appended: { committed: false, reason: "closing", retryAfterMs: 1, detail }, result };
    }
    queue.push(...names);
    void pump();
    return { appended: { committed: true, firstSequence: 0 }, result };
  }

  async function flush(ms: number): Promise<Flushed> {
    if (queue.length > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      emptied.add(resolve);
      await Promise.race([promise, world.wait(ms)]);
    }
    return { remaining: queue.length };
  }

  async function close(ms: number): Promise<Flushed> {
    closing = true;
    await flush(ms);
    stopped = true;
    world.openPipelines--;
    return { remaining: queue.length };
  }

  void pump();
  return wholePipeline({
    emit: (events: readonly LogEvent[]) => take(events.map(({ eventName }) => eventName)),
    emitSpan: ({ name }) => take([name]),
    flush,
    close,
  });
}
