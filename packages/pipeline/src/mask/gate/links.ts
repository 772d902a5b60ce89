/** The places of patterns as the automaton walks them: with classes of bytes in the place of sets. */
import type { Place } from "./places.ts";

/** What a class leads to: places, and `undefined` where it ends a pattern. */
type Targets = (Link | undefined)[];

export interface Link {
  readonly id: number;
  readonly count: number;
  readonly targets: Map<number, Targets>;
}

interface Linked {
  readonly links: readonly Link[];
  /** The class of each byte. */
  readonly classes: Uint8Array;
  readonly classCount: number;
}

/** Links the places that can be reached, those given first. */
export function linkPlaces(first: readonly Place[]): Linked {
  const places = collectPlaces(first);
  const sets = [...new Set(places.flatMap(({ edges }) => edges.map(({ set }) => set)))];
  const { classes, classCount } = classify(sets);
  const kindsOf = new Map(sets.map((set) => [set, classesOf(set, classes)]));
  const byPlace = new Map(
    places.map((place, id): [Place, Link] => [place, { id, count: place.count, targets: new Map() }]),
  );
  for (const [{ edges }, { targets }] of byPlace) {
    for (const { set, to } of edges) {
      const target = to === undefined ? undefined : byPlace.get(to);
      for (const kind of kindsOf.get(set) ?? []) {
        const known = targets.get(kind);
        if (known === undefined) targets.set(kind, [target]);
        else known.push(target);
      }
    }
  }
  return { links: [...byPlace.values()], classes, classCount };
}

function collectPlaces(first: readonly Place[]): readonly Place[] {
  const places = new Set(first);
  for (const place of places) {
    for (const { to } of place.edges) if (to !== undefined) places.add(to);
  }
  return [...places];
}

/** All bytes; what texts have most of is first, so that it stands side by side in rows. */
const CODES: readonly number[] = Array.from({ length: 256 }, (_, code) => code).sort(
  (a, b) => rankOf(a) - rankOf(b),
);

function rankOf(code: number): number {
  const isSmall = code >= 97 && code <= 122;
  return isSmall ? 0 : code >= 48 && code <= 57 ? 1 : 2;
}

/** Bytes that no set tells apart are of one class. */
function classify(sets: readonly string[]): { readonly classes: Uint8Array; readonly classCount: number } {
  const classes = new Uint8Array(256);
  const known = new Map<string, number>();
  for (const code of CODES) {
    const character = String.fromCharCode(code);
    const name = sets.map((set) => (set.includes(character) ? "1" : "0")).join("");
    const kind = known.get(name) ?? known.size;
    known.set(name, kind);
    classes[code] = kind;
  }
  return { classes, classCount: known.size };
}

/** The classes that the bytes of a set are of. */
export function classesOf(set: string, classes: Uint8Array): ReadonlySet<number> {
  return new Set(Array.from(set, (character) => classes[character.charCodeAt(0)] ?? 0));
}

/** Where bytes of these classes lead from each place. */
export function findTargets(
  links: readonly Link[],
  kinds: ReadonlySet<number>,
): ReadonlyMap<Link, ReadonlySet<Link | undefined>> {
  const targetsOf = ({ targets }: Link): ReadonlySet<Link | undefined> =>
    new Set(Array.from(targets).flatMap(([kind, reached]) => (kinds.has(kind) ? reached : [])));
  return new Map(links.map((link) => [link, targetsOf(link)]));
}

/** The places from which these bytes alone may lead to the end of a pattern. */
export function findUrgent(targets: ReturnType<typeof findTargets>): ReadonlySet<Link> {
  const urgent = new Set<Link>();
  for (let before = -1; before !== urgent.size; ) {
    before = urgent.size;
    for (const [link, reached] of targets) {
      if (urgent.has(link)) continue;
      for (const target of reached) if (target === undefined || urgent.has(target)) urgent.add(link);
    }
  }
  return urgent;
}

/**
 * The places in which a search can be behind these bytes, when it was in none of the urgent ones in front of
 * them: then it was in none of those on the way either.
 */
export function findReached(
  targets: ReturnType<typeof findTargets>,
  urgent: ReadonlySet<Link>,
): readonly Link[] {
  const reached = Array.from(targets, ([link, next]) => (urgent.has(link) ? [] : [...next]));
  return [...new Set(reached.flat())].filter((link) => link !== undefined);
}
