import { type TaskTerms, TaskThread, type TaskThreadOptions } from "./task-thread.ts";

interface Range {
  /** The size, in bytes, from which on tasks are of the next range. */
  readonly below: number;
  /** How long its thread stays without a task, in ms; left out, as threads do. */
  readonly idleMs?: number;
}

/**
 * Exporters send up to a megabyte at a time, collectors that gather several megabytes. The thread for the former stays
 * for as long as most exporters pause: it holds little memory, and to start another takes half a second of a processor,
 * which it would have to share with those that are at something large.
 */
const RANGES: readonly Range[] = [
  { below: 1_048_576, idleMs: 60_000 },
  { below: 8_388_608 },
  { below: Number.POSITIVE_INFINITY },
];

/**
 * Threads of one kind, of which each does tasks of another range of sizes: a request that takes seconds may be one step
 * (a text of megabytes, the parsing of JSON), so that nothing but another thread can go on meanwhile. The system divides
 * the processor between them. At most one task of each range is under way, so that what those that are not of the last
 * range add to the memory is bounded by their size. A thread whose range nobody uses is not started.
 */
export class TaskThreads<Task, Result, Question = never, Answer = never> {
  readonly #threads: readonly TaskThread<Task, Result, Question, Answer>[];

  constructor(options: TaskThreadOptions<Question, Answer>) {
    this.#threads = RANGES.map(
      ({ idleMs }) => new TaskThread(idleMs === undefined ? options : { idleMs, ...options }),
    );
  }

  /**
   * Does a task in the thread for its size.
   * @throws TaskFailedError when the task threw
   * @throws TaskAbandonedError when it was given up
   */
  async run(task: Task, terms: TaskTerms & { readonly size: number }): Promise<Result> {
    const thread = this.#threads[RANGES.findIndex(({ below }) => terms.size < below)];
    if (thread === undefined) throw new RangeError(`no thread for ${terms.size} bytes`);
    return thread.run(task, terms);
  }

  /** Ends the threads; what is under way or waits is given up. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
