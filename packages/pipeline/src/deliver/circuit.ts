import type { Clock, Random, SinkHealth } from "../contracts.ts";
import type { RetrySettings } from "../settings.ts";
import { backOff, boundAsked, boundHeld } from "./backoff.ts";

/** Failed sends in a row after which a sink is said to be degraded. */
const DEGRADED_AFTER = 3;
/**
 * Shipments that failed on their first attempt, in a row, after which the whole sink waits. First attempts
 * alone count: a few events that always fail say nothing about the sink, and must not hold up the others.
 */
const OPEN_AFTER = 3;

/** What changed, for the facts; `undefined` when nothing did. */
export type CircuitChange = "degraded" | "parked" | "recovered" | "deferred" | undefined;

interface FailedSend {
  /** Whether it was the first attempt for these events. */
  readonly first: boolean;
  readonly probe: boolean;
  readonly askedMs: number | undefined;
  readonly reason: string;
}

/**
 * Whether a sink may be sent to. Closed: anything goes. Open, after failures in a row, or parked, because the
 * sink is misconfigured: nothing goes but a single probe when its time has come, and what becomes of the probe
 * decides.
 */
export class Circuit {
  readonly #name: string;
  readonly #retry: RetrySettings;
  readonly #random: Random;
  #state: "closed" | "open" | "parked" = "closed";
  #probing = false;
  #probeFailed = false;
  #probeAtMs = 0;
  #failures = 0;
  #strikes = 0;
  /** Times in a row that the circuit opened or its probe failed: what its own backing off grows with. */
  #rounds = 0;
  #reason = "";
  /** Until then the peer asked not to be sent anything, if that is longer than would be waited anyway. */
  #deferredUntilMs = 0;
  /** Until then the peer wants no request at all, probes included. */
  #heldUntilMs = 0;
  readonly #answersWithinMs: number;
  /** When the first send started that was not answered since. */
  #askedAtMs = Number.POSITIVE_INFINITY;
  #silent = false;

