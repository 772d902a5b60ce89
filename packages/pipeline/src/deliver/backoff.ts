import type { Random } from "../contracts.ts";
import type { RetrySettings } from "../settings.ts";

/** A peer that asks for more is asked again after this long all the same: its answer may be a mistake. */
const MAX_ASKED_MS = 3_600_000;

/** The same of one that wants no request at all: the specification leaves no choice ("HTTP 1.1 Web Hooks", section 2.2). */
const MAX_HELD_MS = 24 * 3_600_000;

/** How long a peer is left alone that wants no request at all, in ms. */
export function boundHeld(askedMs: number): number {
  return Math.min(askedMs, MAX_HELD_MS);
}

/** What is honoured of a wait that a peer asked for, in ms. */
export function boundAsked(askedMs: number | undefined): number {
  return Math.min(askedMs ?? 0, MAX_ASKED_MS);
}

/**
 * How long to wait after the `attempts`-th failure: exponential with full jitter, so that what failed
 * together does not come back together, and not sooner than the peer asked for.
 */
export function backOff(
  attempts: number,
  askedMs: number | undefined,
  { initialIntervalMs, maxIntervalMs }: RetrySettings,
  random: Random,
): number {
  const ceiling = Math.min(maxIntervalMs, initialIntervalMs * 2 ** Math.min(Math.max(attempts, 1) - 1, 40));
  return Math.max(random.next() * ceiling, boundAsked(askedMs));
}
