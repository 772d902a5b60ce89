import { stat } from "node:fs/promises";
import {
  createGuardedEngine,
  type GuardedEngine,
  type PolicySet,
  RegoError,
  readPolicyDirectory,
} from "@coresdk/rego";
import type { PolicyInput } from "../draft.ts";
import { explainAnswer } from "./explain-answer.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { PolicyLoadError } from "./load-error.ts";
import { LoadedPolicies, type PolicyPorts } from "./loaded-policies.ts";

/** What a trial evaluation is made with: an event as the first page of the documentation has it. */
const EXAMPLE: PolicyInput = {
  event_type: "io.coresdk.policy.decision",
  subject: "tenant/acme/user/usr_2xK9",
  source: "https://orders.acme.com",
  tenant_id: "acme",
};

/** What is asked of a policy folder. */
export interface LoadRequest {
  readonly dir: string;
  /** The path of the package below `data`; `undefined` takes the only one that there is. */
  readonly packagePath: string | undefined;
  readonly deadlineMs: number;
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
}

/**
 * Reads and compiles a policy folder and evaluates an example. A folder that is not there, lacks the package or fails
 * at the example is no error: it denies (semantics, section 9).
 *
 * @throws PolicyLoadError when it cannot be read, is too large or does not compile
 */
export async function loadPolicies(request: LoadRequest, ports: PolicyPorts): Promise<Loaded> {
  const { dir, deadlineMs } = request;
  if (await isMissing(dir)) return denyAll(`the policy folder ${dir} is not there`);
  const engine = await attempt(dir, async () => openEngine(await readPolicyDirectory(dir), deadlineMs));
  if (engine === undefined) return denyAll(`there is no .rego file in ${dir}`);
  const path = request.packagePath ?? onlyOne(engine.packages);
  // A base document of that name is no policy.
  if (path === undefined || !engine.packages.includes(path)) {
    await engine.close();
    const there = engine.packages.join(", ");
    const lack = path === undefined ? `more than one package in ${dir}` : `no package ${path} in ${dir}`;
    return denyAll(`there is ${lack}, there are: ${there}`);
  }
  const policies = new LoadedPolicies(engine, `${path}.allow`, deadlineMs, ports);
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

async function openEngine(set: PolicySet, deadlineMs: number): Promise<GuardedEngine | undefined> {
  return set.modules.length === 0 ? undefined : createGuardedEngine(set, { deadlineMs });
}

async function isMissing(dir: string): Promise<boolean> {
  try {
    await stat(dir);
    return false;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return code === "ENOENT" || code === "ENOTDIR";
  }
}

async function attempt<Result>(dir: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RegoError) throw new PolicyLoadError(dir, error);
    throw error;
  }
}
