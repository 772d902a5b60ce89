import { BatchTime } from "./batch-time.ts";
import type { RegoValue } from "./contracts.ts";
import { RegoError, type RegoErrorCode } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { beginShare, begunOf, carryOn, newcomersOf, type Outcome, type Share } from "./share.ts";
import { Suspects } from "./suspects.ts";
import { Call, messagesOf, Task, workOf } from "./task.ts";
import type { Batch, BatchEnd } from "./thread-link.ts";
import { ThreadPair, type ThreadSettings } from "./thread-pair.ts";
import { receiveAnswers } from "./thread-protocol.ts";
import { tryEncodeInput } from "./value-json.ts";

/** Batches that wait are sent together up to about this many evaluations. */
const TOGETHER = 1024;
/** Errors of evaluations that may have taken long. */
const costly: readonly RegoErrorCode[] = ["steps", "memory", "crash"];

/** What is known of a batch that is worked off. */
interface BatchRun {
  readonly time: BatchTime;
  readonly calls: number;
  readonly answered: Set<Task>;
  readonly stopped: Set<Task>;
  /** Those that come last. */
  readonly aside: Set<Task>;
}

/** What is done about evaluations that take long. */
interface Watch {
  /** How long one may take, of so many that are open. */
  readonly patienceMs: (open: number) => number;
  /** One that was under way for less when the batch's time was over is in the next batch, as if it had not been sent. */
  readonly hasNext: boolean;
  /** What becomes of one that took longer. */
  readonly giveUp: (task: Task) => void;
}

/** The threads that evaluate, one at a time. */
export interface Threads {
  open(): Promise<readonly ModuleSummary[]>;
  /** One that can evaluate, or none in time. */
  ready(): Promise<{ evaluate(batch: Batch): Promise<BatchEnd> } | undefined>;
  /** Puts another in the place of one that ended. */
  replace(): void;
  close(reason: RegoError): Promise<void>;
}

/** Hands evaluations to a thread, and to the next one when it has to be ended. */
export class Dispatcher {
  readonly #deadlineMs: number;
  readonly #maxInputLength: number;
  readonly #threads: Threads;
  readonly #now: () => number;
  readonly #suspects = new Suspects();
  #waiting: Share[] = [];
  /** What was not answered in a batch, and is to be in the next one. */
  #unfinished: Share[] = [];
  #isRunning = false;
  #isClosed = false;

