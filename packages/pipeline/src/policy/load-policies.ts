import { createGuardedEngine, type GuardedEngine } from "@coresdk/rego";
import type { PolicyInput } from "../draft.ts";
import { explainAnswer } from "./explain-answer.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { attemptLoad, PolicyLoadError } from "./load-error.ts";
import { LoadedPolicies, type PolicyPorts } from "./loaded-policies.ts";
import type { PolicyFolder } from "./policy-folder.ts";

/** What a trial evaluation is made with: an event as the first page of the documentation has it. */
const EXAMPLE: PolicyInput = {
  event_type: "io.coresdk.policy.decision",
  subject: "tenant/acme/user/usr_2xK9",
  source: "https://orders.acme.com",
  tenant_id: "acme",
};

/** A decision is a word; what else `allow` is only has to be shown to those who write policies. */
const MAX_ANSWER_LENGTH = 10_000;

/** What is asked of a policy folder. */
export interface LoadRequest {
  readonly dir: string;
  /** The path of the package below `data`; `undefined` takes the only one that there is. */
  readonly packagePath: string | undefined;
  readonly deadlineMs: number;
  /** Gives up before the policies have been compiled. */
  readonly signal?: AbortSignal;
}

/** What a policy folder came to. */
export interface Loaded {
  /** `undefined`: there is nothing to ask, every event is denied. */
  readonly policies: LoadedPolicies | undefined;
  /** True when every event is denied, or would be as far as the trial says. */
  readonly denies: boolean;
  /** Why; or what else is odd. `""` when all is well. */
  readonly reason: string;
  /** The trial had no answer in time, which a machine without time can be the reason of: it says little. */
  readonly wasLate: boolean;
  /** There are several packages, and which is meant was not said. */
  readonly isUnclear?: true;
}

/**
 * Compiles what a policy folder holds and evaluates an example. A folder that is not there, lacks the package or fails
 * at the example is no error: it denies (semantics, section 9).
 *
 * @throws PolicyLoadError when it is too large or does not compile
 */
export async function loadPolicies(
  request: LoadRequest,
  { set }: PolicyFolder,
  ports: PolicyPorts,
): Promise<Loaded> {
  const { dir, deadlineMs, signal } = request;
  if (set === undefined) return denyAll(`the policy folder ${dir} is not there`);
  if (set.modules.length === 0) return denyAll(`there is no .rego file in ${dir}`);
  const engine = await attemptLoad(dir, () =>
    createGuardedEngine(set, {
      deadlineMs,
      limits: { maxAnswerLength: MAX_ANSWER_LENGTH },
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  const path = request.packagePath ?? onlyOne(engine.packages);
  // A base document of that name is no policy.
  if (path === undefined || !engine.packages.includes(path)) {
    await engine.close();
    const lack = denyAll(describeLack(dir, path, engine));
    return path === undefined ? { ...lack, isUnclear: true } : lack;
  }
  const policies = new LoadedPolicies(engine, `${path}.allow`, ports);
  return tryOut(policies, dir);
}

/**
 * Evaluates an example.
 *
 * @throws PolicyLoadError when it is only now that the policies turn out not to compile; they are let go of then
 */
export async function tryOut(policies: LoadedPolicies, dir: string): Promise<Loaded> {
  const answer = await policies.evaluate(EXAMPLE);
  if (answer?.kind === "error" && answer.error.code === "compile") {
    await policies.retire();
    throw new PolicyLoadError(dir, answer.error);
  }
  const { failure } = judgeAnswer(answer);
  const wasLate = failure === "deadline";
  const said = `tried with an example event, ${explainAnswer(answer)}`;
  if (failure !== undefined) {
    return { policies, denies: true, reason: `${said}: such events are denied`, wasLate };
  }
  if (answer?.kind === "undefined") {
    return {
      policies,
      denies: false,
      reason: `${said}: events for which it is undefined are denied`,
      wasLate,
    };
  }
  return { policies, denies: false, reason: "", wasLate };
}

function denyAll(reason: string): Loaded {
  return { policies: undefined, denies: true, reason: `${reason}: every event is denied`, wasLate: false };
}

function onlyOne(packages: readonly string[]): string | undefined {
  return packages.length === 1 ? packages[0] : undefined;
}

function describeLack(dir: string, path: string | undefined, { packages }: GuardedEngine): string {
  const lack = path === undefined ? `more than one package in ${dir}` : `no package ${path} in ${dir}`;
  return `there is ${lack}, there are: ${packages.join(", ")}`;
}
