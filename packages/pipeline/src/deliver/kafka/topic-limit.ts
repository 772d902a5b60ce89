import type { Clock } from "../../contracts.ts";

/** No event is judged by an older answer: whoever raised the limit expects the next event to be taken. */
const MAX_AGE_MS = 2_000;

/** The largest record batch that a topic takes. It can be changed at any time, and the broker tells nobody. */
export class TopicLimit {
  readonly #ask: () => Promise<number | undefined>;
  readonly #clock: Clock;
  #bytes = Number.POSITIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  /** @param ask what the broker says, in bytes; `undefined` when it does not tell */
  constructor(ask: () => Promise<number | undefined>, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /**
   * The limit for a send whose largest record takes so many bytes: asked for before the first one, and again before
   * one is called too large. Infinity where it is not known, so that the broker has to say.
   */
  async read(largestBytes: number): Promise<number> {
    const isAsked = this.#askedAtMs !== Number.NEGATIVE_INFINITY;
    const isOld = this.#clock.elapsed() - this.#askedAtMs >= MAX_AGE_MS;
    if (!isAsked || (isOld && largestBytes > this.#bytes)) {
      this.#bytes = (await this.#ask()) ?? Number.POSITIVE_INFINITY;
      this.#askedAtMs = this.#clock.elapsed();
    }
    return this.#bytes;
  }
}
