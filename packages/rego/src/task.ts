import type { RawAnswer } from "./evaluator.ts";
import type { Work, WorkGroup } from "./thread-protocol.ts";

/** An evaluation that somebody waits for. */
export class Task {
  readonly rule: string;
  /** JSON. */
  readonly input: string;
  readonly nowNs: bigint | undefined;
  readonly #answers: RawAnswer[];
  readonly #index: number;
  #isOpen = true;

  /** @param answers where the answer goes, at `index` */
  constructor(rule: string, input: string, nowNs: bigint | undefined, answers: RawAnswer[], index: number) {
    this.rule = rule;
    this.input = input;
    this.nowNs = nowNs;
    this.#answers = answers;
    this.#index = index;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The same for the same rule and input. */
  get key(): string {
    return `${this.rule}\n${this.input}`;
  }

  /** Gives the answer; a second one is not heard. */
  settle(answer: RawAnswer): void {
    if (this.#isOpen) this.#answers[this.#index] = answer;
    this.#isOpen = false;
  }
}

/** Puts tasks that follow one another with the same rule and clock into one group. */
export function workOf(tasks: readonly Task[]): Work {
  const groups: WorkGroup[] = [];
  for (let start = 0; start < tasks.length; ) {
    const { rule = "", nowNs } = tasks[start] ?? {};
    let end = start;
    while (tasks[end]?.rule === rule && tasks[end]?.nowNs === nowNs) end++;
    const inputs = tasks.slice(start, end).map((task) => task.input);
    groups.push({ rule, nowNs, inputs: inputs.join("\n") });
    start = end;
  }
  return { size: tasks.length, groups };
}
