import { packagePath } from "@coresdk/rego";
import type { PolicyInput } from "../draft.ts";
import type { PolicySettings } from "../settings.ts";
import { systemClock } from "../system.ts";
import { explainAnswer } from "./explain-answer.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { type Loaded, loadPolicies } from "./load-policies.ts";
import { readRestlessFolder } from "./policy-folder.ts";

/** What a policy says to one input. */
export interface TestedDecision {
  readonly allowed: boolean;
  /** The policy failed, or gave no answer in time: that it denies says nothing about the input. */
  readonly failed: boolean;
  /** Why, in words; it may repeat values of the input. */
  readonly reason: string;
}

/** Policies loaded once, to be asked about inputs. */
export interface PolicyTester {
  /** Why every event is denied without being asked about; `""` when there is a policy to ask. */
  readonly problem: string;
  /** The problem is that a package has to be named: there are several. */
  readonly isUnclear: boolean;
  /** @param input what it lacks is absent for the policy */
  decide(input: Partial<PolicyInput>): Promise<TestedDecision>;
  close(): Promise<void>;
}

const silent = { record: (): void => {} };

type TesterSettings = Pick<PolicySettings, "dir" | "deadlineMs"> & { readonly package: string | undefined };

/**
 * Loads policies to try them out. Without a package, the only one in the folder is asked.
 *
 * @throws PolicyLoadError when they cannot be read or do not compile
 * @throws RegoError when the package's name cannot be one
 */
export async function openPolicyTester(settings: TesterSettings): Promise<PolicyTester> {
  const { policies, reason, isUnclear = false } = await load(settings);
  return {
    problem: policies === undefined ? reason : "",
    isUnclear,
    async decide(input) {
      if (policies === undefined) return { allowed: false, failed: true, reason };
      const answer = await policies.evaluate(input);
      const failed = answer === undefined || answer.kind === "error";
      return { allowed: judgeAnswer(answer).allowed, failed, reason: explainAnswer(answer) };
    },
    close: async () => policies?.retire(),
  };
}

/**
 * Loads policies and lets go of them: what is wrong with them is found before anything depends on them.
 *
 * @returns why they would deny everything, as far as an example shows; `""` when they would not
 * @throws PolicyLoadError when they cannot be read or do not compile
 */
export async function checkPolicies(settings: PolicySettings): Promise<string> {
  const { policies, denies, reason } = await load(settings);
  await policies?.retire();
  return denies ? reason : "";
}

async function load({ dir, deadlineMs, package: name }: TesterSettings): Promise<Loaded> {
  const path = name === undefined ? undefined : packagePath(name);
  const ports = { clock: systemClock, facts: silent };
  return loadPolicies({ dir, deadlineMs, packagePath: path }, await readRestlessFolder(dir), ports);
}
