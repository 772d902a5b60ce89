/**
 * The bytes of requests that both doors hold at once (`max_in_flight_bytes`). What is over the budget is
 * refused at once, retryably: memory has a bound and no request waits for another's.
 */
export class InFlightBudget {
  readonly maxBytes: number;
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** A request's share, empty at first. */
  lease(): Lease {
    return new Lease(this);
  }

  /** Takes bytes out of the budget if it has them. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.maxBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

/** What one request holds of the budget. */
export class Lease {
  readonly #budget: InFlightBudget;
  #bytes = 0;

  constructor(budget: InFlightBudget) {
    this.#budget = budget;
  }

  /** Grows to `bytes` in all, never shrinks; false when the budget has not that much. */
  hold(bytes: number): boolean {
    if (bytes <= this.#bytes) return true;
    if (!this.#budget.take(bytes - this.#bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  /** Gives everything back; more than once is harmless. */
  release(): void {
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
  }
}
