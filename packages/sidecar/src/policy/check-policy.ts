import { checkPolicies, PolicyLoadError, type PolicySettings } from "@coresdk/pipeline";
import { toConfigError } from "./config-error.ts";

/**
 * Loads the egress policy of a configuration and lets go of it.
 *
 * @returns what is odd about it; `""` when nothing is, or there is none
 * @throws ConfigError when it cannot be loaded
 */
export async function checkPolicy(settings: PolicySettings | undefined): Promise<string> {
  if (settings === undefined) return "";
  try {
    return await checkPolicies(settings);
  } catch (error) {
    if (error instanceof PolicyLoadError) throw toConfigError(error);
    throw error;
  }
}
