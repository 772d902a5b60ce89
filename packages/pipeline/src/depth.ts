import { type AnyValue, KeyValues } from "./log-event.ts";

/** Levels of lists and maps within one value. The decoders stop there; in process, a value may contain itself. */
export const MAX_DEPTH = 64;

/** True when lists or maps are nested deeper than `most` levels, or within themselves. */
export function isDeeperThan(value: AnyValue, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  const items = value instanceof KeyValues ? value.values : value;
  if (!Array.isArray(items)) return false;
  if (most === 0) return true;
  for (const item of items) {
    if (isDeeperThan(item, most - 1)) return true;
  }
  return false;
}