  /** @param now milliseconds, from whenever */
  constructor(
    settings: ThreadSettings,
    threads: Threads = new ThreadPair(settings),
    now: () => number = () => performance.now(),
  ) {
    this.#deadlineMs = settings.deadlineMs;
    this.#maxInputLength = settings.start.limits.maxInputLength;
    this.#threads = threads;
    this.#now = now;
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
      this.#waiting.push(beginShare(tasks));
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

  /** The calls of the next batch: what is left of those before, in the order in which they came, and those that wait. */
  #take(): readonly Share[] {
    let size = 0;
    let count = 0;
    while (count < this.#waiting.length && size < TOGETHER) size += this.#waiting[count++]?.tasks.length ?? 0;
    return [...this.#unfinished.splice(0), ...this.#waiting.splice(0, count)];
  }

  /**
   * Settles tasks of a batch.
   *
   * Newcomers come first, and then the calls that were in a batch before, for which half of the time and of the stops is
   * kept: neither keeps the other out. Each of both has that half at least; then, once others have waited for as long as a
   * deadline, it is their turn. A task that takes a good part of the deadline is put aside, so that those behind it
   * are evaluated; at the end all that were put aside, in this batch or one before, have what is left.
   *
   * What is open after that is in the next batch, or has failed: see {@link carryOn}.
   */
  async #answer(shares: readonly Share[]): Promise<void> {
    const newcomers = this.#suspects.divide(newcomersOf(shares));
    const begun = this.#suspects.divide(begunOf(shares));
    const time = new BatchTime(this.#deadlineMs, this.#now);
    const run: BatchRun = {
      time,
      calls: shares.length,
      answered: new Set(),
      stopped: new Set(),
      aside: new Set([...begun.known, ...newcomers.known]),
    };
    if (begun.others.length > 0) time.reserveHalf();
    await this.#tryAll(newcomers.others, run);
    time.releaseHalf();
    await this.#tryAll(begun.others, run);
    if (!this.#isOthersTurn(run)) await this.#tryAll(newcomers.others, run);
    const { stops } = time;
    const isCutShort = time.isOver && stops > 0;
    await this.#tryLast(run);
    const outcome: Outcome = { ...run, isCutShort, isOver: time.isOver, stops, hasStopped: time.stops > 0 };
    for (const share of shares) this.#finish(share, outcome);
  }

  #isOthersTurn({ time, calls }: BatchRun): boolean {
    return time.hasTakenDeadline && (calls > 1 || this.#waiting.length > 0);
  }

  /** Evaluates some, as long as there is time and it is not the turn of others; though not before half of a deadline. */
  async #tryAll(tasks: readonly Task[], run: BatchRun): Promise<void> {
    const { time, aside } = run;
    const trial: Watch = {
      patienceMs: () => time.patienceMs,
      hasNext: true,
      giveUp: (task) => aside.add(task),
    };
    const enough = time.spentMs + this.#deadlineMs / 2;
    for (const message of messagesOf(tasks.filter((task) => task.isOpen && !aside.has(task)))) {
      if (time.isOver || (time.spentMs >= enough && this.#isOthersTurn(run))) return;
      await this.#evaluateAll(message, run, trial);
    }
  }

  /** Evaluates those that were put aside. */
  async #tryLast(run: BatchRun): Promise<void> {
    const { time, aside } = run;
    time.beginLast();
    const giveUp = (task: Task): void => task.settle(this.#lateError());
    let behind = aside.size;
    for (const message of messagesOf([...aside])) {
      behind -= message.length;
      const patienceMs = (open: number): number => time.patienceOfLast(open + behind);
      await this.#evaluateAll(message, run, { patienceMs, hasNext: false, giveUp });
    }
  }

  /** Puts off what of a call is open, or settles it. */
  #finish(share: Share, outcome: Outcome): void {
    const open = share.tasks.filter((task) => task.isOpen);
    if (open.length === 0) return;
    const rest = this.#isClosed ? undefined : carryOn(share, open, outcome);
    if (rest !== undefined) this.#unfinished.push(rest);
    else for (const task of open) task.settle(this.#isClosed ? closedError() : this.#lateError());
  }

  /** Evaluates as far as there is time. */
  async #evaluateAll(tasks: readonly Task[], run: BatchRun, watch: Watch): Promise<void> {
    let open = tasks;
    while (open.length > 0 && !this.#isClosed && !run.time.isOver) {
      const stopped = await this.#send(open, run, watch);
      const at = stopped === undefined ? 0 : open.indexOf(stopped);
      // What was evaluated right before one that hangs was not sent yet. It is known to end, and goes by itself: behind
      // it the next one may hang.
      const before = open.slice(0, at).filter((task) => task.isOpen);
      await this.#evaluateAll(before, run, watch);
      open = open.slice(at).filter((task) => task.isOpen && task !== stopped);
    }
  }

  /**
   * Sends tasks to a thread, and settles those that it answers.
   *
   * @returns the one that it did not come back from
   */
  async #send(
    tasks: readonly Task[],
    { time, answered, stopped: all }: BatchRun,
    watch: Watch,
  ): Promise<Task | undefined> {
    const waited = this.#now();
    const thread = await this.#threads.ready();
    time.noteThreadless(this.#now() - waited);
    if (thread === undefined) {
      time.giveUp();
      return undefined;
    }
    const patienceMs = watch.patienceMs(tasks.length);
    const end = await thread.evaluate({
      size: tasks.length,
      groups: workOf(tasks),
      time,
      patienceMs,
      receive: (sent) => {
        const done = tasks.slice(sent.from, sent.from + sent.count);
        time.noteAnswers(
          done.reduce((sum, { weight }) => sum + weight, 0),
          sent.took,
        );
        const answers = receiveAnswers(sent);
        for (const [offset, task] of done.entries()) {
          answered.add(task);
          this.#settle(task, answers[offset]);
        }
      },
    });
    if (end.kind === "done") return undefined;
    this.#threads.replace();
    if (end.kind === "stuck" && watch.hasNext && end.took.workedMs < patienceMs) {
      time.noteCut(end.took);
      return undefined;
    }
    time.noteStop(end.took);
    const stopped = end.index === undefined ? undefined : tasks[end.index];
    if (stopped === undefined || this.#isClosed) return undefined;
    all.add(stopped);
    this.#suspects.add(stopped);
    if (end.kind === "stuck") watch.giveUp(stopped);
    else stopped.settle(new RegoError("crash", "the engine's thread ended during the evaluation"));
    return stopped;
  }

  #settle(task: Task, answer: RawAnswer): void {
    if (answer instanceof RegoError && costly.includes(answer.code)) this.#suspects.add(task);
    else this.#suspects.clear(task);
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
