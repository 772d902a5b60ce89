import { resolve } from "node:path";
import type { PolicySettings } from "@coresdk/pipeline";
import type { Resolution } from "./resolution.ts";

const POLICY_DIR = "./policies";
const DEADLINE_MS = 250;

/** The egress policy; `undefined` without one, and then every event may leave. */
export function resolvePolicy({ document, merged, warnings }: Resolution): PolicySettings | undefined {
  const { cloud_events, policy } = document;
  const name = cloud_events?.customer_egress_policy;
  if (name === undefined) {
    for (const [key, value] of Object.entries(policy ?? {})) {
      // The SDK reads CORESDK_POLICY_DIR too: from there it is no sign of a wish.
      if (value === undefined || merged.setBy(["policy", key]) === "environment") continue;
      warnings.push(`policy.${key} has no effect: no customer_egress_policy is set`);
    }
    return undefined;
  }
  // Nothing becomes an event, so that there is nothing to decide.
  if (cloud_events?.enabled === false) return undefined;
  // The default is beside the file that asks for a policy.
  const namedBy = policy?.dir === undefined ? ["cloud_events", "customer_egress_policy"] : ["policy", "dir"];
  return {
    dir: resolve(merged.baseDir(namedBy), policy?.dir ?? POLICY_DIR),
    package: name,
    deadlineMs: policy?.deadline ?? DEADLINE_MS,
    dryRun: policy?.dry_run ?? false,
  };
}
