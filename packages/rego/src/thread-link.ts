import { Worker } from "node:worker_threads";
import { RegoError } from "./errors.ts";
import type { ModuleSummary } from "./module-summary.ts";
import {
  type Reply,
  receiveError,
  type SentAnswers,
  type ThreadStart,
  type Work,
} from "./thread-protocol.ts";

/** How a batch ended in a thread; what was answered before the end has been handed over. */
export type BatchEnd =
  | { readonly kind: "done" }
  /** The evaluation at `index` took all the time it could have; the thread has been ended. */
  | { readonly kind: "stuck"; readonly index: number; readonly silentMs: number }
  /** The thread ended by itself during the evaluation at `index`, or before any. */
  | { readonly kind: "ended"; readonly index: number | undefined; readonly silentMs: number };

/** The shortest time after which is looked whether there are answers. */
const LEAST_SLICE_MS = 5;

export interface Batch extends Work {
  /** When it has no more time, as `performance.now` counts; answers can move it. */
  readonly time: { readonly end: number };
  /** How long there may be no answer. */
  readonly patienceMs: number;
  /** Gets answers as they come. */
  readonly receive: (answers: SentAnswers) => void;
}

/** A batch that a thread is at. */
interface Run {
  readonly batch: Batch;
  readonly end: (end: BatchEnd) => void;
  /** When it was sent, or answers came last. */
  heardAt: number;
  timer: NodeJS.Timeout | undefined;
}

/** The wire to a thread that evaluates, and the watch over it. */
export class ThreadLink {
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  readonly #loaded = Promise.withResolvers<readonly ModuleSummary[]>();
  #run: Run | undefined;
  #isLoaded = false;
  #hasEnded = false;

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
    if (!start.examines) this.#worker.unref();
    const settled = (): void => clearTimeout(timer);
    // Nobody need be waiting when a thread that stands ready fails.
    this.#loaded.promise.then(settled, settled);
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (cause) => {
      this.end(new RegoError("crash", `the engine's thread broke down: ${cause.message}`, { cause }));
    });
    this.#worker.on("exit", () => this.end(new RegoError("crash", "the engine's thread ended")));
  }

  /** Resolves with what the modules read once they are loaded; rejects with a RegoError when they cannot be. */
  loaded(): Promise<readonly ModuleSummary[]> {
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
    this.#run = { batch, end: resolve, heardAt: performance.now(), timer: undefined };
    Atomics.store(this.#progress, 0, 0);
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
        this.#loaded.resolve(reply.summaries);
        break;
      case "refused":
        this.end(receiveError(reply.error));
        break;
      case "answers": {
        const run = this.#run;
        if (run === undefined) break;
        run.heardAt = performance.now();
        run.batch.receive(reply.answers);
        if (reply.answers.from + reply.answers.count >= run.batch.size) this.#finish("done");
        break;
      }
    }
  }

  #watch(run: Run): void {
    const until = Math.min(run.batch.time.end, run.heardAt + run.batch.patienceMs);
    const look = (): void => {
      if (this.#run !== run) return;
      const { batch, heardAt } = run;
      const now = performance.now();
      if (now < batch.time.end && now < heardAt + batch.patienceMs) {
        this.#watch(run);
        return;
      }
      this.#hasEnded = true;
      void this.#worker.terminate();
      this.#finish("stuck");
    };
    // When it was this thread that was held up, answers are waiting to be read: they come before this.
    const soon = (): void => void setImmediate(look);
    run.timer = setTimeout(soon, Math.max(LEAST_SLICE_MS, until - performance.now()));
  }

  #finish(kind: BatchEnd["kind"]): void {
    const run = this.#run;
    this.#run = undefined;
    clearTimeout(run?.timer);
    if (!this.#hasEnded) this.#worker.unref();
    if (run === undefined) return;
    const index = Atomics.load(this.#progress, 0);
    run.end(kind === "done" ? { kind } : { kind, index, silentMs: performance.now() - run.heardAt });
  }
}
