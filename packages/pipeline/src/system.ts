import { randomFillSync } from "node:crypto";
import type { Clock, Random } from "./contracts.ts";

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
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
