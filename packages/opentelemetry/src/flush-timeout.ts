/** The longest that a timer can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * How long a flush may take, as the application says it; beyond what a timer can be set to is as long as a timer can be.
 *
 * @returns milliseconds; `undefined` when nothing is said
 * @throws TypeError when it is said in a way that means nothing
 */
export function readFlushTimeout(options: unknown): number | undefined {
  if (options === undefined || options === null) return undefined;
  if (typeof options !== "object")
    throw new TypeError("CloudEventEmitter: forceFlush's options must be an object");
  const given: unknown = Reflect.get(options, "timeoutMillis");
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "number" || Number.isNaN(given)) {
    throw new TypeError("CloudEventEmitter: forceFlush's timeoutMillis must be a number of milliseconds");
  }
  return Math.min(Math.max(0, given), MAX_TIMER_MS);
}
