import type { Policy } from "../draft.ts";

/** The policy stage without a policy: every event may leave. */
export const allowAll: Policy = { decide: () => "all" };
