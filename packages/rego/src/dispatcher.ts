import type { RegoValue } from "./contracts.ts";
import { RegoError, type RegoErrorCode } from "./errors.ts";
import type { RawAnswer } from "./evaluator.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { Suspects } from "./suspects.ts";
import { Task, workOf } from "./task.ts";
import { ThreadLink } from "./thread-link.ts";
import { receiveAnswers, type ThreadStart } from "./thread-protocol.ts";
import { tryEncodeInput } from "./value-json.ts";

/** Batches that wait are sent together up to about this many evaluations. */
const TOGETHER = 1024;
/** A deadline is for as many evaluations: few enough that they take a small part of it on a busy machine too. */
const PART = 128;
/** As often in a batch those behind an evaluation that had to be stopped get a deadline of their own. */
const MOST_STOPS = 4;
/** For a thread to load the policies, in the time that it took before. */
const PATIENCE = 3;
/** Errors of evaluations that may have taken long. */
const costly: readonly RegoErrorCode[] = ["steps", "memory", "crash"];

export interface DispatcherSettings {
  readonly start: Pick<ThreadStart, "code" | "policies" | "limits" | "isStrict">;
  readonly deadlineMs: number;
  readonly loadDeadlineMs: number;
}

/** The time that a batch has. */
interface BatchTime {
  /** As `performance.now` counts. */
  deadline: number;
  /** Evaluations that had to be stopped. */
  stops: number;
}

interface Call {
  readonly tasks: readonly Task[];
  readonly done: () => void;
}

/** Hands evaluations to a thread, and to the next one when it has to be ended. A second thread stands ready. */
export class Dispatcher {
  readonly #settings: DispatcherSettings;
  readonly #suspects = new Suspects();
  #calls: Call[] = [];
  #isRunning = false;
  #isClosed = false;
  /** How long it took to load the policies. */
  #loadMs = 0;
  #current: ThreadLink;
  #spare: ThreadLink | undefined;

  constructor(settings: DispatcherSettings) {
    this.#settings = settings;
    this.#current = this.#begin(true);
  }

  /**
   * Resolves with what the modules read once the policies are loaded.
   *
   * @throws RegoError when they cannot be
   */
  async open(): Promise<readonly ModuleSummary[]> {
    const begun = performance.now();
    const summaries = await this.#current.loaded();
    this.#loadMs = performance.now() - begun;
    if (!this.#isClosed) this.#spare = this.#begin(false);
    return summaries;
  }

  /** Evaluates a rule over inputs; resolves with the answers in their order. */
  async evaluate(
    rule: string,
    inputs: readonly RegoValue[],
    nowNs: bigint | undefined,
  ): Promise<RawAnswer[]> {
    const answers: RawAnswer[] = [];
    const tasks: Task[] = [];
    for (const [index, value] of inputs.entries()) {
      const input = tryEncodeInput(value, this.#settings.start.limits.maxInputLength);
      if (input instanceof RegoError) {
        answers[index] = input;
        continue;
      }
      tasks.push(new Task(rule, input, nowNs, answers, index));
    }
    await new Promise<void>((done) => {
      this.#calls.push({ tasks, done });
      void this.#run();
    });
    return answers;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#current.close(closedError()), this.#spare?.close(closedError())]);
  }

  /** Works off what waits, one batch after the other. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Calls of this turn go together.
    await Promise.resolve();
    for (let calls = this.#take(); calls.length > 0; calls = this.#take()) {
      await this.#answer(calls.flatMap((call) => call.tasks));
      for (const call of calls) call.done();
    }
    this.#isRunning = false;
  }

  #take(): Call[] {
    let [size, count] = [0, 0];
    while (count < this.#calls.length && (count === 0 || size < TOGETHER)) {
      size += this.#calls[count]?.tasks.length ?? 0;
      count++;
    }
    return this.#calls.splice(0, count);
  }

  /**
   * Settles all tasks of a batch; those that took long before after all others. Each part has a deadline, and so have
   * those behind an evaluation that had to be stopped. When that happened too often, there is one more for all that is
   * left.
   */
  async #answer(batch: readonly Task[]): Promise<void> {
    const { others, known } = this.#suspects.divide(batch);
    const time: BatchTime = { deadline: 0, stops: 0 };
    for (let start = 0; start < others.length; start += PART) {
      if (time.stops < MOST_STOPS) time.deadline = this.#newDeadline();
      await this.#answerPart(others.slice(start, start + PART), time);
    }
    if (known.length === 0) return;
    const deadline = time.stops < MOST_STOPS ? this.#newDeadline() : time.deadline;
    await this.#answerPart(known, { deadline, stops: MOST_STOPS });
  }

  async #answerPart(tasks: readonly Task[], time: BatchTime): Promise<void> {
    let open = tasks;
    while (open.length > 0 && !this.#isClosed && performance.now() < time.deadline) {
      const waited = performance.now();
      const thread = await this.#thread();
      if (thread === undefined) break;
      // That another thread had to be waited for is no fault of these.
      time.deadline += performance.now() - waited;
      const wasStopped = await this.#send(thread, open, time.deadline);
      open = open.filter((task) => task.isOpen);
      if (wasStopped && ++time.stops < MOST_STOPS) time.deadline = this.#newDeadline();
    }
    const late = `the policy gave no answer within ${this.#settings.deadlineMs} ms`;
    for (const task of open) task.settle(this.#isClosed ? closedError() : new RegoError("deadline", late));
  }

  #newDeadline(): number {
    return performance.now() + this.#settings.deadlineMs;
  }

