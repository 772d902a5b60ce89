/**
 * The queue on disk. This side keeps the readers' cursors, the newest batches and the waiting callers; the
 * thread (`disk-thread.ts`) owns the files. What it promises:
 *
 * - `append` resolves with `committed` only after the thread has reported the commit. Whatever goes wrong
 *   before, a dead thread included, is a refusal.
 * - `settle` and `deadLetter` resolve only after their commit. They take effect here at once, so that nothing
 *   is taken again meanwhile; a crash before the commit delivers those events again.
 * - Events reach readers only after they are committed.
 */
import { isBuiltin } from "node:module";
import { BatchView, type EncodedBatch } from "../batch.ts";
import type {
  Appended,
  Clock,
  FactRecorder,
  Queue,
  QueueReader,
  QueueStats,
  Segment,
  SequenceRange,
  StoredDeadLetter,
  TakeLimits,
} from "../contracts.ts";
import { facts } from "../facts.ts";
import type { DiskQueueSettings } from "../settings.ts";
import {
  Admission,
  batchCost,
  checkBatch,
  refuseClosing,
  refuseFailed,
  refuseTooLarge,
} from "./admission.ts";
import { BatchLog, type StoredBatch } from "./batch-log.ts";
import { DiskLink } from "./disk-link.ts";
import type { AppendOutcome, Committed, Opened, ReaderState, StoredBytes } from "./disk-protocol.ts";
import { findReader, LogReader, selectFrom } from "./log-reader.ts";
import { SettledSet } from "./settled-set.ts";

/** The newest batches stay in memory up to this size: a reader that keeps up never reads the disk. */
const TAIL_BYTES = 4 * 1024 * 1024;
/** A reader that is behind reads at least this much at once, so that small takes share a read… */
const READ_MIN_BYTES = 256 * 1024;
/** …and at most this much, whatever it asks for. */
const READ_MAX_BYTES = 4 * 1024 * 1024;

export interface DiskQueuePorts {
  readonly clock: Clock;
  readonly facts: FactRecorder;
  /** The queue broke for good: it refuses everything from now on. The next open may repair it. */
  readonly onFatal?: (error: Error) => void;
}

/**
 * Opens the queue in `settings.dir`, making it when it is not there. What a crash left behind is taken up
 * again; a damaged store is set aside and reported.
 *
 * @param readers the names of the sinks. One that is new to the store starts at the end of the log; one that
 *   is no longer named keeps what it has not settled, in a ring as well, and is reported at each opening
 * @throws Error named `QueueDirectoryError` when the directory cannot be made or written to, `QueueInUseError`
 *   when another queue has it open, `NewerFormatError` when a newer release wrote it, `Error` when this Node.js
 *   has no SQLite or the store cannot be opened
 */
export async function openDiskQueue(
  settings: DiskQueueSettings,
  readers: readonly string[],
  ports: DiskQueuePorts,
): Promise<Queue> {
  if (!isBuiltin("node:sqlite")) {
    throw new Error(
      `the disk queue needs Node.js 22.13 or newer for node:sqlite; this is ${process.version}. ` +
        "Update Node.js, or use the memory queue",
    );
  }
  const queue = new DiskQueue(settings, readers, ports);
  await queue.opened();
  return queue;
}

class DiskQueue implements Queue {
  readonly #settings: DiskQueueSettings;
  readonly #ports: DiskQueuePorts;
  readonly #link: DiskLink;
  readonly #admission: Admission;
  readonly #readers = new Map<string, LogReader>();
  /** Who waits for an append, in the order of the calls. */
  readonly #waiting: ((appended: Appended) => void)[] = [];
  #tail = new BatchLog(0);
  #end = 0;
  #closing = false;

