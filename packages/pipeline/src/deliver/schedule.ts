import type { Random } from "../contracts.ts";
import type { RetrySettings } from "../settings.ts";
import { backOff } from "./backoff.ts";
import { DueQueue } from "./due-queue.ts";
import type { Entry, Shipment } from "./entry.ts";
import { Fifo } from "./fifo.ts";

/** What is to be sent again: at once, in turn, or when its time has come. */
export class Schedule {
  readonly #retry: RetrySettings;
  readonly #random: Random;
  readonly #next = new Fifo<Shipment>();
  readonly #due = new DueQueue<Shipment>();

  constructor(retry: RetrySettings, random: Random) {
    this.#retry = retry;
    this.#random = random;
  }

  /** When something may be sent, as elapsed time; 0 when it may at once, infinity when there is nothing. */
  get nextAtMs(): number {
    return this.#next.size > 0 ? 0 : this.#due.nextAtMs;
  }

  sendNext(shipment: Shipment): void {
    this.#next.push(shipment);
  }

  /**
   * Schedules another attempt, at the latest when the oldest of the events reaches its age limit.
   * Returns those that are past it already.
   *
   * @param wait what the peer asked for in ms, if it did; or `at once`: before all that is scheduled
   */
  retry(shipment: Shipment, wait: number | "at once" | undefined, nowMs: number): readonly Entry[] {
    const expired: Entry[] = [];
    const entries: Entry[] = [];
    let limitMs = Number.POSITIVE_INFINITY;
    for (const entry of shipment.entries) {
      const ageLimitMs = entry.block.acceptedAtMs + this.#retry.maxAgeMs;
      if (ageLimitMs <= nowMs) {
        expired.push(entry);
      } else {
        entries.push(entry);
        limitMs = Math.min(limitMs, ageLimitMs);
      }
    }
    if (entries.length === 0) return expired;
    if (wait === "at once") {
      this.#next.putBack([{ ...shipment, entries }]);
      return expired;
    }
    const delayMs = backOff(shipment.attempts, wait, this.#retry, this.#random);
    this.#due.push({ ...shipment, entries, dueAtMs: Math.min(nowMs + delayMs, limitMs) });
    return expired;
  }

  /** Schedules what could not be read for a later attempt to read it. */
  postpone(shipment: Shipment, nowMs: number): void {
    this.#due.push({ ...shipment, dueAtMs: nowMs + this.#retry.initialIntervalMs });
  }

  next(nowMs: number): Shipment | undefined {
    return this.#next.shift() ?? this.#due.popDue(nowMs);
  }

  /** Takes out the events accepted before that elapsed time, with what is known of their attempts. */
  extractOlder(acceptedBeforeMs: number): readonly Shipment[] {
    const old: Shipment[] = [];
    const divide = (shipment: Shipment): Shipment | undefined => {
      const { entries } = shipment;
      const expired = entries.filter(({ block }) => block.acceptedAtMs < acceptedBeforeMs);
      if (expired.length === 0) return shipment;
      old.push({ ...shipment, entries: expired });
      const rest = entries.filter(({ block }) => block.acceptedAtMs >= acceptedBeforeMs);
      return rest.length === 0 ? undefined : { ...shipment, entries: rest };
    };
    const waiting = this.#next.extract(() => true);
    for (const shipment of waiting) {
      const rest = divide(shipment);
      if (rest !== undefined) this.#next.push(rest);
    }
    this.#due.revise(divide);
    return old;
  }

  /** All events that wait for their time. */
  *delayed(): Generator<Entry> {
    for (const { entries } of this.#due) yield* entries;
  }
}
