/**
 * The sender's half of the abuse protection of webhooks ("HTTP 1.1 Web Hooks for Event Delivery", section 4):
 * a target is asked by OPTIONS whether it wants the events, and nothing is sent before it has agreed, nor faster
 * than it has agreed to.
 */
import type { Clock, Outcome } from "../../contracts.ts";
import type { WebhookSettings } from "../../settings.ts";
import { holdsSink, parseRetryAfter } from "./retry-after.ts";
import type { WebhookTarget, Withdrawal } from "./webhook-targets.ts";

/** What a target answered, as far as the handshake looks at it; the values of a header given twice are a list. */
export interface ValidationAnswer {
  readonly status: number;
  readonly allowedOrigin: string | undefined;
  readonly allowedRate: string | undefined;
  readonly retryAfter: string | undefined;
}

/** Sends the validation request; a failure below HTTP, or one that passes, is an outcome. */
export type AskTarget = (
  headers: readonly string[],
  signal: AbortSignal,
) => Promise<ValidationAnswer | Outcome>;

export interface WebhookPorts {
  readonly clock: Clock;
  /** What is known of the target, which others may send to as well. */
  readonly target: WebhookTarget;
  readonly ask: AskTarget;
  /** Called when a target agreed, with what it agreed to. */
  readonly granted: (detail: string) => void;
}

/** The header that names the sender, in the validation request and in each delivery (sections 2.1 and 4.1.2). */
export const REQUEST_ORIGIN = "webhook-request-origin";

/** Section 4.2.2: `*`, or a positive integer of any length. */
const RATE = /^0*[1-9][0-9]*$/;

/** Statuses with which a target says nothing about whether it agrees. */
const PASSING = new Set([408, 429]);

const STOPPED: Outcome = { kind: "retry", reason: "stopped", status: "", afterMs: undefined };

/** The permission of one target: asked for before the first request, and again when it is due or was withdrawn. */
export class WebhookPermission {
  readonly #settings: WebhookSettings;
  readonly #ports: WebhookPorts;
  readonly #target: WebhookTarget;
  readonly #headers: readonly string[];
  /** What a grant is for. */
  readonly #request: string;
  #asking: Promise<Outcome | undefined> | undefined;

  constructor(settings: WebhookSettings, ports: WebhookPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#target = ports.target;
    this.#headers = requestHeaders(settings);
    this.#request = this.#headers.join("\n");
  }

  /**
   * Waits until a delivery may be sent; an outcome when it may not. Whatever changes meanwhile counts: a pause, a
   * permission that is due, and one that is withdrawn, which gives back all that was waiting.
   */
  async admit(signal: AbortSignal): Promise<Outcome | undefined> {
    const { rate, withdrawal } = this.#target;
    let waited = false;
    for (;;) {
      if (this.#target.withdrawal !== withdrawal) return this.#target.withdrawal;
      // Section 2.2 speaks of requests: the validation waits for the end of a pause as well.
      let waitMs = rate.pausedMs;
      if (waitMs === 0) {
        const allowed = this.#target.allows(this.#request, this.#settings.renewMs);
        const refused = allowed ? undefined : await this.#askOnce(signal);
        if (refused !== undefined) return refused;
        waitMs = rate.take(waited);
        if (waitMs === 0) return signal.aborted ? STOPPED : undefined;
      }
      if (!(await this.#sleep(waitMs, signal))) return STOPPED;
      waited = true;
    }
  }

  /** Learns from what became of a delivery. */
  note(outcome: Outcome): void {
    // A target that turns the sender itself away has withdrawn its permission, or is another one by now.
    if (outcome.kind === "parked") this.#target.withdraw(outcome);
  }

  #askOnce(signal: AbortSignal): Promise<Outcome | undefined> {
    this.#asking ??= this.#ask(signal).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(signal: AbortSignal): Promise<Outcome | undefined> {
    const { origin, ratePerMinute, callback } = this.#settings;
    const { clock, ask, granted } = this.#ports;
    const answer = await ask(this.#headers, signal);
    if ("kind" in answer) return answer;
    const { status, allowedOrigin, allowedRate } = answer;
    const code = String(status);
    if (status >= 500 || PASSING.has(status)) {
      const reason = `the target did not say whether it wants the events (HTTP ${status})`;
      const afterMs = parseRetryAfter(answer.retryAfter, clock.now());
      const holds = holdsSink(status, afterMs);
      const retry: Outcome = { kind: "retry", reason, status: code, afterMs, holdsSink: holds };
      this.#target.heed(retry);
      return retry;
    }
    // Section 4.2: no status is consent. The header is, and a redirect or an error beside it is none.
    const agrees = allowedOrigin === "*" || allowedOrigin?.toLowerCase() === origin.toLowerCase();
    if (!agrees || status >= 300) {
      const open = callback === undefined ? "" : "; it may agree by callback, and is asked again";
      const reason = `the target does not allow events from ${origin} (OPTIONS, HTTP ${status})${open}`;
      return this.#refused({ kind: "parked", reason, status: code });
    }
    // Without the header the rate that was asked for counts, as it does for a callback (section 4.2.2).
    const rate =
      allowedRate === undefined ? (ratePerMinute ?? Number.POSITIVE_INFINITY) : readRate(allowedRate);
    if (rate === undefined) {
      const reason = "the target's WebHook-Allowed-Rate is neither a positive number nor *";
      return this.#refused({ kind: "parked", reason, status: code });
    }
    const limited = Number.isFinite(rate);
    this.#target.grant(this.#request, limited ? rate : undefined);
    granted(limited ? `the target allows ${rate} requests a minute` : "the target allows any rate");
    return undefined;
  }

  /** What waits for its turn since the target agreed last is given back too. */
  #refused(outcome: Withdrawal): Outcome {
    this.#target.withdraw(outcome);
    return outcome;
  }

  #sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    if (signal.aborted) return Promise.resolve(false);
    const stop = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = this.#ports.clock.schedule(Math.ceil(ms), () => {
      signal.removeEventListener("abort", stop);
      resolve(true);
    });
    signal.addEventListener("abort", stop, { once: true });
    return promise;
  }
}

/** What the target is asked with, besides the origin, which is among the headers of every request to it. */
function requestHeaders({ ratePerMinute, callback }: WebhookSettings): readonly string[] {
  return [
    ...(ratePerMinute === undefined ? [] : ["webhook-request-rate", String(ratePerMinute)]),
    ...(callback === undefined ? [] : ["webhook-request-callback", callback.reveal()]),
  ];
}

/**
 * The rate that a target allows, in requests a minute: infinity for `*`, and the lowest of a list, since a target
 * that says two things has not agreed to more than the less; `undefined` when one of them is none.
 */
function readRate(header: string): number | undefined {
  let lowest = Number.POSITIVE_INFINITY;
  for (const item of header.split(",")) {
    const rate = item.trim();
    if (rate === "*") continue;
    if (!RATE.test(rate)) return undefined;
    lowest = Math.min(lowest, Number(rate));
  }
  return lowest;
}
