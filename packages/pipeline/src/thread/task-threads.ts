import { type TaskTerms, TaskThread, type TaskThreadOptions } from "./task-thread.ts";

/**
 * Up to which size, in bytes, a request goes to which thread, the last of which takes all others. Exporters send up to a
 * megabyte at a time, collectors that gather several megabytes.
 */
const BELOW_BYTES: readonly number[] = [1_048_576, 8_388_608];

/**
 * Threads of one kind, of which each does tasks of another range of sizes: a request that takes seconds may be one step
 * (a text of megabytes, the parsing of JSON), so that nothing but another thread can go on meanwhile. The system divides
 * the processor between them. At most one task of each range is under way, so that what those that are not of the last
 * range add to the memory is bounded by their size. A thread whose range nobody uses is not started.
 */
export class TaskThreads<Task, Result, Question = never, Answer = never> {
  readonly #threads: readonly TaskThread<Task, Result, Question, Answer>[];

  constructor(options: TaskThreadOptions<Question, Answer>) {
    this.#threads = Array.from({ length: BELOW_BYTES.length + 1 }, () => new TaskThread(options));
  }

  /**
   * Does a task in the thread for its size.
   * @throws TaskFailedError when the task threw
   * @throws TaskAbandonedError when it was given up
   */
  async run(task: Task, terms: TaskTerms & { readonly size: number }): Promise<Result> {
    const range = BELOW_BYTES.filter((below) => terms.size >= below).length;
    const thread = this.#threads[range];
    if (thread === undefined) throw new RangeError(`no thread for ${terms.size} bytes`);
    return thread.run(task, terms);
  }

  /** Ends the threads; what is under way or waits is given up. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}
