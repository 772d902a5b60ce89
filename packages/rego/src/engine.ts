import { readAnswer, readResults } from "./answer.ts";
import type { Engine, EngineOptions, EvaluationOptions, PolicySet, RegoValue } from "./contracts.ts";
import { RegoError } from "./errors.ts";
import { Evaluator, type RawAnswer } from "./evaluator.ts";
import { checkNames, completeLimits, readStrict } from "./limits.ts";
import { loadPolicies } from "./load.ts";
import { policyFacts } from "./policy-facts.ts";
import { wrongRequest } from "./request.ts";
import { tryEncodeInput } from "./value-json.ts";

/**
 * Loads policies into an engine that evaluates at once, in this thread. Steps and memory are limited, time is not: a
 * policy that is not trusted belongs into a guarded engine.
 *
 * @throws RegoError when the policies cannot be loaded; its `place` says where they are wrong. With the code `option`
 * when a limit is out of its range
 */
export function createEngine(policies: PolicySet, options: EngineOptions = {}): Engine {
  checkNames("options", options, ["limits", "strictBuiltinErrors"]);
  const limits = completeLimits(options.limits);
  const isStrict = readStrict(options);
  const { state, summaries } = loadPolicies(policies, limits, isStrict);
  const evaluator = new Evaluator(state, limits, isStrict);
  const facts = policyFacts(summaries);

  const over = (input: RegoValue | undefined, run: (json: string) => RawAnswer): RawAnswer => {
    const json = tryEncodeInput(input, limits.maxInputLength);
    return json instanceof RegoError ? json : run(json);
  };
  return {
    packages: facts.packages,
    reads: facts.reads,
    evaluate(rule, input, { nowNs }: EvaluationOptions = {}) {
      const run = (json: string): RawAnswer => evaluator.evaluate(rule, json, nowNs);
      return readAnswer(wrongRequest(rule, nowNs) ?? over(input, run));
    },
    query(query, input, { nowNs }: EvaluationOptions = {}) {
      const run = (json: string): RawAnswer => evaluator.query(query, json, nowNs);
      return readResults(wrongRequest(query, nowNs) ?? over(input, run));
    },
  };
}
