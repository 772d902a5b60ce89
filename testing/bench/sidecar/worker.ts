/** Processes beside the one under test: started, asked and stopped. Messages are JSON texts. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** A process that answers each question with one message. */
export interface Worker<Question, Answer> {
  readonly pid: number;
  ask(question: Question): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Starts a script in a process of its own.
 * @param script an absolute path; the script calls {@link answerQuestions}
 */
export async function startWorker<Question, Answer>(
  script: string,
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): Promise<Worker<Question, Answer>> {
  const child = fork(script, args, { execArgv: ["--conditions=coresdk-source", ...nodeArgs] });
  const exited = once(child, "exit");
  await nextMessage(child);
  return {
    pid: child.pid ?? 0,
    async ask(question) {
      const answer = nextMessage(child);
      child.send(JSON.stringify(question));
      return JSON.parse(await answer);
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** Answers the parent's questions, one after the other, and ends when the parent has gone. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.on("message", (message) => {
    const question: Question = JSON.parse(String(message));
    answer(question).then(
      (said) => process.send?.(JSON.stringify(said)),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

/** @throws Error when the process ends instead */
function nextMessage(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      child.off("message", said).off("exit", ended);
      action();
    };
    const said = (message: unknown): void => settle(() => resolve(String(message)));
    const ended = (code: number | null): void =>
      settle(() => reject(new Error(`${child.spawnargs.slice(-2).join(" ")} ended with ${code}`)));
    child.on("message", said).on("exit", ended);
  });
}
