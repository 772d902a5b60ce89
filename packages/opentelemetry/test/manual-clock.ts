import type { Clock } from "@coresdk/pipeline";

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Map<object, { readonly atMs: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = {};
    this.#timers.set(timer, { atMs: this.#now + delayMs, callback });
    return () => this.#timers.delete(timer);
  }

  /** Moves on, and calls back what has become due, in order. */
  advance(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter(([, { atMs }]) => atMs <= this.#now);
    for (const [timer, { callback }] of due.sort(([, a], [, b]) => a.atMs - b.atMs)) {
      if (this.#timers.delete(timer)) callback();
    }
  }

  get timers(): number {
    return this.#timers.size;
  }
}
