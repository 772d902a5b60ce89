import type { QueueReader } from "../contracts.ts";
import type { Entry } from "./entry.ts";
import { toRanges } from "./ranges.ts";
import { keepOrder } from "./sort-outcomes.ts";
import type { Window } from "./window.ts";

/**
 * Reads the bytes of events again that were given up. Returns the events that the queue still has, and the
 * sequences of those it has not (they are finished then).
 */
export async function reload(
  entries: readonly Entry[],
  reader: QueueReader,
  window: Window,
  nowMs: number,
): Promise<{ readonly present: readonly Entry[]; readonly gone: readonly number[] }> {
  const sequences = entries.filter(({ loaded }) => !loaded).map(({ sequence }) => sequence);
  if (sequences.length === 0) return { present: entries, gone: [] };
  const missing = window.restore(entries, await reader.reread(toRanges(sequences)), nowMs);
  for (const entry of missing) window.finish(entry);
  return {
    present: entries.filter((entry) => !missing.includes(entry)),
    gone: missing.map(({ sequence }) => sequence),
  };
}

/** Cuts a list in two until each part is within the limit; what would overtake its own key is returned. */
export function cutToFit(
  entries: readonly Entry[],
  maxBytes: number,
): { readonly kept: readonly (readonly Entry[])[]; readonly returned: readonly Entry[] } {
  const parts: Entry[][] = [];
  let part: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const length = entry.batch.eventLength(entry.index);
    if (part.length > 0 && bytes + length > maxBytes) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(entry);
    bytes += length;
  }
  if (part.length > 0) parts.push(part);
  return keepOrder(parts);
}
