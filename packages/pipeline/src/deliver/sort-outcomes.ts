import type { Outcome } from "../contracts.ts";
import type { Entry } from "./entry.ts";

type Retry = Extract<Outcome, { kind: "retry" }>;
type Rejected = Extract<Outcome, { kind: "rejected" }>;
type Parked = Extract<Outcome, { kind: "parked" }>;

/** What is to be done with the events of one send. */
export interface Sorted {
  readonly delivered: readonly Entry[];
  /** Turned down by themselves: no smaller send would fare better. */
  readonly dead: readonly { readonly entry: Entry; readonly outcome: Rejected }[];
  /** To be sent again, each list as one. */
  readonly again: readonly { readonly entries: readonly Entry[]; readonly why: Retry | Rejected | Parked }[];
  /** To go back behind events of their own key that are sent again before them. */
  readonly returned: readonly Entry[];
  readonly parked: Parked | undefined;
  /** True when `again` is the send in two halves, because it failed as a whole. */
  readonly halved: boolean;
}

/**
 * Sorts the events of a send by what became of them.
 *
 * A peer that turns down several events of one send may mean all or one of them; they are cut in two until
 * the ones that it does mean stand alone. So are, with `halveRetried`, the events of a send that failed as a
 * whole in a way that one of them may have caused. Order is kept: of one key, all that is sent again is in one
 * list, and what came after it waits.
 */
export function sortOutcomes(
  entries: readonly Entry[],
  outcomes: readonly Outcome[],
  halveRetried: boolean,
): Sorted {
  if (outcomes.length === entries.length && outcomes.every(({ kind }) => kind === "delivered")) {
    return { delivered: entries, dead: [], again: [], returned: [], parked: undefined, halved: false };
  }
  const delivered: Entry[] = [];
  const retried: Entry[] = [];
  const rejected: Entry[] = [];
  const set: Entry[] = [];
  let retry: Retry | undefined;
  let rejection: Rejected | undefined;
  let parked: Parked | undefined;
  for (const [i, entry] of entries.entries()) {
    const outcome = outcomes[i];
    switch (outcome?.kind) {
      case "delivered":
        delivered.push(entry);
        break;
      case "rejected":
        rejection ??= outcome;
        rejected.push(entry);
        break;
      case "parked":
        parked ??= outcome;
        set.push(entry);
        break;
      case "retry":
        if (retry === undefined || (outcome.afterMs ?? 0) > (retry.afterMs ?? 0)) retry = outcome;
        retried.push(entry);
        break;
      case undefined:
        throw new RangeError(`a send of ${entries.length} events has an outcome for ${outcomes.length}`);
    }
  }
  // A verdict on one event is about that event; one on several may be about any of them.
  const [only] = rejected;
  const dead =
    rejection !== undefined && only !== undefined && rejected.length === 1
      ? [{ entry: only, outcome: rejection }]
      : [];
  const whole = retried.length > 1 && retried.length === entries.length;
  const halved = halveRetried && whole && retry?.mayBeEvents === true;
  const groups = [
    ...(halved ? halve(retried) : [retried]).map((list) => ({ list, why: retry })),
    { list: set, why: parked },
    ...(dead.length > 0 ? [] : halve(rejected)).map((list) => ({ list, why: rejection })),
  ];
  const { kept, returned } = keepOrder(groups.map(({ list }) => list));
  const again: Sorted["again"][number][] = [];
  for (const [i, list] of kept.entries()) {
    const why = groups[i]?.why;
    if (why !== undefined && list.length > 0) again.push({ entries: list, why });
  }
  return { delivered, dead, again, returned, parked, halved };
}

function halve(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const middle = entries.length >> 1;
  return [entries.slice(0, middle), entries.slice(middle)];
}

/**
 * Takes out of each list what has a key of an earlier list, so that the lists may be sent at the same time.
 * What was taken out is returned, oldest first.
 */
export function keepOrder(lists: readonly (readonly Entry[])[]): {
  readonly kept: readonly (readonly Entry[])[];
  readonly returned: readonly Entry[];
} {
  const returned: Entry[] = [];
  const earlier = new Set<number>();
  const kept = lists.map((list) => {
    const entries: Entry[] = [];
    for (const entry of list) {
      if (entry.key !== undefined && earlier.has(entry.key)) returned.push(entry);
      else entries.push(entry);
    }
    for (const { key } of entries) if (key !== undefined) earlier.add(key);
    return entries;
  });
  returned.sort((a, b) => a.sequence - b.sequence);
  return { kept, returned };
}
