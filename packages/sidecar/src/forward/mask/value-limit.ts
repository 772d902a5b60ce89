import { MAX_EVENT_VALUES, MAX_VALUES, OtlpTooLargeError } from "@coresdk/pipeline";

/** There is more to mask than may be masked at once. */
export class TooManyValuesError extends Error {
  override readonly name = "TooManyValuesError";
}

/** Counts what is masked of a request: records, keys, values and other texts. */
export class ValueLimit {
  #left = Number.POSITIVE_INFINITY;
  #inRequest = 0;
  #inRecord = 0;

  /** Begins a request, of which so many may be masked. */
  begin(most: number): void {
    this.#left = most;
    this.#inRequest = 0;
    this.#inRecord = 0;
  }

  /** @throws TooManyValuesError beyond those that are allowed */
  count(): void {
    this.#left -= 1;
    if (this.#left < 0) throw new TooManyValuesError("too many values to be masked at once");
  }

  /**
   * Begins a record, or what has values of its own within or around one: a span's event, a data point, a resource.
   * @returns what {@link ValueLimit.leaveRecord} is to be given at its end
   */
  enterRecord(): number {
    const outer = this.#inRecord;
    this.#inRecord = 0;
    return outer;
  }

  leaveRecord(outer: number): void {
    this.#inRecord = outer;
  }

  /**
   * Counts an attribute, an entry of a map or an item of a list: what is masked may hold as many as events may.
   * @throws OtlpTooLargeError beyond that
   */
  countValue(): void {
    this.countText();
    if (++this.#inRecord <= MAX_EVENT_VALUES) return;
    throw new OtlpTooLargeError(
      `a record of the request has more than ${MAX_EVENT_VALUES} values, which are more than are masked on their way upstream`,
    );
  }

  /**
   * Counts a text, or a value of which OTLP knows nothing, towards the whole request.
   * @throws OtlpTooLargeError beyond as many values as the events of a request may have
   */
  countText(): void {
    if (++this.#inRequest <= MAX_VALUES) return;
    throw new OtlpTooLargeError(
      `the request has more than ${MAX_VALUES} values, which are more than are masked on their way upstream`,
    );
  }
}
