import { readAnswer } from "./answer.ts";
import type { GuardedEngine, GuardedEngineOptions, PolicySet } from "./contracts.ts";
import { Dispatcher } from "./dispatcher.ts";
import { completeLimits } from "./limits.ts";
import { policyFacts } from "./policy-facts.ts";
import { engineCode } from "./wasm-module.ts";

/**
 * Loads policies into an engine in a thread of its own, where they can be stopped, and keeps a second thread ready to
 * take over.
 *
 * @throws RegoError (rejects) when the policies cannot be loaded; its `place` says where they are wrong
 */
export async function createGuardedEngine(
  policies: PolicySet,
  options: GuardedEngineOptions = {},
): Promise<GuardedEngine> {
  const { deadlineMs = 250, loadDeadlineMs = 10_000, strictBuiltinErrors = false } = options;
  const limits = completeLimits(options.limits);
  const start = { code: engineCode(), policies, limits, isStrict: strictBuiltinErrors };
  const dispatcher = new Dispatcher({ start, deadlineMs, loadDeadlineMs });
  const facts = policyFacts(await dispatcher.open());
  return {
    packages: facts.packages,
    reads: facts.reads,
    async evaluate(rule, inputs, { nowNs } = {}) {
      const answers = await dispatcher.evaluate(rule, inputs, nowNs);
      return answers.map(readAnswer);
    },
    close: () => dispatcher.close(),
  };
}
