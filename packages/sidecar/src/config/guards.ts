/** Which values keep something in or somebody out: they are not left empty by accident. */
import type { Path } from "./tree.ts";

const CLOUD_EVENTS: ReadonlySet<string | number> = new Set([
  "customer_egress_policy",
  "block_private_addresses",
]);

/**
 * True for what keeps something in or somebody out. Without it all is let through, so that a variable that came out
 * empty shall not be taken for a wish.
 */
export function isGuard(path: Path): boolean {
  const [section, ...rest] = path;
  if (section === "cloud_events") return rest.some((part) => CLOUD_EVENTS.has(part));
  if (section === "masking") return rest[0] === "literals";
  return section === "receivers" && rest.some((part) => part === "auth" || part === "tls");
}

/** True for what we show to others to be let in: `Bearer ` without its token would be sent as it is. */
export function isCredential(path: Path): boolean {
  return path.includes("headers") || path.includes("sasl");
}
