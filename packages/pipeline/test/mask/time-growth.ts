/**
 * What a backtracking expression does inside of one search no count from outside shows, whether `exec`, `split`, `matchAll`,
 * `replace` or `search` runs it. The processor's time does, by its growth: for eight times the text, eight times the time
 * when the work is linear, 64 times when it is quadratic. Time of other processes is not in it.
 */
export const TIMES = 8;
/** Between the two; what is quadratic in a part of its work alone comes close to it soon. */
const MOST_GROWTH = 24;
/** Less is noise. */
const NOISE_MS = 25;
/** The least of so many runs is taken before something is called too slow. */
const RUNS = 4;

/** @returns what grew too fast, in words; `undefined` when nothing did */
export function findTimeGrowth(
  run: (text: string) => unknown,
  small: string,
  large: string,
): string | undefined {
  let smallMs = Number.POSITIVE_INFINITY;
  let largeMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i++) {
    // One that is taken for slower than it is hides growth.
    for (let again = 0; again < RUNS; again++)
      smallMs = Math.min(
        smallMs,
        measureMs(() => run(small)),
      );
    largeMs = Math.min(
      largeMs,
      measureMs(() => run(large)),
    );
    if (largeMs <= MOST_GROWTH * smallMs + NOISE_MS) return undefined;
  }
  return `${smallMs} ms for ${small.length} characters, ${largeMs} ms for ${large.length}`;
}

function measureMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
