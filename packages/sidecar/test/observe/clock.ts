import type { Clock } from "@coresdk/pipeline";

/** A clock that moves when the test says so. */
export class ClockOfTest implements Clock {
  #now = 0;
  #timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  #ids = 0;

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#now;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const id = this.#ids++;
    this.#timers.set(id, { at: this.#now + delayMs, callback });
    return () => this.#timers.delete(id);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const [id, { at, callback }] of [...this.#timers]) {
      if (at > this.#now) continue;
      this.#timers.delete(id);
      callback();
    }
  }

  get timers(): number {
    return this.#timers.size;
  }
}
