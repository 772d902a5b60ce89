import type { DeadLetter } from "../contracts.ts";
import type { Entry, Shipment } from "./entry.ts";

/** What a peer says in a refusal is kept up to this many characters. */
const MAX_DETAIL = 1_000;

export interface Verdict {
  /** `rejected`, `too_large` or `expired`. */
  readonly reason: string;
  readonly detail: string;
  readonly attempts: number;
  readonly lastStatus: string;
}

export function expiry({ attempts, lastStatus }: Shipment, why: string): Verdict {
  return { reason: "expired", detail: `older than retry.max_age; ${why}`, attempts, lastStatus };
}

/** The dead letter of an event, with a copy of its bytes: a view would keep, and send on, all of its batch. */
export function writeLetter(entry: Entry, verdict: Verdict, atMs: number): DeadLetter {
  return {
    ...verdict,
    detail: verdict.detail.slice(0, MAX_DETAIL),
    sequence: entry.sequence,
    event: new Uint8Array(entry.batch.event(entry.index)),
    atMs,
  };
}
