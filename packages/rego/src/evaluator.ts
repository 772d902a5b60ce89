import { readError } from "./compile-error.ts";
import type { EngineLimits } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { Instance, type Outcome, type SavedState } from "./instance.ts";

/** What an evaluation came to, as JSON; `undefined` for undefined. */
export type RawAnswer = string | undefined | RegoError;

/**
 * Loaded policies in an instance of the engine. One that breaks is set back, which takes a small part of the time that
 * it takes to load the policies: inputs that break the engine leave those behind them the time that they need.
 *
 * Errors of evaluations are values here; what is thrown is a mistake of this package.
 */
export class Evaluator {
  readonly #state: SavedState;
  readonly #limits: EngineLimits;
  readonly #isStrict: boolean;
  #instance: Instance;
  #repairMs = 0;

  constructor(state: SavedState, limits: EngineLimits, isStrict: boolean) {
    this.#state = state;
    this.#limits = limits;
    this.#isStrict = isStrict;
    this.#instance = new Instance(limits, isStrict, state);
  }

  /** Bytes in use, of those that are allowed. */
  get memoryUsed(): number {
    return this.#instance.memoryUsed;
  }

  /** Milliseconds that all its repairs have taken. */
  get repairMs(): number {
    return this.#repairMs;
  }

  /** Evaluates a rule, or what else stands at a path, over an input in JSON. */
  evaluate(rule: string, input: string, nowNs: bigint | undefined): RawAnswer {
    return this.#attempt((instance) => answerOf(instance.evaluate(rule, input, nowNs)));
  }

  /** Evaluates a query; the answer is the engine's list of results. */
  query(query: string, input: string, nowNs: bigint | undefined): RawAnswer {
    return this.#attempt((instance) => answerOf(instance.query(query, input, nowNs)));
  }

  #attempt(run: (instance: Instance) => RawAnswer): RawAnswer {
    try {
      return run(this.#instance);
    } catch (error) {
      // Now, not when the next evaluation begins: that one is not at fault.
      this.#repair();
      if (error instanceof RegoError) return error;
      throw error;
    }
  }

  #repair(): void {
    const begun = performance.now();
    if (this.#instance.hasGrownSince(this.#state)) {
      this.#instance = new Instance(this.#limits, this.#isStrict, this.#state);
    } else {
      this.#instance.restore(this.#state);
    }
    this.#repairMs += performance.now() - begun;
  }
}

function answerOf({ status, text }: Outcome): RawAnswer {
  switch (status) {
    case "value":
      return text;
    case "undefined":
      return undefined;
    case "error":
      return readError("evaluation", text);
    case "out of fuel":
      return new RegoError("steps", "the evaluation takes more steps than it is allowed");
    case "out of memory":
      return new RegoError("memory", "the evaluation needs more memory than the engine is allowed");
    case "no clock":
      return new RegoError("clock", "the policy asks for the time (time.now_ns), and none was passed in");
    case "too long":
      return new RegoError("answer", `the answer is longer than it is allowed: ${text} bytes`);
    case "unreadable":
      return new RegoError("input", `the input cannot be read: ${text}`);
  }
}
