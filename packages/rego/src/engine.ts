import { readAnswer, readResults } from "./answer.ts";
import type { Engine, EngineOptions, EvaluationOptions, PolicySet, RegoValue } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { Evaluator, type RawAnswer } from "./evaluator.ts";
import { completeLimits } from "./limits.ts";
import { policyFacts } from "./policy-facts.ts";
import { encodeInput } from "./value-json.ts";

/**
 * Loads policies into an engine that evaluates at once, in this thread. Steps and memory are limited, time is not: a
 * policy that is not trusted belongs into a guarded engine.
 *
 * @throws RegoError when the policies cannot be loaded; its `place` says where they are wrong
 */
export function createEngine(policies: PolicySet, options: EngineOptions = {}): Engine {
  const limits = completeLimits(options.limits);
  const evaluator = new Evaluator(policies, limits, options.strictBuiltinErrors ?? false);
  const facts = policyFacts(evaluator.examine());

  const over = (input: RegoValue | undefined, run: (json: string) => RawAnswer): RawAnswer => {
    let json: string;
    try {
      json = encodeInput(input, limits.maxInputLength);
    } catch (error) {
      if (error instanceof RegoError) return error;
      throw error;
    }
    return run(json);
  };
  return {
    packages: facts.packages,
    reads: facts.reads,
    evaluate(rule, input, { nowNs }: EvaluationOptions = {}) {
      return readAnswer(over(input, (json) => evaluator.evaluate(rule, json, nowNs)));
    },
    query(query, input, { nowNs }: EvaluationOptions = {}) {
      return readResults(over(input, (json) => evaluator.query(query, json, nowNs)));
    },
  };
}
