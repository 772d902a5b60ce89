/** There is more to mask than may be masked at once. */
export class TooManyValuesError extends Error {
  override readonly name = "TooManyValuesError";
}

/** Counts what is masked of a request: records, keys, values and other texts. */
export class ValueLimit {
  #left = Number.POSITIVE_INFINITY;

  /** Allows so many from now on. */
  begin(most: number): void {
    this.#left = most;
  }

  /** @throws TooManyValuesError beyond those that are allowed */
  count(): void {
    this.#left -= 1;
    if (this.#left < 0) throw new TooManyValuesError("too many values to be masked at once");
  }
}
