import { STATUS_CODES } from "node:http";
import type { Outcome } from "../../contracts.ts";
import { holdsSink, parseRetryAfter } from "./retry-after.ts";

/** What a peer answered. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The beginning of its text, for statuses that reject; free of control characters. */
  readonly text: string;
}

/** Retried besides 5xx: Knative's data-plane rules, 408, and 425, which asks for it (RFC 8470, section 5.2). */
const RETRIED = new Set([404, 408, 409, 425, 429]);
/** They say something about the moment, and nothing about what was sent. */
const UNTIMELY = new Set([425, 429]);
/** The sink is misconfigured: what is sent there will be turned down whatever it is. */
const PARKED = new Set([401, 403, 410]);

/** What an answer means for the events of its request. */
export function judgeAnswer({ status, retryAfter, text }: Answer, nowMs: number): Outcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const name = STATUS_CODES[status];
  const reason = name === undefined ? `HTTP ${status}` : `HTTP ${status} ${name}`;
  const code = String(status);
  if (status >= 300 && status < 400) {
    return { kind: "parked", reason: `${reason}: redirects are not followed`, status: code };
  }
  if (PARKED.has(status)) return { kind: "parked", reason, status: code };
  if (RETRIED.has(status) || status >= 500 || status < 200) {
    const afterMs = parseRetryAfter(retryAfter, nowMs);
    // A peer that asks for time, or for fewer requests, has none to spare for more and smaller ones.
    const mayBeEvents = status >= 400 && !UNTIMELY.has(status) && afterMs === undefined;
    return {
      kind: "retry",
      reason,
      status: code,
      afterMs,
      mayBeEvents,
      holdsSink: holdsSink(status, afterMs),
    };
  }
  return {
    kind: "rejected",
    reason: status === 413 ? "too_large" : "rejected",
    detail: text === "" ? reason : `${reason}: ${text}`,
    status: code,
  };
}
