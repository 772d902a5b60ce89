import { packagePath } from "@coresdk/rego";
import type { PolicyInput } from "../draft.ts";
import type { PolicySettings } from "../settings.ts";
import { systemClock } from "../system.ts";
import { explainAnswer } from "./explain-answer.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { type LoadRequest, loadPolicies } from "./load-policies.ts";

/** What a policy says to one input. */
export interface TestedDecision {
  readonly allowed: boolean;
  /** Why, in words; it may repeat values of the input. */
  readonly reason: string;
}

/** Policies loaded once, to be asked about inputs. */
export interface PolicyTester {
  /** Why every event is denied without being asked about; `""` when there is a policy to ask. */
  readonly problem: string;
  /** @param input what it lacks is absent for the policy */
  decide(input: Partial<PolicyInput>): Promise<TestedDecision>;
  close(): Promise<void>;
}

const silent = { record: (): void => {} };

/**
 * Loads policies to try them out. Without a package, the only one in the folder is asked.
 *
 * @throws PolicyLoadError when they cannot be read or do not compile
 * @throws RegoError when the package's name cannot be one
 */
export async function openPolicyTester(
  settings: Pick<PolicySettings, "dir" | "deadlineMs"> & { readonly package: string | undefined },
): Promise<PolicyTester> {
  const { policies, reason } = await loadPolicies(readRequest(settings), {
    clock: systemClock,
    facts: silent,
  });
  return {
    problem: policies === undefined ? reason : "",
    async decide(input) {
      if (policies === undefined) return { allowed: false, reason };
      const answer = await policies.evaluate(input);
      return { allowed: judgeAnswer(answer).allowed, reason: explainAnswer(answer) };
    },
    close: async () => policies?.retire(),
  };
}

/**
 * Loads policies and lets go of them: what is wrong with them is found before anything depends on them.
 *
 * @returns what is odd about them, such as that they would deny everything; `""` when all is well
 * @throws PolicyLoadError when they cannot be read or do not compile
 */
export async function checkPolicies(settings: PolicySettings): Promise<string> {
  const { policies, reason } = await loadPolicies(readRequest(settings), {
    clock: systemClock,
    facts: silent,
  });
  await policies?.retire();
  return reason;
}

function readRequest({
  dir,
  deadlineMs,
  package: name,
}: Parameters<typeof openPolicyTester>[0]): LoadRequest {
  return { dir, deadlineMs, packagePath: name === undefined ? undefined : packagePath(name) };
}
