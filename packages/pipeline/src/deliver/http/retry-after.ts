/** `delay-seconds` of RFC 9110, section 10.2.3; of any length, as a date may be as far away. */
const SECONDS = /^\d+$/;
/** An HTTP-date begins with the name of a day, in each of its three forms (RFC 9110, section 5.6.7). */
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /;

/**
 * True for an answer that concerns all requests, and not the one that got it: "HTTP 1.1 Web Hooks", section 2.2, for
 * 429, and RFC 9110, section 10.2.3, for 503.
 */
export function holdsSink(status: number, afterMs: number | undefined): boolean {
  return afterMs !== undefined && (status === 429 || status === 503);
}

/** The wait that a `Retry-After` asks for, in ms; `undefined` when it says nothing that can be read. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (SECONDS.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  if (!DATE.test(text)) return undefined;
  // The asctime form names no zone, and all three are in GMT.
  const atMs = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
