import { Worker } from "node:worker_threads";
import type { Clock, Sender } from "../contracts.ts";
import { Lanes } from "./lanes.ts";
import type { FromThread, ToThread } from "./protocol.ts";
import { type AskRunningTime, askRunningTime } from "./running-time.ts";
import type { Transferable } from "./serve-tasks.ts";
import { TaskWatch } from "./task-watch.ts";

/**
 * Requests of this size and more are worth a thread, in bytes. Text in which masking has to look again and again costs
 * a microsecond for two of them.
 */
export const LARGE_BYTES = 65_536;
/** What ordinary requests come to, in bytes for each ms of running time. */
const USUAL_BYTES_PER_MS = 8_000;
const DEADLINE_MS = 20_000;
/** So many times longer by the clock a task may take on a machine that has little time for its thread. */
const MOST_STARVED = 3;
/** What nobody waits for may be nearly done, and a new thread is dear. */
const ABANDONED_MS = 2_000;
const MAX_HEAP_MIB = 1024;
/**
 * Left alone, V8 lets the young generation grow until much garbage is promoted out of it: requests of 60 MiB took up to
 * two thirds more memory, and no less time.
 */
const YOUNG_MIB = 24;
const IDLE_MS = 10_000;

export interface TaskThreadOptions<Question, Answer> {
  /** The thread's file, which calls `serveTasks`. */
  readonly script: URL;
  /** What the system and the debugger call the thread. */
  readonly name: string;
  /** Given to each thread that is started; it is copied. */
  readonly start: unknown;
  readonly clock: Clock;
  /**
   * A task that takes longer is given up, in ms in which the thread was running, and after three times as long by the
   * clock. Default 20,000.
   */
  readonly deadlineMs?: number;
  /** One whose sender goes meanwhile is given up after this, in ms. Default 2,000. */
  readonly abandonedMs?: number;
  /** The heap of the thread, in MiB; a task that needs more is given up. Default 1024. */
  readonly maxHeapMiB?: number;
  /** A thread without a task is ended after this long, in ms, and its memory is free again. Default 10,000. */
  readonly idleMs?: number;
  /** Answers what a task asks. It does not reject. */
  readonly answer?: (question: Question) => Promise<Answer>;
  /** How long the thread has been running; `undefined`: the clock's time counts. Default: what Node.js says. */
  readonly runningTime?: AskRunningTime | undefined;
}

interface AbandonedOptions {
  readonly isCostly?: boolean;
  readonly retryAfterMs?: number;
  readonly cause?: Error;
}

/** How long a sender should wait after its task was given up, in ms. */
const RETRY_MS = 30_000;
/** The same where the thread is closed: a restart, or a reload, takes less. */
const CLOSED_RETRY_MS = 5_000;

/** A task was given up: it took too long or too much memory, its sender has gone, or the thread is closed. */
export class TaskAbandonedError extends Error {
  override readonly name = "TaskAbandonedError";
  /** It took too long or too much memory, and would again. */
  readonly isCostly: boolean;
  /** How long its sender should wait before it tries again, in ms. */
  readonly retryAfterMs: number;

  constructor(message: string, options: AbandonedOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.isCostly = options.isCostly ?? false;
    this.retryAfterMs = options.retryAfterMs ?? RETRY_MS;
  }
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
  readonly sender: Sender | undefined;
  readonly settled: PromiseWithResolvers<Result>;
  /** Takes back what waits for the sender to go. */
  forget: () => void;
}

/** What a task comes with. */
export interface TaskTerms {
  /** Buffers of the task that the caller needs no more. Default: none. */
  readonly transfer?: readonly Transferable[];
  /** Who waits for it; left out, somebody does, however long it takes. */
  readonly sender?: Sender | undefined;
  /** The task's size in bytes, by which it is expected to cost beside others. Default 1. */
  readonly size?: number;
}

/** Stands for all who are none. */
const NOBODY: object = {};

/**
 * A thread for work that would hold up the event loop. It does one task at a time: those of a connection in the order of
 * the calls, those of several by their size and by what such tasks of theirs took (see {@link Lanes}). It is started with
 * the first one and ends when there has been none for a while. A task that takes too long or too much memory is given up
 * with its thread, and the next one gets another. What nobody waits for any more is not begun.
 */
export class TaskThread<Task, Result, Question = never, Answer = never> {
  readonly #options: Required<Omit<TaskThreadOptions<Question, Answer>, "answer" | "runningTime">> &
    Pick<TaskThreadOptions<Question, Answer>, "answer" | "runningTime">;
  readonly #waiting = new Lanes<Waiting<Task, Result>>();
  #worker: Worker | undefined;
  #current: Waiting<Task, Result> | undefined;
  #startedAt = 0;
  #cancelTimer: () => void = () => {};
  #closed = false;

