/**
 * Requests that came in one burst (streams of one connection, bytes of many) are all there in one turn of the event
 * loop. Worked off in that turn, they would hold it up together, although each of them alone does not. So when those of
 * one turn took some ms, the others wait until sockets and timers had theirs.
 */
import type { Clock } from "@coresdk/pipeline";

/** What the requests of one turn may take before the next one has to wait, in ms. */
const MAX_TURN_MS = 10;

export class LoopTurns {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #waiting: (() => void)[] = [];
  #spentMs = 0;
  #armed = false;

  constructor(clock: Pick<Clock, "elapsed">) {
    this.#clock = clock;
  }

  /** Begins some work in this turn, or in one of the next: as much of it counts as is done before it first waits. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length === 0 && this.#spentMs < MAX_TURN_MS) return this.#do(work);
    return new Promise((resolve) => {
      this.#waiting.push(() => resolve(this.#do(work)));
      this.#arm();
    });
  }

  #do<Result>(work: () => Promise<Result>): Promise<Result> {
    const beganAt = this.#clock.elapsed();
    const result = work();
    this.#spentMs += this.#clock.elapsed() - beganAt;
    this.#arm();
    return result;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      this.#spentMs = 0;
      while (this.#waiting.length > 0 && this.#spentMs < MAX_TURN_MS) this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#arm();
    });
  }
}
