/**
 * The sender's half of the abuse protection of webhooks ("HTTP 1.1 Web Hooks for Event Delivery", section 4):
 * a target is asked by OPTIONS whether it wants the events, and nothing is sent before it has agreed, nor faster
 * than it has agreed to.
 */
import type { Clock, Outcome } from "../../contracts.ts";
import type { WebhookSettings } from "../../settings.ts";
import { RateLimit } from "./rate-limit.ts";

/** What a target answered, as far as the handshake looks at it; a header given twice is none. */
export interface ValidationAnswer {
  readonly status: number;
  readonly allowedOrigin: string | undefined;
  readonly allowedRate: string | undefined;
}

/** Sends the validation request; a failure below HTTP, or one that passes, is an outcome. */
export type AskTarget = (
  headers: readonly string[],
  signal: AbortSignal,
) => Promise<ValidationAnswer | Outcome>;

export interface WebhookPorts {
  readonly clock: Clock;
  readonly ask: AskTarget;
  /** Called when a target agreed, with what it agreed to. */
  readonly granted: (detail: string) => void;
}

/** The header that names the sender, in the validation request and in each delivery (sections 2.1 and 4.1.2). */
export const REQUEST_ORIGIN = "webhook-request-origin";

/** Section 4.2.2: `*`, or a positive integer. */
const RATE = /^[1-9][0-9]{0,8}$/;

/** Statuses with which a target says nothing about whether it agrees. */
const PASSING = new Set([408, 429]);

const STOPPED: Outcome = { kind: "retry", reason: "stopped", status: "", afterMs: undefined };

/** The permission of one target: asked for before the first request, and again when it is due or was withdrawn. */
export class WebhookPermission {
  readonly #settings: WebhookSettings;
  readonly #ports: WebhookPorts;
  readonly #limit: RateLimit;
  #validUntilMs = 0;
  #asking: Promise<Outcome | undefined> | undefined;

  constructor(settings: WebhookSettings, ports: WebhookPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#limit = new RateLimit(ports.clock);
  }

  /** Waits until a delivery may be sent; an outcome when it may not. */
  async admit(signal: AbortSignal): Promise<Outcome | undefined> {
    if (this.#ports.clock.elapsed() >= this.#validUntilMs) {
      this.#asking ??= this.#ask(signal).finally(() => {
        this.#asking = undefined;
      });
      const refused = await this.#asking;
      if (refused !== undefined) return refused;
    }
    return (await this.#limit.wait(signal)) ? undefined : STOPPED;
  }

  /** Learns from what became of a delivery. */
  note(outcome: Outcome): void {
    // A target that turns the sender itself away has withdrawn its permission, or is another one by now.
    if (outcome.kind === "parked") this.#validUntilMs = 0;
    // Section 2.2: after 429 no request at all until the time that the target names.
    if (outcome.kind === "retry" && outcome.status === "429" && outcome.afterMs !== undefined) {
      this.#limit.pause(outcome.afterMs);
    }
  }

  async #ask(signal: AbortSignal): Promise<Outcome | undefined> {
    const { origin, ratePerMinute, callback, renewMs } = this.#settings;
    // The origin is among the headers that every request to the endpoint carries.
    const headers: string[] = [];
    if (ratePerMinute !== undefined) headers.push("webhook-request-rate", String(ratePerMinute));
    if (callback !== undefined) headers.push("webhook-request-callback", callback.reveal());
    const answer = await this.#ports.ask(headers, signal);
    if ("kind" in answer) return answer;
    const { status, allowedOrigin, allowedRate } = answer;
    const code = String(status);
    if (status >= 500 || PASSING.has(status)) {
      const reason = `the target did not say whether it wants the events (HTTP ${status})`;
      return { kind: "retry", reason, status: code, afterMs: undefined };
    }
    // Section 4.2: no status is consent. The header is, and a redirect or an error beside it is none.
    const agrees = allowedOrigin === "*" || allowedOrigin?.toLowerCase() === origin.toLowerCase();
    if (!agrees || status >= 300) {
      const open = callback === undefined ? "" : "; it may agree by callback, and is asked again";
      const reason = `the target does not allow events from ${origin} (OPTIONS, HTTP ${status})${open}`;
      return { kind: "parked", reason, status: code };
    }
    // Without the header the rate that was asked for counts, as it does for a callback (section 4.2.2).
    const rate = allowedRate ?? (ratePerMinute === undefined ? "*" : String(ratePerMinute));
    if (rate !== "*" && !RATE.test(rate)) {
      const reason = "the target's WebHook-Allowed-Rate is neither a positive number nor *";
      return { kind: "parked", reason, status: code };
    }
    this.#limit.set(rate === "*" ? undefined : Number(rate));
    this.#validUntilMs = this.#ports.clock.elapsed() + renewMs;
    this.#ports.granted(
      rate === "*" ? "the target allows any rate" : `the target allows ${rate} requests a minute`,
    );
    return undefined;
  }
}