  constructor(options: TaskThreadOptions<Question, Answer>) {
    this.#options = {
      deadlineMs: DEADLINE_MS,
      abandonedMs: ABANDONED_MS,
      maxHeapMiB: MAX_HEAP_MIB,
      idleMs: IDLE_MS,
      runningTime: askRunningTime,
      ...options,
    };
  }

  /**
   * Does a task in the thread.
   *
   * @throws TaskFailedError when the task threw
   * @throws TaskAbandonedError when it was given up
   */
  run(task: Task, { transfer = [], sender, size = 1 }: TaskTerms = {}): Promise<Result> {
    if (this.#closed) return Promise.reject(threadClosed());
    if (sender?.gone === true) return Promise.reject(senderGone());
    const settled = Promise.withResolvers<Result>();
    const waiting: Waiting<Task, Result> = { task, transfer, sender, settled, forget: () => {} };
    if (sender !== undefined) waiting.forget = sender.onGone(() => this.#abandon(waiting));
    this.#waiting.add(sender?.connection ?? NOBODY, waiting, size);
    this.#next();
    return settled.promise;
  }

  /** Ends the thread; what is under way or waits is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { settled, forget } of this.#waiting.clear()) {
      forget();
      settled.reject(threadClosed());
    }
    await this.#end(threadClosed());
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#cancelTimer();
    const current = this.#waiting.take();
    const { idleMs } = this.#options;
    if (current === undefined) {
      this.#worker?.unref();
      this.#cancelTimer = this.#options.clock.schedule(idleMs, () => void this.#end());
      return;
    }
    this.#current = current;
    this.#startedAt = this.#options.clock.elapsed();
    const worker = this.#worker ?? this.#start();
    this.#worker = worker;
    this.#watch(worker);
    worker.ref();
    const message: ToThread<Task, Answer> = { kind: "task", task: current.task };
    worker.postMessage(message, [...current.transfer]);
  }

  #watch(worker: Worker): void {
    const { clock, deadlineMs, runningTime } = this.#options;
    const mostMs = deadlineMs * MOST_STARVED;
    const watch = new TaskWatch({
      clock,
      deadlineMs,
      mostMs,
      ask: runningTime && (() => runningTime(worker)),
      onLate: (isCostly) => {
        const late = isCostly
          ? `it is not done after ${deadlineMs / 1000} seconds`
          : `it had too little of a processor to be done within ${mostMs / 1000} seconds`;
        void this.#end(new TaskAbandonedError(late, { isCostly }));
      },
    });
    this.#cancelTimer = () => watch.end();
  }

  /** Nobody waits for it any more. */
  #abandon(waiting: Waiting<Task, Result>): void {
    if (waiting === this.#current) {
      this.#cancelTimer();
      const { abandonedMs, clock } = this.#options;
      this.#cancelTimer = clock.schedule(abandonedMs, () => void this.#end(senderGone()));
    } else if (this.#waiting.remove(waiting.sender?.connection ?? NOBODY, waiting)) {
      waiting.settled.reject(senderGone());
    }
  }

  #start(): Worker {
    const { script, name, start, maxHeapMiB } = this.#options;
    const worker = new Worker(script, {
      name,
      workerData: start,
      env: {},
      execArgv: script.pathname.endsWith(".ts") ? ["--conditions=coresdk-source"] : [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB, maxYoungGenerationSizeMb: YOUNG_MIB },
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
        this.#charge(message.tookMs);
        this.#settle((settled) => settled.resolve(message.result));
        return;
      case "failed":
        this.#charge(message.tookMs);
        this.#settle((settled) => settled.reject(new TaskFailedError(message.name, message.message)));
    }
  }

  async #reply(worker: Worker, question: Question): Promise<void> {
    const answer = await this.#options.answer?.(question);
    if (answer === undefined || worker !== this.#worker) return;
    const message: ToThread<Task, Answer> = { kind: "answer", answer };
    worker.postMessage(message);
  }

  #charge(tookMs: number): void {
    this.#waiting.charge(tookMs * USUAL_BYTES_PER_MS);
  }

  /** Of what was given up, nobody says how long it was running. */
  #chargeGivenUp(): void {
    this.#charge(this.#options.clock.elapsed() - this.#startedAt);
  }

  #settle(settle: (settled: PromiseWithResolvers<Result>) => void): void {
    const current = this.#current;
    this.#current = undefined;
    current?.forget();
    if (current !== undefined) settle(current.settled);
    this.#next();
  }

  #broke(worker: Worker, cause: Error | undefined): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    const isCostly = isOutOfMemory(cause);
    const why = isCostly
      ? `it takes more than ${this.#options.maxHeapMiB} MiB of memory`
      : `its thread ended: ${cause?.message ?? "without a reason"}`;
    this.#chargeGivenUp();
    const given = new TaskAbandonedError(why, { isCostly, ...(cause === undefined ? {} : { cause }) });
    this.#settle((settled) => settled.reject(given));
  }

  /** Ends the thread, and gives up what it is doing. */
  async #end(error = new TaskAbandonedError("its thread was ended")): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    const current = this.#current;
    this.#current = undefined;
    this.#cancelTimer();
    if (current !== undefined) this.#chargeGivenUp();
    current?.forget();
    current?.settled.reject(error);
    await worker?.terminate();
    if (!this.#closed && !this.#waiting.empty) this.#next();
  }
}

function senderGone(): TaskAbandonedError {
  return new TaskAbandonedError("its sender has gone");
}

function threadClosed(): TaskAbandonedError {
  return new TaskAbandonedError("the thread is closed", { retryAfterMs: CLOSED_RETRY_MS });
}

function isOutOfMemory(error: Error | undefined): boolean {
  return error !== undefined && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
