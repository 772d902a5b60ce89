import { Worker } from "node:worker_threads";
import { RegoError } from "./errors.ts";
import type { LoadedPolicies } from "./load.ts";
import { ProgressWatch, type TimeLeft } from "./progress-watch.ts";
import {
  DONE,
  PLACE,
  PROGRESS_SIZE,
  type Reply,
  receiveError,
  type SentAnswers,
  type ThreadStart,
  type Work,
  type WorkTime,
} from "./thread-protocol.ts";
import { runningMs } from "./thread-time.ts";

/** How it ended what was sent to a thread; what was answered before the end has been handed over. */
export type BatchEnd =
  | { readonly kind: "done" }
  /** The evaluation at `index` took all the time it could have; the thread has been ended. */
  | { readonly kind: "stuck"; readonly index: number; readonly took: WorkTime }
  /** The thread ended by itself during the evaluation at `index`, or before any. */
  | { readonly kind: "ended"; readonly index: number | undefined; readonly took: WorkTime };

export interface Batch extends Work {
  /** What time there is; answers and stops change it. */
  readonly time: TimeLeft;
  /** How long one evaluation may be running. */
  readonly patienceMs: number;
  /** Gets answers as they come. */
  readonly receive: (answers: SentAnswers) => void;
}

/** A batch that a thread is at. */
interface Run {
  readonly batch: Batch;
  readonly end: (end: BatchEnd) => void;
  readonly watch: ProgressWatch;
  timer: NodeJS.Timeout | undefined;
}

/** The wire to a thread that evaluates, and the watch over it. */
export class ThreadLink {
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  readonly #loaded = Promise.withResolvers<LoadedPolicies>();
  #run: Run | undefined;
  /** How many messages it has been sent. */
  #sent = 0;
  #isLoaded = false;
  #hasEnded = false;
  /** The system's number of it. */
  #thread: number | undefined;

  constructor(start: Omit<ThreadStart, "progress">, loadDeadlineMs: number) {
    const isSource = import.meta.url.endsWith(".ts");
    const progress = new SharedArrayBuffer(PROGRESS_SIZE * Int32Array.BYTES_PER_ELEMENT);
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
    const giveUp = (): void => {
      if (this.#isLoaded) return;
      this.end(new RegoError("deadline", `the policies could not be loaded within ${loadDeadlineMs} ms`));
    };
    // When it was this thread that was held up, what the other one says comes first.
    const timer = setTimeout(() => void setImmediate(giveUp), loadDeadlineMs);
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
    const { size, groups, patienceMs, time } = batch;
    const watch = new ProgressWatch(patienceMs, time, performance.now());
    if (this.#hasEnded) return Promise.resolve({ kind: "ended", index: undefined, took: watch.took });
    const { promise, resolve } = Promise.withResolvers<BatchEnd>();
    Atomics.store(this.#progress, PLACE, 0);
    this.#sent++;
    this.#run = { batch, end: resolve, watch, timer: undefined };
    this.#worker.ref();
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
        // One that has been ended is to keep the process until it is gone.
        if (this.#hasEnded) break;
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
        run.watch.moveOn(this.#current(), performance.now());
        run.batch.receive(reply.answers);
        if (reply.answers.from + reply.answers.count >= run.batch.size) this.#finish("done");
        break;
      }
    }
  }

  #watch(run: Run): void {
    // When it was this thread that was held up, answers are waiting to be read: they come before the look.
    const soon = (): void => void setImmediate(() => this.#look(run));
    run.timer = setTimeout(soon, run.watch.pauseMs);
  }

  #look(run: Run): void {
    if (this.#run !== run) return;
    const isLong = run.watch.look({
      at: performance.now(),
      runningMs: runningMs(this.#thread),
      index: this.#current(),
      isUnread: Atomics.load(this.#progress, DONE) === this.#sent,
    });
    if (!isLong) {
      this.#watch(run);
      return;
    }
    this.#hasEnded = true;
    void this.#worker.terminate();
    this.#finish("stuck");
  }

  #current(): number {
    return Atomics.load(this.#progress, PLACE);
  }

  #finish(kind: BatchEnd["kind"]): void {
    const run = this.#run;
    this.#run = undefined;
    clearTimeout(run?.timer);
    if (!this.#hasEnded) this.#worker.unref();
    if (run === undefined) return;
    run.end(kind === "done" ? { kind } : { kind, index: this.#current(), took: run.watch.took });
  }
}
