import type { Draft } from "../draft.ts";

/** Gives keys that masking made the same a number, so that none hides another: `[REDACTED]`, `[REDACTED].2`. */
export function keepKeysApart(draft: Draft): void {
  const { keys } = draft;
  const taken = new Set<string>();
  if (draft.addTraceIds && draft.traceId !== "") taken.add("trace_id");
  if (draft.addTraceIds && draft.spanId !== "") taken.add("span_id");
  const counts = new Map<string, number>();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? "";
    let free = key;
    let count = counts.get(key) ?? 1;
    while (taken.has(free)) {
      count += 1;
      free = `${key}.${count}`;
    }
    counts.set(key, count);
    taken.add(free);
    keys[i] = free;
  }
}