  constructor(settings: DiskQueueSettings, readers: readonly string[], ports: DiskQueuePorts) {
    this.#settings = settings;
    this.#ports = ports;
    const isRing = settings.ring && readers.length === 0;
    this.#admission = new Admission(settings.maxBytes, !isRing);
    this.#link = new DiskLink({ settings, readers }, ports.clock, {
      committed: (reply) => this.#committed(reply),
      damaged: (detail) => ports.facts.record(facts.queueDamaged, 1, {}, detail),
      exposed: (detail) => ports.facts.record(facts.queueExposed, 1, {}, detail),
      writable: () => this.#admission.noteWritable(),
      failing: (detail) => ports.facts.record(facts.queueFailed, 1, {}, detail),
      failed: (error) => this.#failed(error),
    });
  }

  async opened(): Promise<void> {
    const opened: Opened = await this.#link.opened();
    this.#end = opened.end;
    this.#tail = new BatchLog(opened.end);
    this.#admission.resume(opened.bytes, opened.newestCost);
    for (const { name, events } of opened.waiting) {
      const detail = `${events} events wait for the sink ${name}, which is not configured: they are kept until it is`;
      this.#ports.facts.record(facts.sinkMissing, 1, { sink: name }, detail);
    }
    for (const state of opened.readers) this.#readers.set(state.name, this.#createReader(state));
  }

  async append(batch: EncodedBatch): Promise<Appended> {
    const { count, acceptedAtMs } = checkBatch(batch);
    const cost = batchCost(batch.buffer.byteLength);
    const refused = this.#refusal() ?? refuseTooLarge(cost, this.#settings.maxBytes);
    if (refused !== undefined) return refused;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#link.append({ buffer: batch.buffer, count, acceptedAtMs });
    });
  }

  reader(name: string): QueueReader {
    return findReader(this.#readers, name);
  }

  async browse(fromSequence: number, limits: TakeLimits): Promise<readonly Segment[]> {
    const { batches } = await this.#link.ask({
      kind: "load",
      from: fromSequence,
      maxBytes: readSize(limits),
    });
    return selectFrom(toStored(batches), fromSequence, limits);
  }

  async deadLetters(limit: number): Promise<readonly StoredDeadLetter[]> {
    const { letters } = await this.#link.ask({ kind: "letters", limit });
    return letters ?? [];
  }

  refusing(): boolean {
    return this.#refusal() !== undefined || this.#admission.refusing();
  }

  fullness(): string {
    return this.#admission.fullness();
  }

  async stats(): Promise<QueueStats> {
    const { stats } = await this.#link.ask({ kind: "stats" });
    if (stats === undefined) throw new Error("the queue gave no figures");
    return { ...stats, maxBytes: this.#settings.maxBytes };
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#link.close();
    for (const resolve of this.#waiting.splice(0)) resolve(refuseClosing());
  }

  #refusal(): Appended | undefined {
    if (this.#closing) return refuseClosing();
    const { failure } = this.#link;
    return failure === undefined ? undefined : refuseFailed(`the queue is broken: ${failure.message}`);
  }

  #committed({ outcomes, end, bytes, evicted, lettersEvicted, durationMs }: Committed): void {
    this.#end = end;
    this.#admission.bytes = bytes;
    const waiting = this.#waiting.splice(0, outcomes.length);
    const appended = outcomes.map((outcome) => this.#keep(outcome));
    while (this.#tail.bytes > TAIL_BYTES && this.#tail.size > 1) this.#shiftTail();
    if (durationMs > 0) this.#ports.facts.record(facts.queueCommits, durationMs / 1000);
    if (evicted > 0) this.#ports.facts.record(facts.queueEvicted, evicted);
    if (lettersEvicted > 0) this.#ports.facts.record(facts.deadLettersEvicted, lettersEvicted);
    for (const [i, resolve] of waiting.entries()) {
      resolve(appended[i] ?? refuseFailed("the queue lost track of an append"));
    }
    this.#wake();
  }

  /** Keeps a committed batch in memory for the readers at the tail. */
  #keep(outcome: AppendOutcome): Appended {
    if ("refused" in outcome) {
      this.#admission.note(outcome.refused, outcome.cost);
      return outcome.refused;
    }
    const { first, buffer, cost } = outcome;
    if (buffer !== undefined) {
      const batch = new BatchView(new Uint8Array(buffer));
      batch.retain();
      this.#tail.push(first, batch);
    }
    const appended = { committed: true, firstSequence: first } as const;
    this.#admission.note(appended, cost);
    return appended;
  }

  #failed(error: Error): void {
    const refused = refuseFailed(`the queue is broken: ${error.message}`);
    for (const resolve of this.#waiting.splice(0)) resolve(refused);
    this.#wake();
    this.#ports.onFatal?.(error);
  }

  #wake(): void {
    for (const reader of this.#readers.values()) reader.wake();
  }

  #createReader({ name, position, runs }: ReaderState): LogReader {
    let ahead: readonly StoredBatch[] = [];
    return new LogReader(name, new SettledSet(position, runs), {
      end: () => this.#end,
      closed: () => this.#closing,
      check: () => {
        if (this.#link.failure !== undefined) throw this.#link.failure;
      },
      near: (sequence) => {
        if (sequence >= this.#tail.start) return this.#tail.from(sequence);
        return ahead.find(({ first, last }) => first <= sequence && sequence <= last);
      },
      load: async (from, maxBytes) => {
        const answer = await this.#link.ask({ kind: "load", from, maxBytes: readSize({ maxBytes }) });
        for (const { batch } of ahead) batch.release();
        ahead = retained(toStored(answer.batches));
        return { batches: ahead, until: answer.until ?? from };
      },
      fetch: (ranges) => this.#fetch(ranges),
      passed: (sequence) => {
        for (const { last, batch } of ahead) if (last < sequence) batch.release();
        ahead = ahead.filter(({ last }) => last >= sequence);
        this.#trimTail();
      },
      settled: (ranges) => this.#link.settle(name, ranges),
      deadLettered: (letters) => {
        // A view would take its whole batch along to the thread.
        const own = letters.map((letter) => ({ ...letter, event: new Uint8Array(letter.event) }));
        return this.#link.bury(name, own);
      },
    });
  }

  /** Drops what every reader has taken from memory. */
  #trimTail(): void {
    let least = Number.POSITIVE_INFINITY;
    for (const { cursor } of this.#readers.values()) least = Math.min(least, cursor);
    for (let oldest = this.#tail.from(0); oldest !== undefined && oldest.last < least; ) {
      this.#shiftTail();
      oldest = this.#tail.from(0);
    }
  }

  #shiftTail(): void {
    this.#tail.shift()?.batch.release();
  }

  async #fetch(ranges: readonly SequenceRange[]): Promise<readonly StoredBatch[]> {
    const { start } = this.#tail;
    const inMemory = new Set<StoredBatch>();
    const onDisk: SequenceRange[] = [];
    for (const { first, last } of ranges) {
      if (first < start) onDisk.push({ first, last: Math.min(last, start - 1) });
      for (const stored of this.#tail.within(Math.max(first, start), last)) inMemory.add(stored);
    }
    // The tail may drop them meanwhile.
    retained([...inMemory]);
    if (onDisk.length === 0) return [...inMemory];
    const answer = await this.#link.ask({ kind: "fetch", ranges: onDisk });
    return [...retained(toStored(answer.batches)), ...inMemory];
  }
}

function retained(batches: readonly StoredBatch[]): readonly StoredBatch[] {
  for (const { batch } of batches) batch.retain();
  return batches;
}

function readSize({ maxBytes }: Pick<TakeLimits, "maxBytes">): number {
  return Math.min(Math.max(maxBytes, READ_MIN_BYTES), READ_MAX_BYTES);
}

function toStored(batches: readonly StoredBytes[] = []): StoredBatch[] {
  return batches.map(({ first, bytes }) => {
    const batch = new BatchView(bytes);
    return { first, last: first + batch.count - 1, batch };
  });
}
