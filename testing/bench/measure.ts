/**
 * Rates of code that runs in this process, compared fairly: contenders take turns in short rounds, so that a
 * busy machine, a warm cache or a late optimisation meets all of them alike, and medians are reported.
 *
 * A round is timed in CPU time of the whole process (garbage collection included), not by the clock on the
 * wall: other programs on the machine then change little.
 */

/** One way to do the work of a row. */
export interface Contender {
  /** Who does it: `coresdk`, `cloudevents`, `floor`, ... */
  readonly peer: string;
  /** Does the work `n` times. Give each result to {@link keep}, lest the work be optimised away. */
  readonly run: (n: number) => void;
}

/** One line of comparison: what we do, and the peers that do the same with the same bytes. */
export interface Row {
  /** As in the issue: `create`, `json decode`, `http batch encode`, ... */
  readonly name: string;
  readonly ours: (n: number) => void;
  readonly peers: readonly Contender[];
}

/** What `--check` asks for: our rate divided by the peer's, at least. */
export interface Target {
  readonly name: string;
  readonly peer: string;
  readonly atLeast: number;
}

/** One figure, as `--json` writes it. */
export interface Figure {
  readonly name: string;
  readonly peer: string;
  /** Our own rate, per second of CPU time. */
  readonly opsPerSecond: number;
  /** Our rate divided by the peer's in the same run; larger is better. */
  readonly ratio: number;
}

export interface CompareOptions {
  /** Timed rounds of each contender. */
  readonly rounds?: number;
  /** How long a round of each contender is, in milliseconds. */
  readonly roundMs?: number;
}

/** What {@link compare} found for one contender. */
export interface Measured {
  readonly peer: string;
  /** The median over the rounds, per second of CPU time. */
  readonly opsPerSecond: number;
  /** The first contender's rate divided by this one's: the median over the rounds, each against its neighbour. */
  readonly ratio: number;
}

let kept: unknown;

/** Holds on to a result, so that the engine cannot leave out the work that made it. */
export function keep(value: unknown): void {
  kept = value;
}

/** The value that {@link keep} was given last. */
export function lastKept(): unknown {
  return kept;
}

/**
 * Runs contenders in turns and gives one result for each, in the order given. The first is the one that the
 * ratios speak of.
 * @throws RangeError when there is no contender
 */
export function compare(contenders: readonly Contender[], options: CompareOptions = {}): Measured[] {
  const { rounds = 15, roundMs = 60 } = options;
  if (contenders.length === 0) throw new RangeError("nothing to compare");
  const lanes = contenders.map((contender) => ({
    contender,
    n: calibrate(contender.run, roundMs),
    rates: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    // Every other round runs backwards, so that nobody always follows the one that leaves most garbage.
    const order = round % 2 === 0 ? lanes : lanes.toReversed();
    for (const lane of order) lane.rates.push(lane.n / secondsOf(lane.contender.run, lane.n));
  }
  const first = lanes[0]?.rates ?? [];
  return lanes.map((lane) => ({
    peer: lane.contender.peer,
    opsPerSecond: median(lane.rates),
    ratio: median(lane.rates.map((rate, round) => (first[round] ?? 0) / rate)),
  }));
}

/** Measures one row: a figure for each peer. */
export function measureRow(row: Row, options: CompareOptions = {}): Figure[] {
  const [ours, ...peers] = compare([{ peer: "coresdk", run: row.ours }, ...row.peers], options);
  const opsPerSecond = ours?.opsPerSecond ?? 0;
  return peers.map(({ peer, ratio }) => ({ name: row.name, peer, opsPerSecond, ratio }));
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Finds how many times fill a round; by then the code is warm too. */
function calibrate(run: (n: number) => void, roundMs: number): number {
  let n = 1;
  let seconds = secondsOf(run, n);
  const enough = roundMs / 1000;
  while (seconds < enough / 2) {
    n *= 2;
    seconds = secondsOf(run, n);
  }
  // Once more at full length: the doubling above still held the slow, unoptimised runs.
  const guess = Math.max(1, Math.round((n * enough) / seconds));
  return Math.max(1, Math.round((guess * enough) / secondsOf(run, guess)));
}

function secondsOf(run: (n: number) => void, n: number): number {
  const before = process.cpuUsage();
  run(n);
  const used = process.cpuUsage(before);
  // A microsecond at least: the clock of CPU time is no finer.
  return Math.max(1, used.user + used.system) / 1e6;
}
