/**
 * One reader of `tap`: first what is stored, page by page at the reader's own pace; then what comes. New
 * events wait in a bounded buffer while the reader is busy. What finds it full is read from the store again;
 * what is not there any more is left out, and the reader is told how many. The pipeline never waits for a
 * reader.
 */
import type { Segment, TakeLimits } from "@coresdk/pipeline";
import type { EventFilter } from "./filter.ts";

/** Where the events are. */
export interface EventSource {
  /** Stored events from a sequence on; `[]` when there is none. */
  browse(fromSequence: number, limits: TakeLimits): Promise<readonly Segment[]>;
  /** Calls back with each batch after its commit; the returned function ends it. */
  watch(listener: (segment: Segment) => void): () => void;
}

/** Where lines go. */
export interface LineSink {
  /** Resolves when more may be written; rejects when the reader is gone. */
  write(line: Buffer): Promise<void>;
}

export interface TapOptions {
  readonly filter: EventFilter;
  readonly limit: number | undefined;
  readonly follow: boolean;
  /** What may wait for a busy reader, in bytes. */
  readonly maxWaitingBytes: number;
}

const PAGE = { maxEvents: 500, maxBytes: 1024 * 1024 };

/** Writes events until the limit, the end of what is stored, or the signal. */
export async function runTap(
  source: EventSource,
  options: TapOptions,
  sink: LineSink,
  signal: AbortSignal,
): Promise<void> {
  const live = new LiveBuffer(options);
  const reading = new Reading(source, options, sink, signal);
  // Watched from before the first page, so that nothing falls between the store and what comes.
  const unwatch = options.follow ? source.watch((segment) => live.add(segment)) : () => {};
  const wake = (): void => live.wake();
  signal.addEventListener("abort", wake);
  try {
    await reading.readStore(EVERYTHING);
    // An append that was under way when the watch began is not watched; it is committed by the second answer.
    await reading.readStore(EVERYTHING);
    while (options.follow && !reading.over) {
      const next = live.shift();
      if (next === undefined) await live.wait();
      else if ("line" in next) await reading.give(next);
      else await reading.fill(next);
    }
  } finally {
    signal.removeEventListener("abort", wake);
    unwatch();
  }
}

/** An event that waits for the reader. */
interface WaitingLine {
  readonly sequence: number;
  readonly line: Buffer;
}

/** Wanted events that found the buffer full. */
interface Gap {
  readonly first: number;
  last: number;
  count: number;
}

const EVERYTHING: Gap = { first: 0, last: Number.POSITIVE_INFINITY, count: 0 };

/** How far one reader has come. */
class Reading {
  readonly #source: EventSource;
  readonly #filter: EventFilter;
  readonly #sink: LineSink;
  readonly #signal: AbortSignal;
  #left: number;
  #next = 0;

  constructor(source: EventSource, { filter, limit }: TapOptions, sink: LineSink, signal: AbortSignal) {
    this.#source = source;
    this.#filter = filter;
    this.#sink = sink;
    this.#signal = signal;
    this.#left = limit ?? Number.POSITIVE_INFINITY;
  }

  get over(): boolean {
    return this.#left === 0 || this.#signal.aborted;
  }

  /** Gives what is stored from here to the end of the gap, and says how many of those were in the gap. */
  async readStore(gap: Gap): Promise<number> {
    let given = 0;
    while (!this.over && this.#next <= gap.last) {
      const segments = await this.#source.browse(this.#next, PAGE);
      if (segments.length === 0) break;
      for (const { firstSequence, batch, indexes } of segments) {
        for (const index of indexes) {
          const sequence = firstSequence + index;
          if (this.over || !this.#filter(batch, index)) continue;
          await this.give({ sequence, line: eventLine(batch.event(index)) });
          if (sequence >= gap.first && sequence <= gap.last) given++;
        }
        this.#next = Math.max(this.#next, firstSequence + (indexes.at(-1) ?? 0) + 1);
      }
    }
    return given;
  }

  /** Gives one event, unless the store gave it already. */
  async give({ sequence, line }: WaitingLine): Promise<void> {
    if (sequence < this.#next) return;
    this.#next = sequence + 1;
    this.#left--;
    await this.#sink.write(line);
  }

  /** Gives what is still stored of a gap, and says how many are gone. */
  async fill(gap: Gap): Promise<void> {
    if (gap.last < this.#next) return;
    const missing = gap.count - (await this.readStore(gap));
    this.#next = Math.max(this.#next, gap.last + 1);
    if (missing > 0 && !this.over) await this.#sink.write(Buffer.from(`{"dropped":${missing}}\n`));
  }
}

/** What came while the reader was busy. */
class LiveBuffer {
  readonly #filter: EventFilter;
  readonly #maxBytes: number;
  readonly #waiting: (WaitingLine | Gap)[] = [];
  #bytes = 0;
  #waker = Promise.withResolvers<void>();

  constructor({ filter, maxWaitingBytes }: TapOptions) {
    this.#filter = filter;
    this.#maxBytes = maxWaitingBytes;
  }

  add({ firstSequence, batch, indexes }: Segment): void {
    for (const index of indexes) {
      if (this.#filter(batch, index)) this.#addOne(firstSequence + index, batch.event(index));
    }
    this.wake();
  }

  shift(): WaitingLine | Gap | undefined {
    const first = this.#waiting.shift();
    if (first !== undefined && "line" in first) this.#bytes -= first.line.length;
    return first;
  }

  wake(): void {
    this.#waker.resolve();
  }

  /** Resolves when something may have come. */
  async wait(): Promise<void> {
    await this.#waker.promise;
    this.#waker = Promise.withResolvers();
  }

  #addOne(sequence: number, event: Uint8Array): void {
    const last = this.#waiting.at(-1);
    if (this.#bytes + event.length + LINE_OVERHEAD <= this.#maxBytes) {
      const line = eventLine(event);
      this.#waiting.push({ sequence, line });
      this.#bytes += line.length;
    } else if (last === undefined || "line" in last) {
      this.#waiting.push({ first: sequence, last: sequence, count: 1 });
    } else {
      last.last = sequence;
      last.count++;
    }
  }
}

const HEAD = Buffer.from('{"event":');
const TAIL = Buffer.from("}\n");
const LINE_OVERHEAD = HEAD.length + TAIL.length;

function eventLine(event: Uint8Array): Buffer {
  return Buffer.concat([HEAD, event, TAIL]);
}
