import { MAX_EVENT_VALUES, MAX_VALUES, OtlpTooLargeError } from "@coresdk/pipeline/thread";

/**
 * Records, data points, texts beside values, and values of which OTLP knows nothing, in a request: as many as OTLP/JSON
 * may have members and items, so that no request that an exporter makes comes near.
 */
export const MAX_OTHERS = 16_777_216;

/** There is more to mask than may be masked at once. */
export class TooManyValuesError extends Error {
  override readonly name = "TooManyValuesError";
}

/** Counts steps of masking, where no more than some may be done at once. */
export class ValueLimit {
  #left = Number.POSITIVE_INFINITY;

  get isBounded(): boolean {
    return this.#left !== Number.POSITIVE_INFINITY;
  }

  /** Begins a request, of which so many records, keys, values and other texts may be masked. */
  begin(most: number): void {
    this.#left = most;
  }

  /** @throws TooManyValuesError beyond those that are allowed */
  count(): void {
    this.#left -= 1;
    if (this.#left < 0) throw new TooManyValuesError("too many values to be masked at once");
  }
}

/** Is told what a request holds that is masked on its way upstream. */
export type Counting = Pick<ValueCount, keyof ValueCount>;

/** Counts what a request holds that is masked on its way upstream, before it is. */
export class ValueCount {
  #inRequest = 0;
  #inRecord = 0;
  #others = 0;

  /**
   * Begins a record, or what has values of its own within or around one: a span's event, a data point, a resource.
   * @returns what {@link ValueCount.leaveRecord} is to be given at its end
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
   * Counts an attribute, an entry of a map or an item of a list, each with its key and its text: what is masked may
   * hold as many as events may.
   * @throws OtlpTooLargeError beyond that
   */
  countValue(): void {
    if (++this.#inRecord > MAX_EVENT_VALUES)
      throw tooMany(`a record of the request has more than ${MAX_EVENT_VALUES} values`);
    if (++this.#inRequest > MAX_VALUES) throw tooMany(`the request has more than ${MAX_VALUES} values`);
  }

  /**
   * Counts anything else that is looked at.
   * @throws OtlpTooLargeError beyond {@link MAX_OTHERS}
   */
  countOther(): void {
    if (++this.#others > MAX_OTHERS) {
      throw tooMany(`the request has more than ${MAX_OTHERS} records, texts and unknown values`);
    }
  }
}

function tooMany(what: string): OtlpTooLargeError {
  return new OtlpTooLargeError(`${what}, which are more than are masked on their way upstream`);
}
