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
    for (let again = 0; again < RUNS; again++) smallMs = leastMs(smallMs, run, small);
    largeMs = leastMs(largeMs, run, large);
    if (largeMs <= MOST_GROWTH * smallMs + NOISE_MS) return undefined;
  }
  return `${smallMs} ms for ${small.length} characters, ${largeMs} ms for ${large.length}`;
}

/** What a text may cost, in ordinary ones of the same length: those that give the rules most to do take 16. */
const MOST_COST = 48;

/**
 * Work that grows with the text may still be large for each character, as where an expression goes over a run of blanks
 * from many places, so far from each. Growth does not show it; what an ordinary text takes beside it does.
 * @returns how much too long the text takes, in words; `undefined` when it does not
 */
export function findTimeCost(
  run: (text: string) => unknown,
  ordinary: string,
  text: string,
): string | undefined {
  let ordinaryMs = Number.POSITIVE_INFINITY;
  let ms = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS; i++) {
    ordinaryMs = leastMs(ordinaryMs, run, ordinary);
    ms = leastMs(ms, run, text);
    if (ms <= MOST_COST * ordinaryMs) return undefined;
  }
  return `${ms} ms, and ${ordinaryMs} ms for an ordinary text of the same length`;
}

/** The less of what it took so far and what it takes now. */
function leastMs(soFarMs: number, run: (text: string) => unknown, text: string): number {
  const before = process.cpuUsage();
  run(text);
  const { user, system } = process.cpuUsage(before);
  return Math.min(soFarMs, (user + system) / 1_000);
}