  /** @param answersWithinMs how long there may be no answer before the sink is degraded; left out: failures alone count */
  constructor(
    name: string,
    retry: RetrySettings,
    random: Random,
    answersWithinMs: number = Number.POSITIVE_INFINITY,
  ) {
    this.#name = name;
    this.#retry = retry;
    this.#random = random;
    this.#answersWithinMs = answersWithinMs;
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  /**
   * True when the next probe is to take events that were not sent before: the sink fails without being
   * misconfigured, and what failed may be at fault itself. Every other probe takes what failed all the same,
   * or a failing event in each new batch would keep any from being looked for.
   */
  get prefersFresh(): boolean {
    return this.#state === "open" && this.#rounds % 2 === 1;
  }

  /** True once a probe has failed too: what is too old then need not be tried. */
  get expires(): boolean {
    return this.#probeFailed;
  }

  get reason(): string {
    return this.#reason;
  }

  /** The time from which a send may start, as elapsed time; infinity while a probe is out. */
  get admitsAtMs(): number {
    if (this.#state === "closed") return this.#heldUntilMs;
    return this.#probing ? Number.POSITIVE_INFINITY : Math.max(this.#probeAtMs, this.#heldUntilMs);
  }

  /** Until then, as elapsed time, nothing is sent because the peer asked for it; 0 when it never did. */
  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** The time at which a sink that does not answer until then falls silent, as elapsed time; infinity when it does not. */
  get silentAtMs(): number {
    if (this.#silent || this.#state === "parked") return Number.POSITIVE_INFINITY;
    // A peer that asked to wait is not asked meanwhile.
    return Math.max(this.#askedAtMs, this.#deferredUntilMs) + this.#answersWithinMs;
  }

  /** A send starts. True when it is the probe, whose outcome decides; sends from before may still be out. */
  started(nowMs: number): boolean {
    this.#askedAtMs = Math.min(this.#askedAtMs, nowMs);
    this.#probing = this.#state !== "closed";
    return this.#probing;
  }

  /** A part of a send that is still under way was answered. */
  heard(atMs: number): void {
    if (this.#askedAtMs !== Number.POSITIVE_INFINITY) this.#askedAtMs = Math.max(this.#askedAtMs, atMs);
  }

  /** Time passes: the sink may have been without an answer for too long. */
  listen(nowMs: number): CircuitChange {
    if (nowMs < this.silentAtMs) return undefined;
    this.#silent = true;
    if (this.#reason === "") this.#reason = `no usable answer within ${this.#answersWithinMs} ms`;
    return this.#failures < DEGRADED_AFTER ? "degraded" : undefined;
  }

  /** The sink took something, or turned it down for what it is: it answers. */
  answered(): CircuitChange {
    const wasReady = this.#state === "closed" && this.#failures < DEGRADED_AFTER && !this.#silent;
    this.#silent = false;
    this.#askedAtMs = Number.POSITIVE_INFINITY;
    this.#state = "closed";
    this.#probing = false;
    this.#probeFailed = false;
    this.#failures = 0;
    this.#strikes = 0;
    this.#rounds = 0;
    this.#reason = "";
    // What was sent before the peer asked for a pause may be answered after that.
    if (this.#heldUntilMs < this.#deferredUntilMs) this.#deferredUntilMs = 0;
    return wasReady ? undefined : "recovered";
  }

  /** The peer wants no request at all for so long. */
  hold(nowMs: number, askedMs: number): CircuitChange {
    const heldMs = boundHeld(askedMs);
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + heldMs);
    return this.#defer(nowMs, heldMs) ? "deferred" : undefined;
  }

  /** A send failed in a way that another attempt may mend. */
  failed(nowMs: number, { first, probe, askedMs, reason }: FailedSend): CircuitChange {
    this.#failures += 1;
    this.#probeFailed ||= probe;
    if (first) this.#strikes += 1;
    if (this.#state !== "parked" || probe) this.#reason = reason;
    if (probe || (this.#state === "closed" && this.#strikes >= OPEN_AFTER)) {
      this.#state = "open";
      this.#probing = false;
      this.#rounds += 1;
      this.#probeAtMs = nowMs + backOff(this.#rounds, askedMs, this.#retry, this.#random);
    }
    const deferred = this.#defer(nowMs, boundAsked(askedMs));
    if (this.#failures === DEGRADED_AFTER && !this.#silent) return "degraded";
    return deferred ? "deferred" : undefined;
  }

  /** True when the peer asked for a long wait and none was under way. */
  #defer(nowMs: number, askedMs: number): boolean {
    if (askedMs <= this.#retry.maxIntervalMs) return false;
    const isNew = this.#deferredUntilMs <= nowMs;
    this.#deferredUntilMs = Math.max(this.#deferredUntilMs, nowMs + askedMs);
    return isNew;
  }

  /** The sink is misconfigured; it is asked again at the longest interval. */
  park(nowMs: number, probe: boolean, reason: string): CircuitChange {
    const change = this.#state === "parked" ? undefined : "parked";
    if (probe || change !== undefined) this.#probing = false;
    this.#state = "parked";
    // It did answer; what it is degraded for is another thing.
    this.#silent = false;
    this.#askedAtMs = Number.POSITIVE_INFINITY;
    this.#failures += 1;
    this.#probeFailed ||= probe;
    this.#reason = reason;
    this.#probeAtMs = nowMs + this.#retry.maxIntervalMs;
    return change;
  }

  /** Lets the next probe go at once, or as soon as the peer wants requests again. */
  hasten(): void {
    this.#probeAtMs = 0;
  }

  /** Why it fails, and until when the peer asked to wait. */
  explain(clock: Clock): string {
    const restMs = this.#deferredUntilMs - clock.elapsed();
    if (restMs <= 0) return this.#reason;
    const until = new Date(clock.now() + restMs).toISOString();
    const why = this.#reason === "" ? "" : `${this.#reason}; `;
    return `${why}the peer asked to wait, which it gets until ${until}`;
  }

  health(clock: Clock): SinkHealth {
    const deferred = this.#deferredUntilMs > clock.elapsed();
    const failing = this.#state === "open" || this.#failures >= DEGRADED_AFTER || this.#silent || deferred;
    return {
      name: this.#name,
      state: this.#state === "parked" ? "parked" : failing ? "degraded" : "ready",
      reason: this.explain(clock),
      consecutiveFailures: this.#failures,
    };
  }
}
