import { readAnswer } from "./answer.ts";
import type { GuardedEngine, GuardedEngineOptions, PolicySet } from "./contracts.ts";
import { Dispatcher } from "./dispatcher.ts";
import { checkMilliseconds, checkNames, completeLimits, readStrict } from "./limits.ts";
import type { ModuleSummary } from "./module-summary.ts";
import { policyFacts } from "./policy-facts.ts";
import { wrongRequest } from "./request.ts";
import { engineCode } from "./wasm-module.ts";

/**
 * Loads policies into an engine in a thread of its own, where they can be stopped, and keeps a second thread ready to
 * take over.
 *
 * @throws RegoError (rejects) when the policies cannot be loaded; its `place` says where they are wrong. With the code
 * `option` when an option is out of its range, `closed` when the signal gave up loading
 */
export async function createGuardedEngine(
  policies: PolicySet,
  options: GuardedEngineOptions = {},
): Promise<GuardedEngine> {
  checkNames("options", options, ["limits", "strictBuiltinErrors", "deadlineMs", "loadDeadlineMs", "signal"]);
  const isStrict = readStrict(options);
  const deadlineMs = checkMilliseconds("deadlineMs", options.deadlineMs ?? 250);
  const loadDeadlineMs = checkMilliseconds("loadDeadlineMs", options.loadDeadlineMs ?? 10_000);
  const limits = completeLimits(options.limits);
  const start = { code: engineCode(), policies, limits, isStrict };
  const dispatcher = new Dispatcher({ start, deadlineMs, loadDeadlineMs });
  const facts = policyFacts(await openUnlessAborted(dispatcher, options.signal));
  return {
    packages: facts.packages,
    reads: facts.reads,
    async evaluate(rule, inputs, { nowNs } = {}) {
      if (!Array.isArray(inputs)) throw new TypeError("the inputs must be an array, one for each answer");
      const wrong = wrongRequest(rule, nowNs);
      if (wrong !== undefined) return inputs.map(() => ({ kind: "error", error: wrong }));
      const answers = await dispatcher.evaluate(rule, inputs, nowNs);
      return answers.map(readAnswer);
    },
    close: () => dispatcher.close(),
  };
}

async function openUnlessAborted(
  dispatcher: Dispatcher,
  signal: AbortSignal | undefined,
): Promise<readonly ModuleSummary[]> {
  const giveUp = (): void => void dispatcher.close();
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await dispatcher.open();
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}
