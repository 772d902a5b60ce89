/** What the gate's patterns are made of: places, and the sets of bytes, in UTF-8, that lead from one to the next. */

/** The bytes from one to another as a set: a byte stands in it as the character with its number. */
export function bytes(from: number, to: number = from): string {
  return String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
}

/** A place in patterns. */
export interface Place {
  /** What leads on from it; without a place to lead to, a pattern ends there. */
  readonly edges: { readonly set: string; readonly to: Place | undefined }[];
  /** How far it has counted. Of the places reached that count only the furthest matters; 0 counts nothing. */
  readonly count: number;
}

export function createPlace(count = 0): Place {
  return { edges: [], count };
}

/** Lets each byte of the set lead from one place to another, or end a pattern. */
export function lead(from: Place, set: string, to?: Place): void {
  from.edges.push({ set, to });
}

/** Lets these sets lead on one after the other; patterns that begin alike share their places. */
export function follow(from: Place, sets: readonly string[]): Place {
  let place = from;
  for (const set of sets) {
    const known = place.edges.find((edge) => edge.set === set && edge.to?.count === 0)?.to;
    const next = known ?? createPlace();
    if (known === undefined) lead(place, set, next);
    place = next;
  }
  return place;
}

/** Lets a pattern of these sets begin at a place. */
export function expect(from: Place, sets: readonly string[]): void {
  lead(follow(from, sets.slice(0, -1)), sets.at(-1) ?? "");
}