  /**
   * Sends tasks to a thread, and settles those that it answers and the one that it does not come back from.
   *
   * @returns whether there was such a one
   */
  async #send(thread: ThreadLink, tasks: readonly Task[], deadline: number): Promise<boolean> {
    const end = await thread.evaluate(workOf(tasks), deadline, (sent) => {
      for (const [offset, answer] of receiveAnswers(sent).entries()) {
        const task = tasks[sent.from + offset];
        if (task !== undefined) this.#settle(task, answer);
      }
    });
    if (end.kind === "done") return false;
    this.#replace();
    const stopped = end.index === undefined ? undefined : tasks[end.index];
    if (stopped === undefined || this.#isClosed) return false;
    this.#suspects.add(stopped.key);
    const message =
      end.kind === "stuck"
        ? `the evaluation did not end within the deadline of ${this.#settings.deadlineMs} ms`
        : "the engine's thread ended during the evaluation";
    stopped.settle(new RegoError(end.kind === "stuck" ? "deadline" : "crash", message));
    return true;
  }

  #settle(task: Task, answer: RawAnswer): void {
    if (answer instanceof RegoError && costly.includes(answer.code)) this.#suspects.add(task.key);
    else if (this.#suspects.size > 0) this.#suspects.clear(task.key);
    task.settle(answer);
  }

  /** A thread that has loaded the policies, or none in about the time that the first one took. */
  async #thread(): Promise<ThreadLink | undefined> {
    if (this.#current.hasEnded) this.#replace();
    const thread = this.#current;
    if (thread.isLoaded) return thread;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, this.#settings.deadlineMs + PATIENCE * this.#loadMs, false);
    });
    const isLoaded = await Promise.race([
      thread.loaded().then(
        () => true,
        () => false,
      ),
      late,
    ]);
    clearTimeout(timer);
    return isLoaded ? thread : undefined;
  }

  /** Puts the thread that stands ready in the place of the one that ended, and begins another. */
  #replace(): void {
    if (this.#isClosed) return;
    const spare = this.#spare?.hasEnded === false ? this.#spare : this.#begin(false);
    this.#current = spare;
    this.#spare = this.#begin(false);
  }

  #begin(examines: boolean): ThreadLink {
    return new ThreadLink({ ...this.#settings.start, examines }, this.#settings.loadDeadlineMs);
  }
}

function closedError(): RegoError {
  return new RegoError("closed", "the engine has been closed");
}
