import type { Clock } from "../contracts.ts";

/** A span of time that several waits in a row share, so that together they last no longer. */
export class TimeLimit {
  readonly #over: Promise<undefined>;
  readonly #cancel: () => void;

  constructor(clock: Clock, ms: number) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#over = promise;
    this.#cancel = clock.schedule(ms, () => resolve(undefined));
  }

  /** What the work comes to, `undefined` when the time is over before. The work itself goes on. */
  wait<Result>(work: Promise<Result>): Promise<Result | undefined> {
    return Promise.race([work, this.#over]);
  }

  /** Frees the timer once nothing is waited for any more. */
  cancel(): void {
    this.#cancel();
  }
}
