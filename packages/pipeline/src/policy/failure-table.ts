import type { Clock, PolicyFailure } from "../contracts.ts";
import type { FailureKind } from "./judge-answer.ts";

/** As many reasons are told apart; a set of policies has few places at which it fails. */
const MAX_REASONS = 32;

interface Entry {
  count: number;
  readonly firstMs: number;
  lastMs: number;
}

/** Failures of one batch that have one reason. */
export interface Failures {
  readonly kind: FailureKind;
  readonly reason: string;
  count: number;
}

/** Why evaluations of a policy set gave no decision, each reason with how often and when. */
export class FailureTable {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Says a reason in words: its own as long as there is room. */
  reasonOf(kind: FailureKind, place: string): string {
    const reason = place === "" ? kind : `${kind} at ${place}`;
    const hasRoom = this.#entries.size < MAX_REASONS || this.#entries.has(reason);
    return hasRoom ? reason : `${kind} at other places`;
  }

  count(reason: string, count: number): void {
    const now = this.#clock.now();
    const entry = this.#entries.get(reason);
    if (entry === undefined) this.#entries.set(reason, { count, firstMs: now, lastMs: now });
    else {
      entry.count += count;
      entry.lastMs = now;
    }
  }

  /** In the order in which they came up. */
  list(): readonly PolicyFailure[] {
    return Array.from(this.#entries, ([reason, { count, firstMs, lastMs }]) => ({
      reason,
      count,
      firstAt: new Date(firstMs).toISOString(),
      lastAt: new Date(lastMs).toISOString(),
    }));
  }
}
