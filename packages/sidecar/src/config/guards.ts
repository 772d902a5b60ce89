/** Which values keep something in or somebody out: they are not left empty by accident. */
import type { Path } from "./tree.ts";

const CLOUD_EVENTS: ReadonlySet<string | number> = new Set([
  "customer_egress_policy",
  "block_private_addresses",
]);

/** Blocks of a sink of which nothing is left when all their keys are comments: then none of them is wanted, it seems. */
const BLOCKS: ReadonlySet<string | number | undefined> = new Set(["tls", "webhook", "sasl"]);

const MASKING: ReadonlySet<string | number | undefined> = new Set([
  "literals",
  "blocked_keys",
  "patterns",
  "signals",
]);

/**
 * True for what keeps something in or somebody out. Without it all is let through, so that a variable that came out
 * empty shall not be taken for a wish.
 */
export function isGuard(path: Path): boolean {
  const [section, ...rest] = path;
  if (section === "cloud_events")
    return rest.some((part) => CLOUD_EVENTS.has(part)) || BLOCKS.has(rest.at(-1));
  if (section === "masking") return MASKING.has(rest[0]);
  return section === "receivers" && rest.some((part) => part === "auth" || part === "tls");
}

/** True for what we show to others to be let in: `Bearer ` without its token would be sent as it is. */
export function isCredential(path: Path): boolean {
  return path.includes("headers") || path.includes("sasl");
}
