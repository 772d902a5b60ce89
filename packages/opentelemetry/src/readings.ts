/**
 * What is read of records, spans and resources is typed, but need not be what its type says: there are other SDKs,
 * wrapped records, and applications in JavaScript. A field that is something else, or that throws, is as good as
 * absent: it must cost neither its own event nor those that are on their way with it.
 */
import type { AttributesView } from "./sdk.ts";

const UINT32_MAX = 2 ** 32 - 1;
const NOTHING: AttributesView = {};

/** The value, or `undefined` when reading it throws. */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** A text, or `""`. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A count as OTLP has it, `uint32`, or 0. */
export function asCount(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= UINT32_MAX
    ? value
    : 0;
}

/** The sum of two counts, as much of it as OTLP can say. */
export function addCounts(one: number, other: number): number {
  return Math.min(one + other, UINT32_MAX);
}

/** Trace flags: the low byte. */
export function asFlags(value: unknown): number {
  return typeof value === "number" ? value & 0xff : 0;
}

/** Attributes, or none. */
export function asAttributes(value: AttributesView | null | undefined): AttributesView {
  return typeof value === "object" && value !== null ? value : NOTHING;
}

/** A list, or an empty one. */
export function asList<Item>(value: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(value) ? value : [];
}
