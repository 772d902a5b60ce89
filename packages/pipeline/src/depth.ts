import { type AnyValue, KeyValues } from "./log-event.ts";

/** Levels of lists and maps within one value. The decoders stop there; in process, a value may contain itself. */
export const MAX_DEPTH = 64;

/** Values in all events of a request, as the decoders count them. */
export const MAX_VALUES = 2_097_152;

/**
 * Values within one event: attributes, items of lists, entries of maps. OpenTelemetry SDKs allow 128 attributes a record
 * unless told otherwise, and what is masked, written and delivered as one event is held in memory as one. The in-process
 * front door keeps to less by itself. There, a list may stand in many places of a value, and is written in each: thirty
 * lists can be a billion values.
 */
export const MAX_EVENT_VALUES = 32_768;

/**
 * How many of `left` values are left after those within this one, a shared one counted each time. Negative when they
 * are more than that, or lists or maps are nested deeper than {@link MAX_DEPTH} levels, or within themselves.
 */
export function countDown(value: AnyValue, left: number, levels: number = MAX_DEPTH): number {
  if (typeof value !== "object" || value === null) return left;
  const items = value instanceof KeyValues ? value.values : value;
  if (!Array.isArray(items)) return left;
  if (levels === 0) return -1;
  let rest = left - items.length;
  for (let i = 0; i < items.length && rest >= 0; i++) rest = countDown(items[i] ?? null, rest, levels - 1);
  return rest;
}
