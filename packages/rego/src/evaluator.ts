import { readError } from "./compile-error.ts";
import type { EngineLimits, PolicySet } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { examine } from "./examine.ts";
import { Instance, type Outcome, type SavedState } from "./instance.ts";
import { checkTexts, loadInstance, withoutMarks } from "./load.ts";
import type { ModuleSummary } from "./module-summary.ts";

/** What an evaluation came to, as JSON; `undefined` for undefined. */
export type RawAnswer = string | undefined | RegoError;

/**
 * Policies in an instance of the engine, and another instance whenever one breaks.
 *
 * Errors of evaluations are values here; what is thrown is a mistake of this package.
 */
export class Evaluator {
  readonly #policies: PolicySet;
  readonly #limits: EngineLimits;
  readonly #isStrict: boolean;
  #instance: Instance;
  #isBroken = false;
  /**
   * What an instance is set back to that breaks; there is none until one has. It takes a small part of the time that it
   * takes to load the policies: inputs that break the engine leave those behind them the time that they need.
   */
  #loaded: SavedState | undefined;

  /** @throws RegoError when the policies cannot be loaded */
  constructor(policies: PolicySet, limits: EngineLimits, isStrict: boolean) {
    this.#policies = withoutMarks(policies);
    checkTexts(this.#policies, limits);
    this.#limits = limits;
    this.#isStrict = isStrict;
    this.#instance = loadInstance(this.#policies, limits, isStrict);
  }

  /** Reads what the modules touch, in an instance that is then forgotten: syntax trees are large. */
  examine(): ModuleSummary[] {
    return examine(loadInstance(this.#policies, this.#limits, this.#isStrict), this.#policies);
  }

  /** Bytes in use, of those that are allowed. */
  get memoryUsed(): number {
    return this.#instance.memoryUsed;
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
      if (this.#isBroken) this.#repair();
      return run(this.#instance);
    } catch (error) {
      this.#isBroken = true;
      if (error instanceof RegoError) return error;
      throw error;
    }
  }

  #repair(): void {
    if (this.#loaded === undefined) {
      this.#instance = loadInstance(this.#policies, this.#limits, this.#isStrict);
      this.#loaded = this.#instance.save();
    } else {
      if (this.#instance.hasGrownSince(this.#loaded)) {
        this.#instance = new Instance(this.#limits, this.#isStrict);
      }
      this.#instance.restore(this.#loaded);
    }
    this.#isBroken = false;
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
    case "no clock":
      return new RegoError("clock", "the policy asks for the time (time.now_ns), and none was passed in");
    case "too long":
      return new RegoError("answer", `the answer is longer than it is allowed: ${text} bytes`);
    case "unreadable":
      return new RegoError("input", `the input cannot be read: ${text}`);
  }
}
