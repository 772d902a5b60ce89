import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "./protocol.ts";
import { readRunningTime } from "./running-time.ts";

/** Bytes that go over without being copied; who sends them has them no more. */
export type Transferable = ArrayBuffer;

/** How a task asks the thread that gave it, and waits for the answer. */
export type Ask<Question, Answer> = (question: Question) => Promise<Answer>;

/** What a task came to, and which of its buffers need not be copied. */
export interface Done<Result> {
  readonly result: Result;
  readonly transfer: readonly Transferable[];
}

/**
 * The thread's side: does one task after the other, until it is ended. Call it once, in a thread.
 * @param runningTime how long this thread has been running, in ms. Default: what Node.js says
 * @throws TypeError when this is no thread
 */
export function serveTasks<Task, Question, Answer, Result>(
  work: (task: Task, ask: Ask<Question, Answer>) => Promise<Done<Result>> | Done<Result>,
  runningTime: () => number = readRunningTime,
): void {
  const port = parentPort;
  if (port === null) throw new TypeError("tasks are served in a thread");
  let answered: ((answer: Answer) => void) | undefined;
  const post = (message: FromThread<Question, Result>, transfer: readonly Transferable[] = []): void =>
    port.postMessage(message, [...transfer]);

  function ask(question: Question): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    answered = resolve;
    post({ kind: "question", question });
    return promise;
  }

  async function perform(task: Task): Promise<void> {
    const startedAt = runningTime();
    try {
      const { result, transfer } = await work(task, ask);
      post({ kind: "done", result, tookMs: runningTime() - startedAt }, transfer);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      post({ kind: "failed", name, message, tookMs: runningTime() - startedAt });
    }
  }

  port.on("message", (message: ToThread<Task, Answer>) => {
    if (message.kind === "task") void perform(message.task);
    else answered?.(message.answer);
  });
}
