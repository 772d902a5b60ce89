import type { Clock, Outcome } from "../../contracts.ts";
import { RateLimit } from "./rate-limit.ts";

/** Why a permission ended: an outcome for what was waiting for its turn. */
export type Withdrawal = Extract<Outcome, { readonly kind: "parked" }>;

/** What is known of one target: its permission, its rate, when it was sent to last, and how long it wants no more. */
export class WebhookTarget {
  readonly rate: RateLimit;
  readonly #clock: Clock;
  #grant: { readonly request: string; readonly atMs: number } | undefined;
  #withdrawal: Withdrawal | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.rate = new RateLimit(clock);
  }

  /** Why the permission was withdrawn last: another object each time; `undefined` when it never was. */
  get withdrawal(): Withdrawal | undefined {
    return this.#withdrawal;
  }

  /** @param request what the target was asked, to which it agreed */
  grant(request: string, perMinute: number | undefined): void {
    this.#grant = { request, atMs: this.#clock.elapsed() };
    this.rate.set(perMinute);
  }

  /** Learns from an outcome whether the target wants to be left alone for a while, by whatever request. */
  heed(outcome: Outcome): void {
    if (outcome.kind === "retry" && outcome.holdsSink === true && outcome.afterMs !== undefined) {
      this.rate.pause(outcome.afterMs);
    }
  }

  withdraw(why: Withdrawal): void {
    this.#grant = undefined;
    this.#withdrawal = { ...why };
  }

  /** True when the target agreed to this very request, no longer ago than that. */
  allows(request: string, withinMs: number): boolean {
    const grant = this.#grant;
    return grant?.request === request && this.#clock.elapsed() < grant.atMs + withinMs;
  }
}

/**
 * The targets of a process. It outlives the sinks: a rate is granted to the sender, and a sink that is made
 * anew, when a configuration is loaded again, is the same sender. One small object for each endpoint that was ever
 * configured.
 */
export class WebhookTargets {
  readonly #targets = new Map<string, WebhookTarget>();

  /** The target at an endpoint, as it is to the sender of that origin; `""` for a sender that asks no permission. */
  find(endpoint: string, origin: string, clock: Clock): WebhookTarget {
    const key = JSON.stringify([endpoint, origin.toLowerCase()]);
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const target = new WebhookTarget(clock);
    this.#targets.set(key, target);
    return target;
  }
}
