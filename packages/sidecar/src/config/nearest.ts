/** Names longer than this are not compared: what a client or a file sends has no bound of its own. */
const LONGEST_COMPARED = 64;

/**
 * The candidate that a mistyped name most likely meant: case, `-` and `_` aside, at most a third of its
 * letters away; a slip in two letters is another word.
 */
export function findNearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = measureNames(name, candidate);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best !== undefined && isNear(bestDistance, best) ? best : undefined;
}

/** Whether {@link findNearest} would take the candidate, were it the only one. */
export function isNearName(name: string, candidate: string): boolean {
  return isNear(measureNames(name, candidate), candidate);
}

/** How many letters are between two names, case, `-` and `_` aside. */
export function measureNames(name: string, candidate: string): number {
  if (name.length > LONGEST_COMPARED) return Number.POSITIVE_INFINITY;
  return measureDistance(normaliseName(name), normaliseName(candidate));
}

function isNear(distance: number, candidate: string): boolean {
  return distance <= Math.max(1, Math.floor(candidate.length / 3)) && 2 * distance < candidate.length;
}

/** A name as it is compared. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each. */
function measureDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforeLast, j - 2) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
