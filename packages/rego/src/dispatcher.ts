import { BatchTime } from "./batch-time.ts";
import type { RegoValue } from "./contracts.ts";
import { RegoError, type RegoErrorCode } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { Suspects } from "./suspects.ts";
import { Call, Task, workOf } from "./task.ts";
import { ThreadPair, type ThreadSettings } from "./thread-pair.ts";
import { receiveAnswers } from "./thread-protocol.ts";
import { tryEncodeInput } from "./value-json.ts";

/** Batches that wait are sent together up to about this many evaluations. */
const TOGETHER = 1024;
/** As many go to a thread in one message. */
const IN_MESSAGE = 128;
/** Errors of evaluations that may have taken long. */
const costly: readonly RegoErrorCode[] = ["steps", "memory", "crash"];

/** The evaluations of one call that are to be answered. */
type CallTasks = readonly Task[];

/** What is done about evaluations that take long. */
interface Watch {
  /** How long one may take, of so many that are open. */
  readonly patienceMs: (open: number) => number;
  /** What becomes of one that took longer. */
  readonly giveUp: (task: Task) => void;
}

/** Hands evaluations to a thread, and to the next one when it has to be ended. */
export class Dispatcher {
  readonly #deadlineMs: number;
  readonly #maxInputLength: number;
  readonly #threads: ThreadPair;
  readonly #suspects = new Suspects();
  /** The evaluations of each call. */
  #waiting: CallTasks[] = [];
  /** Calls that had to share the time of a batch with others, and are not answered whole. */
  #unfinished: CallTasks[] = [];
  #isRunning = false;
  #isClosed = false;

  constructor(settings: ThreadSettings) {
    this.#deadlineMs = settings.deadlineMs;
    this.#maxInputLength = settings.start.limits.maxInputLength;
    this.#threads = new ThreadPair(settings);
  }

  /**
   * Resolves with what the modules read once the policies are loaded.
   *
   * @throws RegoError when they cannot be
   */
  open(): Promise<readonly ModuleSummary[]> {
    return this.#threads.open();
  }

  /** Evaluates a rule over inputs; resolves with the answers in their order. */
  evaluate(rule: string, inputs: readonly RegoValue[], nowNs: bigint | undefined): Promise<RawAnswer[]> {
    const call = new Call(inputs.length);
    const tasks: Task[] = [];
    for (const [index, value] of inputs.entries()) {
      const input = tryEncodeInput(value, this.#maxInputLength);
      if (input instanceof RegoError) call.settle(index, input);
      else tasks.push(new Task(rule, input, nowNs, call, index));
    }
    if (tasks.length > 0) {
      this.#waiting.push(tasks);
      void this.#run();
    }
    return call.done;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#threads.close(closedError());
  }

  /** Works off what waits, one batch after the other. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Calls of this turn go together.
    await Promise.resolve();
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) await this.#answer(batch);
    this.#isRunning = false;
  }

  /** The calls of the next batch: those that wait go together, and one that others left no time for by itself. */
  #take(): readonly CallTasks[] {
    const unfinished = this.#unfinished.shift();
    if (unfinished !== undefined) return [unfinished];
    let size = 0;
    let count = 0;
    while (count < this.#waiting.length && size < TOGETHER) size += this.#waiting[count++]?.length ?? 0;
    return this.#waiting.splice(0, count);
  }

  /**
   * Settles all tasks of a batch. One that takes a good part of the deadline is put aside, so that those behind it are
   * evaluated; at the end all that were put aside, in this batch or one before, have what is left. When there is no
   * more time, calls that shared it with others each have a batch of their own for the rest: nobody fails for what
   * others asked.
   */
  async #answer(calls: readonly CallTasks[]): Promise<void> {
    const batch = calls.flat();
    const { others, known } = this.#suspects.divide(batch);
    const aside = [...known];
    const time = new BatchTime(this.#deadlineMs);
    const trial: Watch = { patienceMs: () => time.patienceMs, giveUp: (task) => aside.push(task) };
    for (let start = 0; start < others.length; start += IN_MESSAGE) {
      await this.#evaluateAll(others.slice(start, start + IN_MESSAGE), time, trial);
    }
    time.beginLast();
    const giveUp = (task: Task): void => task.settle(this.#lateError());
    await this.#evaluateAll(aside, time, { patienceMs: (open) => time.patienceOfLast(open), giveUp });
    if (calls.length > 1 && !this.#isClosed) this.#putOff(calls);
    else {
      for (const task of batch) {
        if (task.isOpen) task.settle(this.#isClosed ? closedError() : this.#lateError());
      }
    }
  }

  /** What is open of each call waits for a batch of its own, and that of a small call not for a large one. */
  #putOff(calls: readonly CallTasks[]): void {
    const open = calls.map((tasks) => tasks.filter((task) => task.isOpen));
    const unfinished = open.filter(({ length }) => length > 0);
    this.#unfinished.push(...unfinished.sort((one, other) => one.length - other.length));
  }

  /** Evaluates as far as there is time. */
  async #evaluateAll(tasks: readonly Task[], time: BatchTime, watch: Watch): Promise<void> {
    let open = tasks;
    while (open.length > 0 && !this.#isClosed && !time.isOver) {
      const stopped = await this.#send(open, time, watch);
      open = open.filter((task) => task.isOpen && task !== stopped);
    }
  }

  /**
   * Sends tasks to a thread, and settles those that it answers.
   *
   * @returns the one that it did not come back from
   */
  async #send(tasks: readonly Task[], time: BatchTime, watch: Watch): Promise<Task | undefined> {
    const waited = performance.now();
    const thread = await this.#threads.ready();
    // That another thread had to be waited for is no fault of these.
    time.excuse(performance.now() - waited);
    if (thread === undefined) {
      time.giveUp();
      return undefined;
    }
    const end = await thread.evaluate({
      size: tasks.length,
      groups: workOf(tasks),
      time,
      patienceMs: watch.patienceMs(tasks.length),
      receive: (sent) => {
        time.noteAnswers(sent.count);
        time.noteRepair(sent.repairMs);
        for (const [offset, answer] of receiveAnswers(sent).entries()) {
          const task = tasks[sent.from + offset];
          if (task !== undefined) this.#settle(task, answer);
        }
      },
    });
    if (end.kind === "done") return undefined;
    this.#threads.replace();
    time.noteStop(end.silentMs);
    const stopped = end.index === undefined ? undefined : tasks[end.index];
    if (stopped === undefined || this.#isClosed) return undefined;
    this.#suspects.add(stopped.key);
    if (end.kind === "stuck") watch.giveUp(stopped);
    else stopped.settle(new RegoError("crash", "the engine's thread ended during the evaluation"));
    return stopped;
  }

  #settle(task: Task, answer: RawAnswer): void {
    if (answer instanceof RegoError && costly.includes(answer.code)) this.#suspects.add(task.key);
    else if (this.#suspects.size > 0) this.#suspects.clear(task.key);
    task.settle(answer);
  }

  #lateError(): RegoError {
    return new RegoError(
      "deadline",
      `the policy gave no answer within the deadline of ${this.#deadlineMs} ms`,
    );
  }
}

function closedError(): RegoError {
  return new RegoError("closed", "the engine has been closed");
}
