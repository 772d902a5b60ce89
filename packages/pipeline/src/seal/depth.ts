import type { Draft } from "../draft.ts";
import { type AnyValue, KeyValues } from "../log-event.ts";

/** True when a value of the draft has lists or maps nested deeper than `most` levels, or within themselves. */
export function isDeeperThan(draft: Draft, most: number): boolean {
  for (const value of draft.values) {
    if (typeof value === "object" && value !== null && isDeep(value, most)) return true;
  }
  const { body } = draft;
  return typeof body === "object" && body !== null && isDeep(body, most);
}

function isDeep(value: AnyValue, left: number): boolean {
  const items = value instanceof KeyValues ? value.values : value;
  if (!Array.isArray(items)) return false;
  if (left === 0) return true;
  for (const item of items) {
    if (typeof item === "object" && item !== null && isDeep(item, left - 1)) return true;
  }
  return false;
}
