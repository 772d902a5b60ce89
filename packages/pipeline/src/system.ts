import { randomFillSync } from "node:crypto";
import type { Clock, Random } from "./contracts.ts";

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The system's random source; `next` is for jitter, `fill` is cryptographic. */
export const systemRandom: Random = {
  next: () => Math.random(),
  fill: (bytes) => randomFillSync(bytes),
};

/**
 * Keeps the process alive until the work is done: the clock's timers do not, so that a program that awaits a flush
 * would end before its deadline.
 */
export async function holdProcess<Result>(work: Promise<Result>): Promise<Result> {
  const hold = setInterval(() => {}, MAX_TIMER_MS);
  try {
    return await work;
  } finally {
    clearInterval(hold);
  }
}

/** The longest that a timer can be set to, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;
