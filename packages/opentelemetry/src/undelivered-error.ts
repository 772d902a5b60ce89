/** A flush or a shutdown ended before everything was delivered. */
export class UndeliveredError extends Error {
  override readonly name = "UndeliveredError";
  /** How many events. */
  readonly remaining: number;

  constructor(remaining: number, consequence: string) {
    super(
      `${remaining} ${remaining === 1 ? "event was" : "events were"} not delivered in time; ${consequence}`,
    );
    this.remaining = remaining;
  }
}
