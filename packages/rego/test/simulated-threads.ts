import type { Threads } from "../src/dispatcher.ts";
import type { ModuleSummary } from "../src/module-summary.ts";
import type { Batch, BatchEnd } from "../src/thread-link.ts";
import { sendAnswers, type WorkTime } from "../src/thread-protocol.ts";

/** What takes for ever. */
export const HANGS = 1e9;
/** Answers are sent this often. */
const SEND_EVERY_MS = 5;

/** What an input of these says: how long its evaluation takes. Its answer is `n`. */
export interface TimedInput {
  readonly [key: string]: number;
  readonly n: number;
  readonly ms: number;
}

function worked(workedMs: number): WorkTime {
  return { workedMs, starvedMs: 0, repairMs: 0 };
}

/** Threads that evaluate inputs in no time, with a clock of their own, and stop those that take too long. */
export class SimulatedThreads implements Threads {
  now = 0;
  /** How long the caller's thread is held up before it reads the answers to a message. */
  heldUpMs: () => number = () => 0;
  /** Nobody looks at the thread while it is at a message, so that the end of the time stops nothing. */
  isUnwatched = false;
  /** Something that happens while a message is evaluated. */
  meanwhile: () => void = () => undefined;
  /** How long threads have been at evaluations. */
  workedMs = 0;

  async open(): Promise<readonly ModuleSummary[]> {
    return [];
  }

  async ready(): Promise<SimulatedThreads> {
    return this;
  }

  replace(): void {
    this.now += 50;
  }

  async close(): Promise<void> {}

  async evaluate(batch: Batch): Promise<BatchEnd> {
    const inputs = batch.groups.flatMap(({ inputs }) => inputs.split("\n"));
    this.meanwhile();
    let from = 0;
    let answers: string[] = [];
    let tookMs = 0;
    for (const [index, input] of inputs.entries()) {
      const { ms, n }: TimedInput = JSON.parse(input);
      const leftMs = this.isUnwatched ? HANGS : batch.time.leftMs - tookMs;
      if (ms >= Math.min(batch.patienceMs, leftMs)) {
        const silentMs = Math.max(0, Math.min(batch.patienceMs, leftMs));
        this.#pass(silentMs);
        return { kind: "stuck", index, took: worked(silentMs) };
      }
      this.#pass(ms);
      tookMs += ms;
      answers.push(`${n}`);
      if (tookMs < SEND_EVERY_MS && index < inputs.length - 1) continue;
      if (index === inputs.length - 1) this.now += this.heldUpMs();
      batch.receive(sendAnswers(from, answers, worked(tookMs)));
      from += answers.length;
      answers = [];
      tookMs = 0;
    }
    return { kind: "done" };
  }

  #pass(ms: number): void {
    this.now += ms;
    this.workedMs += ms;
  }
}
