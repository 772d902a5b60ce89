import { Worker } from "node:worker_threads";
import type { Clock } from "../contracts.ts";
import type { FromThread, ToThread } from "./protocol.ts";
import type { Transferable } from "./serve-tasks.ts";

/** Requests of this size and more are worth a thread, in bytes: SDKs send some hundred events, in less. */
export const LARGE_BYTES = 262_144;
/** The largest requests that are meant well take a tenth of it. */
const DEADLINE_MS = 60_000;
const MAX_HEAP_MIB = 1024;
const IDLE_MS = 10_000;

export interface TaskThreadOptions<Question, Answer> {
  /** The thread's file, which calls `serveTasks`. */
  readonly script: URL;
  /** What the system and the debugger call the thread. */
  readonly name: string;
  /** Given to each thread that is started; it is copied. */
  readonly start: unknown;
  readonly clock: Clock;
  /** A task that takes longer is given up, in ms. Default 60,000. */
  readonly deadlineMs?: number;
  /** The heap of the thread, in MiB; a task that needs more is given up. Default 1024. */
  readonly maxHeapMiB?: number;
  /** A thread without a task is ended after this long, in ms, and its memory is free again. Default 10,000. */
  readonly idleMs?: number;
  /** Answers what a task asks. It does not reject. */
  readonly answer?: (question: Question) => Promise<Answer>;
}

/** A task was given up: it took too long or too much memory, or the thread is closed. */
export class TaskAbandonedError extends Error {
  override readonly name = "TaskAbandonedError";
}

/** A task threw; its name says what, as far as the thread's side told. */
export class TaskFailedError extends Error {
  override readonly name = "TaskFailedError";
  /** The name of the error that the task threw. */
  readonly thrown: string;

  constructor(thrown: string, message: string) {
    super(message);
    this.thrown = thrown;
  }
}

interface Waiting<Task, Result> {
  readonly task: Task;
  readonly transfer: readonly Transferable[];
  readonly settled: PromiseWithResolvers<Result>;
}

/**
 * A thread for work that would hold up the event loop. It does one task at a time, in the order of the calls; it is
 * started with the first one and ends when there has been none for a while. A task that takes too long or too much
 * memory is given up with its thread, and the next one gets another.
 */
export class TaskThread<Task, Result, Question = never, Answer = never> {
  readonly #options: Required<Omit<TaskThreadOptions<Question, Answer>, "answer">> &
    Pick<TaskThreadOptions<Question, Answer>, "answer">;
  readonly #waiting: Waiting<Task, Result>[] = [];
  #worker: Worker | undefined;
  #current: Waiting<Task, Result> | undefined;
  #cancelTimer: () => void = () => {};
  #closed = false;

  constructor(options: TaskThreadOptions<Question, Answer>) {
    this.#options = { deadlineMs: DEADLINE_MS, maxHeapMiB: MAX_HEAP_MIB, idleMs: IDLE_MS, ...options };
  }

  /**
   * Does a task in the thread.
   *
   * @param transfer buffers of the task that the caller needs no more
   * @throws TaskFailedError when the task threw
   * @throws TaskAbandonedError when it was given up
   */
  run(task: Task, transfer: readonly Transferable[] = []): Promise<Result> {
    if (this.#closed) return Promise.reject(new TaskAbandonedError("the thread is closed"));
    const settled = Promise.withResolvers<Result>();
    this.#waiting.push({ task, transfer, settled });
    this.#next();
    return settled.promise;
  }

  /** Ends the thread; what is under way or waits is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { settled } of this.#waiting.splice(0)) {
      settled.reject(new TaskAbandonedError("the thread is closed"));
    }
    await this.#end(new TaskAbandonedError("the thread is closed"));
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#cancelTimer();
    const current = this.#waiting.shift();
    const { clock, deadlineMs, idleMs } = this.#options;
    if (current === undefined) {
      this.#worker?.unref();
      this.#cancelTimer = clock.schedule(idleMs, () => void this.#end());
      return;
    }
    this.#current = current;
    this.#cancelTimer = clock.schedule(deadlineMs, () => {
      void this.#end(new TaskAbandonedError(`it is not done after ${deadlineMs / 1000} seconds`));
    });
    const worker = this.#worker ?? this.#start();
    this.#worker = worker;
    worker.ref();
    const message: ToThread<Task, Answer> = { kind: "task", task: current.task };
    worker.postMessage(message, [...current.transfer]);
  }

  #start(): Worker {
    const { script, name, start, maxHeapMiB } = this.#options;
    const worker = new Worker(script, {
      name,
      workerData: start,
      env: {},
      execArgv: script.pathname.endsWith(".ts") ? ["--conditions=coresdk-source"] : [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
    });
    worker.on("message", (message: FromThread<Question, Result>) => {
      if (worker === this.#worker) this.#receive(worker, message);
    });
    worker.on("error", (cause) => this.#broke(worker, cause));
    worker.on("exit", () => this.#broke(worker, undefined));
    return worker;
  }

  #receive(worker: Worker, message: FromThread<Question, Result>): void {
    switch (message.kind) {
      case "question":
        void this.#reply(worker, message.question);
        return;
      case "done":
        this.#settle((settled) => settled.resolve(message.result));
        return;
      case "failed":
        this.#settle((settled) => settled.reject(new TaskFailedError(message.name, message.message)));
    }
  }

  async #reply(worker: Worker, question: Question): Promise<void> {
    const answer = await this.#options.answer?.(question);
    if (answer === undefined || worker !== this.#worker) return;
    const message: ToThread<Task, Answer> = { kind: "answer", answer };
    worker.postMessage(message);
  }

  #settle(settle: (settled: PromiseWithResolvers<Result>) => void): void {
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) settle(current.settled);
    this.#next();
  }

  #broke(worker: Worker, cause: Error | undefined): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    const why = isOutOfMemory(cause)
      ? `it takes more than ${this.#options.maxHeapMiB} MiB of memory`
      : `its thread ended: ${cause?.message ?? "without a reason"}`;
    const given = new TaskAbandonedError(why, cause === undefined ? {} : { cause });
    this.#settle((settled) => settled.reject(given));
  }

  /** Ends the thread, and gives up what it is doing. */
  async #end(error = new TaskAbandonedError("its thread was ended")): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    const current = this.#current;
    this.#current = undefined;
    this.#cancelTimer();
    current?.settled.reject(error);
    await worker?.terminate();
    if (!this.#closed && this.#waiting.length > 0) this.#next();
  }
}

function isOutOfMemory(error: Error | undefined): boolean {
  return error !== undefined && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
