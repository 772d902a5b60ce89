import { BatchTime } from "./batch-time.ts";
import type { RegoValue } from "./contracts.ts";
import { RegoError, type RegoErrorCode } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { groupsOf, type Share } from "./share.ts";
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

/** A call that others leave no time is in as many batches, at most, so that it has an answer before long. */
const MOST_BATCHES = 3;

/** What is done about evaluations that take long. */
interface Watch {
  /** How long one may take, of so many that are open. */
  readonly patienceMs: (open: number) => number;
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
      this.#waiting.push({ tasks, batches: 0, passed: 0 });
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
   * evaluated; at the end all that were put aside, in this batch or one before, have what is left.
   *
   * What is open then is in the next batch, in either of two ways. When {@link BatchTime} is over after a stop, or it was
   * tried in vain, it has failed in this batch: a call can do so {@link MOST_BATCHES} times if it shared the time with
   * others, so that hardly anybody fails for what others asked, and nobody waits for long. What was not sent otherwise,
   * since it was the turn of others or answers alone used up the time, has not failed, however often that is: each
   * batch answers some of it, or of what goes before it.
   */
  async #answer(shares: readonly Share[]): Promise<void> {
    const groups = groupsOf(shares).map((tasks) => this.#suspects.divide(tasks));
    const time = new BatchTime(this.#deadlineMs, this.#now);
    const aside = groups.flatMap(({ known }) => known);
    const unsent = new Set<Task>();
    for (const { others } of groups) {
      for (const task of await this.#tryAll(others, shares.length, time, aside)) unsent.add(task);
    }
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
    const isShared = shares.length > 1 || unsent.size > 0 || !time.hasStopped;
    for (const share of shares) this.#finish(share, unsent, isShared);
  }

  /**
   * Evaluates a group. Once a deadline has passed and others wait it leaves off, though not before some was tried.
   *
   * @param aside gets those that take too long
   * @returns what was not sent, and has not failed for that
   */
  async #tryAll(
    tasks: readonly Task[],
    calls: number,
    time: BatchTime,
    aside: Task[],
  ): Promise<readonly Task[]> {
    const trial: Watch = { patienceMs: () => time.patienceMs, giveUp: (task) => aside.push(task) };
    const messages = [...messagesOf(tasks)];
    for (const [sent, message] of messages.entries()) {
      const isOthersTurn = sent > 0 && time.hasTakenDeadline && (calls > 1 || this.#waiting.length > 0);
      if (time.isOver && time.hasStopped) return [];
      if (time.isOver || isOthersTurn) return messages.slice(sent).flat();
      await this.#evaluateAll(message, time, trial);
    }
    return [];
  }

  /** Puts off what of a call is open, or settles it. */
  #finish({ tasks, batches, passed }: Share, unsent: ReadonlySet<Task>, isShared: boolean): void {
    const open = tasks.filter((task) => task.isOpen);
    if (this.#isClosed) {
      for (const task of open) task.settle(closedError());
      return;
    }
    const { rest = [], failed = [] } = Object.groupBy(open, (task) => (unsent.has(task) ? "rest" : "failed"));
    if (rest.length > 0) {
      const isPassed = rest.length === tasks.length;
      this.#unfinished.push({ tasks: rest, batches, passed: isPassed ? passed + 1 : 0 });
    }
    if (failed.length === 0) return;
    if (isShared && batches + 1 < MOST_BATCHES) {
      this.#unfinished.push({ tasks: failed, batches: batches + 1, passed: 0 });
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
    const waited = this.#now();
    const thread = await this.#threads.ready();
    time.noteThreadless(this.#now() - waited);
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
        time.noteAnswers(sent.count, sent.took);
        for (const [offset, answer] of receiveAnswers(sent).entries()) {
          const task = tasks[sent.from + offset];
          if (task !== undefined) this.#settle(task, answer);
        }
      },
    });
    if (end.kind === "done") return undefined;
    this.#threads.replace();
    time.noteStop(end.took);
    const stopped = end.index === undefined ? undefined : tasks[end.index];
    if (stopped === undefined || this.#isClosed) return undefined;
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
