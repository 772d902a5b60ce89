import { KeyValues } from "../log-event.ts";

/** A copy of the first `count` entries of a map. */
export function firstOf(map: KeyValues, count: number): KeyValues {
  const first = new KeyValues();
  for (let i = 0; i < count; i++) first.add(map.keys[i] ?? "", map.values[i] ?? null);
  return first;
}
