/**
 * One reader of `tap`: first what is stored, page by page at the reader's own pace; then what comes. New
 * events wait in a bounded buffer while the reader is busy; what finds it full is left out, and the reader is
 * told how many. The pipeline never waits for a reader.
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

interface Waiting {
  readonly sequence: number;
  readonly line: Buffer | { dropped: number };
}

/** Writes events until the limit, the end of what is stored, or the signal. */
export async function runTap(
  source: EventSource,
  options: TapOptions,
  sink: LineSink,
  signal: AbortSignal,
): Promise<void> {
  const live = createLiveBuffer(options);
  // Watched from before the first page, so that nothing falls between the store and what comes.
  const unwatch = options.follow ? source.watch(live.add) : () => {};
  signal.addEventListener("abort", live.wake);
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  try {
    let next = 0;
    // An append that was under way when the watch began is not watched; it is committed by the second answer.
    for (let empty = 0; empty < 2 && left > 0 && !signal.aborted; ) {
      const segments = await source.browse(next, PAGE);
      empty = segments.length === 0 ? empty + 1 : 0;
      for (const segment of segments) {
        for (const index of segment.indexes) {
          next = segment.firstSequence + index + 1;
          if (left === 0 || signal.aborted || !options.filter(segment.batch, index)) continue;
          left--;
          await sink.write(eventLine(segment.batch.event(index)));
        }
      }
    }
    while (options.follow && left > 0 && !signal.aborted) {
      const waiting = live.shift();
      if (waiting === undefined) {
        await live.wait();
      } else if (!Buffer.isBuffer(waiting.line)) {
        await sink.write(Buffer.from(`{"dropped":${waiting.line.dropped}}\n`));
      } else if (waiting.sequence >= next) {
        left--;
        await sink.write(waiting.line);
      }
    }
  } finally {
    signal.removeEventListener("abort", live.wake);
    unwatch();
  }
}

interface LiveBuffer {
  readonly add: (segment: Segment) => void;
  readonly wake: () => void;
  shift(): Waiting | undefined;
  wait(): Promise<void>;
}

function createLiveBuffer({ filter, maxWaitingBytes }: TapOptions): LiveBuffer {
  const queue: Waiting[] = [];
  let bytes = 0;
  let waker = Promise.withResolvers<void>();

  const add = (segment: Segment): void => {
    for (const index of segment.indexes) {
      if (!filter(segment.batch, index)) continue;
      const sequence = segment.firstSequence + index;
      const size = segment.batch.eventLength(index);
      const last = queue.at(-1);
      if (bytes + size <= maxWaitingBytes) {
        queue.push({ sequence, line: eventLine(segment.batch.event(index)) });
        bytes += size;
      } else if (last !== undefined && !Buffer.isBuffer(last.line)) {
        last.line.dropped++;
      } else {
        queue.push({ sequence, line: { dropped: 1 } });
      }
    }
    waker.resolve();
  };

  return {
    add,
    wake: () => waker.resolve(),
    shift() {
      const first = queue.shift();
      if (first !== undefined && Buffer.isBuffer(first.line)) bytes -= first.line.length - LINE_OVERHEAD;
      return first;
    },
    async wait() {
      await waker.promise;
      waker = Promise.withResolvers();
    },
  };
}

const HEAD = Buffer.from('{"event":');
const TAIL = Buffer.from("}\n");
const LINE_OVERHEAD = HEAD.length + TAIL.length;

function eventLine(event: Uint8Array): Buffer {
  return Buffer.concat([HEAD, event, TAIL]);
}
