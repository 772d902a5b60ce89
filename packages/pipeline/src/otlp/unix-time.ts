import type { UnixTime } from "../log-event.ts";

const NANOS = 1_000_000_000;

/**
 * Nanoseconds since the epoch, given as the two halves of 64 bits, split without loss and without BigInt:
 * long division in 16-bit steps, each of which a double holds exactly. `undefined` for 0, which means unknown.
 */
export function splitNanos(low: number, high: number): UnixTime | undefined {
  if (low === 0 && high === 0) return undefined;
  const first = high % NANOS;
  const second = first * 0x1_0000 + (low >>> 16);
  const third = (second % NANOS) * 0x1_0000 + (low & 0xffff);
  const seconds =
    (Math.floor(high / NANOS) * 0x1_0000 + Math.floor(second / NANOS)) * 0x1_0000 + Math.floor(third / NANOS);
  return { seconds, nanos: third % NANOS };
}

/** The eight bytes at `at`, little-endian, as a time. */
export function readTime(view: DataView, at: number): UnixTime | undefined {
  return splitNanos(view.getUint32(at, true), view.getUint32(at + 4, true));
}
