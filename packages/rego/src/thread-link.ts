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
  | { readonly kind: "stuck"; readonly index: number }
  /** The thread ended by itself during the evaluation at `index`, or before any. */
  | { readonly kind: "ended"; readonly index: number | undefined };

/** The shortest time after which progress is looked at again. */
const LEAST_SLICE_MS = 5;

interface Batch {
  readonly size: number;
  readonly deadline: number;
  readonly receive: (answers: SentAnswers) => void;
  readonly end: (end: BatchEnd) => void;
  answered: number;
  timer: NodeJS.Timeout | undefined;
}

/** The wire to a thread that evaluates, and the watch over it. */
export class ThreadLink {
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  readonly #loaded = Promise.withResolvers<readonly ModuleSummary[]>();
  #batch: Batch | undefined;
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

  /**
   * Sends evaluations, hands over their answers as they come, and ends the thread when one does not end: when it has
   * taken half of the time that was left while others wait for their answers, or all of it.
   *
   * @param deadline as `performance.now` counts
   */
  evaluate(work: Work, deadline: number, receive: (answers: SentAnswers) => void): Promise<BatchEnd> {
    if (this.#hasEnded) return Promise.resolve({ kind: "ended", index: undefined });
    const { promise, resolve } = Promise.withResolvers<BatchEnd>();
    const { size } = work;
    this.#batch = { size, deadline, receive, end: resolve, answered: 0, timer: undefined };
    Atomics.store(this.#progress, 0, 0);
    this.#worker.ref();
    this.#worker.postMessage(work);
    this.#watch(this.#batch, 0);
    return promise;
  }

  /** Ends the thread, whatever it is doing. */
  end(reason: RegoError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#loaded.reject(reason);
    void this.#worker.terminate();
    this.#finish({ kind: "ended", index: this.#current() });
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
        const batch = this.#batch;
        if (batch === undefined) break;
        batch.receive(reply.answers);
        batch.answered = reply.answers.from + reply.answers.count;
        if (batch.answered >= batch.size) this.#finish({ kind: "done" });
        break;
      }
    }
  }

  #watch(batch: Batch, index: number): void {
    const left = batch.deadline - performance.now();
    const isAlone = batch.answered >= batch.size - 1;
    const slice = Math.max(LEAST_SLICE_MS, isAlone ? left : left / 2);
    batch.timer = setTimeout(() => {
      // When it was this thread that was held up, answers are waiting to be read: they come before this.
      setImmediate(() => this.#look(batch, index));
    }, slice);
  }

  #look(batch: Batch, before: number): void {
    if (this.#batch !== batch) return;
    const now = this.#current();
    const isLate = performance.now() >= batch.deadline;
    if (now !== before && !isLate) {
      this.#watch(batch, now);
      return;
    }
    this.#hasEnded = true;
    void this.#worker.terminate();
    this.#finish({ kind: "stuck", index: now });
  }

  #current(): number {
    return Atomics.load(this.#progress, 0);
  }

  #finish(end: BatchEnd): void {
    const batch = this.#batch;
    this.#batch = undefined;
    clearTimeout(batch?.timer);
    if (!this.#hasEnded) this.#worker.unref();
    batch?.end(end);
  }
}
