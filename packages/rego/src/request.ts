import { RegoError } from "./errors.ts";

/** The engine's clock has 64 bits. */
const LAST_NS = 2n ** 63n - 1n;

/** What is wrong with the rule or the time that an evaluation is asked for, if anything is. */
export function wrongRequest(rule: unknown, nowNs: unknown): RegoError | undefined {
  if (typeof rule !== "string")
    return new RegoError("path", `a rule is named by a string, not a ${typeof rule}`);
  if (nowNs === undefined) return undefined;
  if (typeof nowNs === "bigint" && nowNs >= 0n && nowNs <= LAST_NS) return undefined;
  return new RegoError("option", "nowNs is a bigint from 0 to 2^63 - 1: nanoseconds since 1970");
}
