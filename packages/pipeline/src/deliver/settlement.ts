import type { Clock, DeadLetter, QueueReader, SequenceRange } from "../contracts.ts";
import type { Journal } from "./journal.ts";
import { countUpTo, toRanges } from "./ranges.ts";

/** After the queue failed to take a settlement. */
const AGAIN_AFTER_MS = 1_000;

/** What hears what becomes of a settlement. */
export interface Tracked {
  committed(): void;
  failed(): void;
}

/**
 * Tells the queue what is done. One call is out at a time and what comes meanwhile is put together for the
 * next, so that many small sends make few commits. What the queue fails to take is told again.
 */
export class Settlement {
  readonly #reader: QueueReader;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #track: (ranges: readonly SequenceRange[]) => Tracked;
  #sequences: number[] = [];
  #letters: DeadLetter[] = [];
  #running: Promise<void> | undefined;
  #told = 0;

  /** @param track called with what the queue is told, when it is told */
  constructor(
    reader: QueueReader,
    clock: Clock,
    journal: Journal,
    track: (ranges: readonly SequenceRange[]) => Tracked,
  ) {
    this.#reader = reader;
    this.#clock = clock;
    this.#journal = journal;
    this.#track = track;
  }

  settle(sequences: Iterable<number>): void {
    for (const sequence of sequences) this.#sequences.push(sequence);
    this.#run();
  }

  bury(letters: readonly DeadLetter[]): void {
    this.#letters.push(...letters);
    this.#run();
  }

  /** Resolves once the queue has taken all, or failed to. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Events that the queue was told of and has not answered for. */
  get told(): number {
    return this.#told;
  }

  /** Events that the queue has still to be told of. */
  get waiting(): number {
    return this.#sequences.length + this.#letters.length;
  }

  get done(): boolean {
    return this.waiting === 0;
  }

  #run(): void {
    if (this.done) return;
    this.#running ??= this.#tell();
  }

  async #tell(): Promise<void> {
    let failed = false;
    while (!failed && !this.done) {
      const sequences = this.#sequences;
      const letters = this.#letters;
      this.#sequences = [];
      this.#letters = [];
      const ranges = toRanges(sequences);
      const buried = toRanges(letters.map(({ sequence }) => sequence));
      const settled = await this.#attempt(ranges, () => this.#reader.settle(ranges));
      if (!settled) this.#sequences = sequences.concat(this.#sequences);
      const kept = await this.#attempt(buried, () => this.#reader.deadLetter(letters));
      if (!kept) this.#letters = letters.concat(this.#letters);
      failed = !settled || !kept;
    }
    this.#running = undefined;
    if (failed) this.#clock.schedule(AGAIN_AFTER_MS, () => this.#run());
  }

  async #attempt(ranges: readonly SequenceRange[], call: () => Promise<void>): Promise<boolean> {
    if (ranges.length === 0) return true;
    const tracked = this.#track(ranges);
    this.#told = countUpTo(ranges, Number.POSITIVE_INFINITY);
    try {
      await call();
    } catch (error) {
      this.#journal.failed("settle", error);
      tracked.failed();
      return false;
    } finally {
      this.#told = 0;
    }
    tracked.committed();
    return true;
  }
}
