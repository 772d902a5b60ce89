import { BatchTime } from "./batch-time.ts";
import type { RegoValue } from "./contracts.ts";
import { RegoError, type RegoErrorCode } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { Suspects } from "./suspects.ts";
import { Call, messagesOf, Task, workOf } from "./task.ts";
import { ThreadPair, type ThreadSettings } from "./thread-pair.ts";
import { receiveAnswers } from "./thread-protocol.ts";
import { tryEncodeInput } from "./value-json.ts";

/** Batches that wait are sent together up to about this many evaluations. */
const TOGETHER = 1024;
/** Errors of evaluations that may have taken long. */
const costly: readonly RegoErrorCode[] = ["steps", "memory", "crash"];

/** A call that others leave no time is in as many batches, at most, so that it has an answer before long. */
const MOST_BATCHES = 3;

/** What of one call is to be answered. */
interface Share {
  readonly tasks: readonly Task[];
  /** In how many batches it had no answer to all that was tried. */
  readonly batches: number;
  /** It was in a batch before. */
  readonly isBegun: boolean;
}

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
  #waiting: Share[] = [];
  /** Of calls that had to share the time of a batch with others, what was not answered then. */
  #unfinished: Share[] = [];
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
      this.#waiting.push({ tasks, batches: 0, isBegun: false });
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

  /** The calls of the next batch: those that wait, and behind them what others left no time for. */
  #take(): readonly Share[] {
    let size = 0;
    let count = 0;
    while (count < this.#waiting.length && size < TOGETHER) size += this.#waiting[count++]?.tasks.length ?? 0;
    return [...this.#waiting.splice(0, count), ...this.#unfinished.splice(0)];
  }

  /**
   * Settles tasks of a batch. One that takes a good part of the deadline is put aside, so that those behind it are
   * evaluated; at the end all that were put aside, in this batch or one before, have what is left. When there is no
   * more time, calls that shared it with others are in the next batch with the rest, {@link MOST_BATCHES} times at most:
   * hardly anybody fails for what others asked, and nobody waits for long. What has not been tried when a deadline has
   * passed is in the next one too, however often.
   */
  async #answer(calls: readonly Share[]): Promise<void> {
    const time = new BatchTime(this.#deadlineMs);
    const fresh = this.#suspects.divide(tasksOf(calls, false));
    const begun = this.#suspects.divide(tasksOf(calls, true));
    const aside = [...fresh.known, ...begun.known];
    const untried = await this.#tryAll(fresh.others, begun.others, calls.length, time, aside);
    time.beginLast();
    const giveUp = (task: Task): void => task.settle(this.#lateError());
    let behind = aside.length;
    for (const message of messagesOf(aside)) {
      behind -= message.length;
      await this.#evaluateAll(message, time, {
        patienceMs: (open) => time.patienceOfLast(open + behind),
        giveUp,
      });
    }
    const isShared = calls.length > 1 || untried.size > 0;
    for (const call of calls) this.#finish(call, untried, isShared);
    // That of a small call does not wait for that of a large one.
    this.#unfinished.sort((one, other) => one.tasks.length - other.tasks.length);
  }

  /**
   * Evaluates newcomers, and behind them what was begun. Once a deadline has passed and others wait, it leaves off with
   * what was begun, though not before some of it was tried.
   *
   * @param aside gets those that take too long
   * @returns what has not been tried
   */
  async #tryAll(
    fresh: readonly Task[],
    begun: readonly Task[],
    calls: number,
    time: BatchTime,
    aside: Task[],
  ): Promise<ReadonlySet<Task>> {
    const trial: Watch = { patienceMs: () => time.patienceMs, giveUp: (task) => aside.push(task) };
    const first = [...messagesOf(fresh)];
    const messages = [...first, ...messagesOf(begun)];
    const least = begun.length > 0 && fresh.length > 0 ? first.length + 1 : 1;
    for (const [sent, message] of messages.entries()) {
      const isOthersTurn = time.hasTakenDeadline && (calls > 1 || this.#waiting.length > 0);
      if (sent >= least && isOthersTurn && !time.isOver) return new Set(messages.slice(sent).flat());
      await this.#evaluateAll(message, time, trial);
    }
    return new Set();
  }

  /** Puts off what of a call is open, or settles it. */
  #finish({ tasks, batches }: Share, untried: ReadonlySet<Task>, isShared: boolean): void {
    const open = tasks.filter((task) => task.isOpen);
    const failed = open.filter((task) => !untried.has(task));
    const again = batches + 1;
    if (this.#isClosed) {
      for (const task of open) task.settle(closedError());
      return;
    }
    if (failed.length < open.length) {
      const rest = open.filter((task) => untried.has(task));
      this.#unfinished.push({ tasks: rest, batches, isBegun: true });
    }
    if (failed.length === 0) return;
    if (isShared && again < MOST_BATCHES) {
      this.#unfinished.push({ tasks: failed, batches: again, isBegun: true });
    } else for (const task of failed) task.settle(this.#lateError());
  }

  /** Evaluates as far as there is time. */
  async #evaluateAll(tasks: readonly Task[], time: BatchTime, watch: Watch): Promise<void> {
    let open = tasks;
    while (open.length > 0 && !this.#isClosed && !time.isOver) {
      const stopped = await this.#send(open, time, watch);
      const at = stopped === undefined ? 0 : open.indexOf(stopped);
      // What was evaluated right before one that hangs was not sent yet. It is known to end, and goes by itself: behind
      // it the next one may hang.
      const before = open.slice(0, at).filter((task) => task.isOpen);
      await this.#evaluateAll(before, time, watch);
      open = open.slice(at).filter((task) => task.isOpen && task !== stopped);
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

/** What of these calls is to be answered, of those that are begun or of the others. */
function tasksOf(calls: readonly Share[], isBegun: boolean): readonly Task[] {
  return calls.filter((call) => call.isBegun === isBegun).flatMap(({ tasks }) => tasks);
}

function closedError(): RegoError {
  return new RegoError("closed", "the engine has been closed");
}
