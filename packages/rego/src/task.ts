import { createHash } from "node:crypto";
import type { RawAnswer } from "./evaluator.ts";
import type { Suspect } from "./suspects.ts";
import type { WorkGroup } from "./thread-protocol.ts";

/** As many go to a thread in one message… */
export const MOST_IN_MESSAGE = 128;
/** …with about so many characters: a thread that reads for long is taken for one that hangs. */
const MOST_CHARACTERS = 256 * 1024;
/** To read a large input takes time too: it counts for as many as it has of so many characters. */
const CHARACTERS_OF_ONE = 64 * 1024;

/** Evaluations that somebody waits for together. */
export class Call {
  readonly answers: RawAnswer[] = [];
  readonly #done = Promise.withResolvers<RawAnswer[]>();
  #open: number;

  /** @param size how many answers it waits for */
  constructor(size: number) {
    this.#open = size;
    if (size === 0) this.#done.resolve(this.answers);
  }

  /** Resolves with the answers as soon as all are there, though others of the same batch may still wait. */
  get done(): Promise<RawAnswer[]> {
    return this.#done.promise;
  }

  settle(index: number, answer: RawAnswer): void {
    this.answers[index] = answer;
    this.#open--;
    if (this.#open === 0) this.#done.resolve(this.answers);
  }
}

/** An evaluation that somebody waits for. */
export class Task implements Suspect {
  readonly rule: string;
  /** JSON. */
  readonly input: string;
  readonly nowNs: bigint | undefined;
  readonly #call: Call;
  readonly #index: number;
  #isOpen = true;
  #digest: string | undefined;

  /** @param call gets the answer, at `index` */
  constructor(rule: string, input: string, nowNs: bigint | undefined, call: Call, index: number) {
    this.rule = rule;
    this.input = input;
    this.nowNs = nowNs;
    this.#call = call;
    this.#index = index;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get length(): number {
    return this.input.length;
  }

  /** For how many evaluations it counts. */
  get weight(): number {
    return Math.max(1, Math.ceil(this.input.length / CHARACTERS_OF_ONE));
  }

  /** The same for the same rule and input; made once. */
  get digest(): string {
    this.#digest ??= createHash("sha256").update(`${this.rule}\n`).update(this.input).digest("base64");
    return this.#digest;
  }

  /** Gives the answer; a second one is not heard. */
  settle(answer: RawAnswer): void {
    if (this.#isOpen) this.#call.settle(this.#index, answer);
    this.#isOpen = false;
  }
}

/** Cuts tasks into what goes to a thread at once; one may be larger than that alone. */
export function* messagesOf(tasks: readonly Task[]): Generator<readonly Task[]> {
  let message: Task[] = [];
  let characters = 0;
  for (const task of tasks) {
    const isFull = message.length === MOST_IN_MESSAGE || characters + task.input.length > MOST_CHARACTERS;
    if (isFull && message.length > 0) {
      yield message;
      message = [];
      characters = 0;
    }
    message.push(task);
    characters += task.input.length;
  }
  if (message.length > 0) yield message;
}

/** Puts tasks that follow one another with the same rule and clock into one group. */
export function workOf(tasks: readonly Task[]): readonly WorkGroup[] {
  const groups: WorkGroup[] = [];
  for (let start = 0; start < tasks.length; ) {
    const { rule = "", nowNs } = tasks[start] ?? {};
    let end = start;
    while (tasks[end]?.rule === rule && tasks[end]?.nowNs === nowNs) end++;
    const inputs = tasks.slice(start, end).map((task) => task.input);
    groups.push({ rule, nowNs, inputs: inputs.join("\n") });
    start = end;
  }
  return groups;
}
