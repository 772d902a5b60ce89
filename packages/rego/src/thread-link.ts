import { Worker } from "node:worker_threads";
import { RegoError } from "./errors.ts";
import type { LoadedPolicies } from "./load.ts";
import {
  type Reply,
  receiveError,
  type SentAnswers,
  type ThreadStart,
  type Work,
} from "./thread-protocol.ts";
import { runningMs } from "./thread-time.ts";

/** How a batch ended in a thread; what was answered before the end has been handed over. */
export type BatchEnd =
  | { readonly kind: "done" }
  /** The evaluation at `index` took all the time it could have; the thread has been ended. */
  | { readonly kind: "stuck"; readonly index: number; readonly silentMs: number }
  /** The thread ended by itself during the evaluation at `index`, or before any. */
  | { readonly kind: "ended"; readonly index: number | undefined; readonly silentMs: number };

/** The shortest time after which is looked whether the thread gets on. */
const LEAST_LOOK_MS = 5;
/** So many times longer it may take when the thread has to wait for a processor. */
const MOST_STARVED = 2;
/** So many looks in the time that an evaluation may take. */
const LOOKS = 4;

export interface Batch extends Work {
  /** When it has no more time, as `performance.now` counts; answers can move it, and so can what is noted. */
  readonly time: { readonly end: number; noteStarved(ms: number): void };
  /** How long one evaluation may be running. */
  readonly patienceMs: number;
  /** Gets answers as they come. */
  readonly receive: (answers: SentAnswers) => void;
}

/** A batch that a thread is at. */
interface Run {
  readonly batch: Batch;
  readonly end: (end: BatchEnd) => void;
  /** The evaluation that was under way when that was seen last. */
  index: number;
  /** Since when, by the clock and by the thread's own; the latter is only asked for when it takes long. */
  since: number;
  sinceRunning: number | undefined;
  /** The last look, by both. */
  looked: { readonly at: number; readonly running: number } | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** The wire to a thread that evaluates, and the watch over it. */
export class ThreadLink {
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  readonly #loaded = Promise.withResolvers<LoadedPolicies>();
  #run: Run | undefined;
  #isLoaded = false;
  #hasEnded = false;
  /** The system's number of it. */
  #thread: number | undefined;

  constructor(start: Omit<ThreadStart, "progress">, loadDeadlineMs: number) {
    const isSource = import.meta.url.endsWith(".ts");
    const progress = new SharedArrayBuffer(4);
    this.#progress = new Int32Array(progress);
    this.#worker = new Worker(
      new URL(isSource ? "./engine-thread.ts" : "./engine-thread.js", import.meta.url),
      {
        name: "coresdk-rego",
        workerData: { ...start, progress } satisfies ThreadStart,
        execArgv: isSource ? ["--conditions=coresdk-source"] : [],
        env: {},
        resourceLimits: { maxOldGenerationSizeMb: 256 },
      },
    );
    const timer = setTimeout(() => {
      this.end(new RegoError("deadline", `the policies could not be loaded within ${loadDeadlineMs} ms`));
    }, loadDeadlineMs);
    timer.unref();
    // A thread that only stands ready keeps no process alive.
    if (!("modules" in start.policies)) this.#worker.unref();
    const settled = (): void => clearTimeout(timer);
    // Nobody need be waiting when a thread that stands ready fails.
    this.#loaded.promise.then(settled, settled);
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (cause) => {
      this.end(new RegoError("crash", `the engine's thread broke down: ${cause.message}`, { cause }));
    });
    this.#worker.on("exit", () => this.end(new RegoError("crash", "the engine's thread ended")));
  }

  /** Resolves with the policies once they are loaded; rejects with a RegoError when they cannot be. */
  loaded(): Promise<LoadedPolicies> {
    return this.#loaded.promise;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Sends evaluations, hands over their answers as they come, and ends the thread when they do not. */
  evaluate(batch: Batch): Promise<BatchEnd> {
    if (this.#hasEnded) return Promise.resolve({ kind: "ended", index: undefined, silentMs: 0 });
    const { promise, resolve } = Promise.withResolvers<BatchEnd>();
    Atomics.store(this.#progress, 0, 0);
    this.#run = {
      batch,
      end: resolve,
      index: 0,
      since: performance.now(),
      sinceRunning: undefined,
      looked: undefined,
      timer: undefined,
    };
    this.#worker.ref();
    const { size, groups } = batch;
    this.#worker.postMessage({ size, groups } satisfies Work);
    this.#watch(this.#run);
    return promise;
  }

  /** Ends the thread, whatever it is doing. */
  end(reason: RegoError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#loaded.reject(reason);
    void this.#worker.terminate();
    this.#finish("ended");
  }

  /** Ends the thread and waits until it is gone. */
  async close(reason: RegoError): Promise<void> {
    this.end(reason);
    await this.#worker.terminate();
  }

  #receive(reply: Reply): void {
    switch (reply.kind) {
      case "ready":
        this.#worker.unref();
        this.#isLoaded = true;
        this.#thread = reply.thread;
        this.#loaded.resolve(reply.loaded);
        break;
      case "refused":
        this.end(receiveError(reply.error));
        break;
      case "answers": {
        const run = this.#run;
        if (run === undefined) break;
        run.index = this.#current();
        run.since = performance.now();
        run.sinceRunning = undefined;
        run.batch.receive(reply.answers);
        if (reply.answers.from + reply.answers.count >= run.batch.size) this.#finish("done");
        break;
      }
    }
  }

  #watch(run: Run): void {
    const { patienceMs, time } = run.batch;
    const now = performance.now();
    // When it was this thread that was held up, answers are waiting to be read: they come before the look.
    const soon = (): void => void setImmediate(() => this.#look(run));
    run.timer = setTimeout(soon, Math.max(LEAST_LOOK_MS, Math.min(patienceMs / LOOKS, time.end - now)));
  }

  #look(run: Run): void {
    if (this.#run !== run) return;
    const { batch, looked } = run;
    const at = performance.now();
    const running = runningMs(this.#thread);
    if (looked !== undefined) batch.time.noteStarved(at - looked.at - (running - looked.running));
    run.looked = { at, running };
    const index = this.#current();
    if (index !== run.index) {
      run.index = index;
      run.since = at;
      run.sinceRunning = running;
    }
    // It was running all the time, unless this look comes late.
    run.sinceRunning ??= running - Math.min(at - run.since, batch.patienceMs / LOOKS);
    const tookLong =
      running - run.sinceRunning >= batch.patienceMs || at - run.since >= batch.patienceMs * MOST_STARVED;
    if (at < batch.time.end && !tookLong) {
      this.#watch(run);
      return;
    }
    this.#hasEnded = true;
    void this.#worker.terminate();
    this.#finish("stuck");
  }

  #current(): number {
    return Atomics.load(this.#progress, 0);
  }

  #finish(kind: BatchEnd["kind"]): void {
    const run = this.#run;
    this.#run = undefined;
    clearTimeout(run?.timer);
    if (!this.#hasEnded) this.#worker.unref();
    if (run === undefined) return;
    const end = { index: this.#current(), silentMs: performance.now() - run.since };
    run.end(kind === "done" ? { kind } : { kind, ...end });
  }
}
