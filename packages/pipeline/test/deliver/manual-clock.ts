import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../src/contracts.ts";

/** A clock that moves when it is told to. */
export class ManualClock implements Clock {
  /** The time of day, and the time that passed. */
  #offsetMs = 1_700_000_000_000;
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#offsetMs + this.#nowMs;
  }

  elapsed(): number {
    return this.#nowMs;
  }

  /** Sets the time of day forward or back, while no time passes. */
  step(ms: number): void {
    this.#offsetMs += ms;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** The time until the next timer, in ms; infinity when there is none. */
  get untilNextMs(): number {
    return Math.min(...this.#timers.map(({ atMs }) => atMs)) - this.#nowMs;
  }

  /** Lets so much time pass, with everything that happens meanwhile. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    while (this.#nowMs + this.untilNextMs <= endMs) {
      this.#ringNext();
      await settle();
    }
    this.#nowMs = endMs;
  }

  /** Lets time pass until the condition holds; fails when nothing would ever happen again, or after `limitMs`. */
  async passUntil(condition: () => boolean, limitMs = 10_000_000_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    for (;;) {
      await settle();
      if (condition()) return;
      if (this.untilNextMs === Number.POSITIVE_INFINITY)
        throw new Error("nothing is going to happen any more");
      if (this.#nowMs + this.untilNextMs > endMs) throw new Error(`it did not happen within ${limitMs} ms`);
      this.#ringNext();
    }
  }

  #ringNext(): void {
    const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0];
    if (next === undefined) return;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callback();
  }
}

/** Lets promises and the queue in memory do all they can do without time passing. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await nextTurn();
}

/** As {@link settle}, for what takes more turns than usual. */
export async function settleUntil(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn === 100_000) throw new Error("it did not happen without time passing");
    await nextTurn();
  }
}
