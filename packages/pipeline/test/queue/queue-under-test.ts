import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { FactRecorder, Queue, QueueReader, Segment, TakeLimits } from "../../src/contracts.ts";
import { openDiskQueue } from "../../src/queue/disk-queue.ts";
import { createMemoryQueue } from "../../src/queue/memory-queue.ts";
import { systemClock } from "../../src/system.ts";
import { buildBatch } from "../build-batch.ts";

export const wide: TakeLimits = { maxEvents: 1_000_000, maxBytes: 1_000_000_000 };
export const never: AbortSignal = new AbortController().signal;

export interface Recorded {
  readonly fact: string;
  readonly amount: number;
  readonly detail: string;
}

/** Remembers facts, and lets a test wait for one. */
export class Facts implements FactRecorder {
  readonly all: Recorded[] = [];
  readonly #waiting = new Map<string, (recorded: Recorded) => void>();

  record(...[{ name }, amount = 1, , detail = ""]: Parameters<FactRecorder["record"]>): void {
    const recorded = { fact: name, amount, detail };
    this.all.push(recorded);
    this.#waiting.get(name)?.(recorded);
  }

  sum(fact: string): number {
    return this.all.filter((each) => each.fact === fact).reduce((sum, { amount }) => sum + amount, 0);
  }

  next(fact: string): Promise<Recorded> {
    return new Promise((resolve) => this.#waiting.set(fact, resolve));
  }
}

export interface Opening {
  readonly maxBytes?: number;
  readonly ring?: boolean;
  /** Of the disk queue. */
  readonly lettersGiveWay?: boolean;
  readonly readers?: readonly string[];
  readonly onFatal?: (error: Error) => void;
}

export function tempDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "coresdk-queue-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Opens a disk queue that closes with its test. */
export async function openDisk(
  t: TestContext,
  dir: string,
  opening: Opening = {},
  facts: FactRecorder = new Facts(),
): Promise<Queue> {
  const { maxBytes = 1 << 30, ring = false, lettersGiveWay = false } = opening;
  const { readers = ["default"], onFatal = () => {} } = opening;
  const settings = { kind: "disk", dir, durability: "os", maxBytes, ring, lettersGiveWay } as const;
  const queue = await openDiskQueue(settings, readers, { clock: systemClock, facts, onFatal });
  t.after(() => queue.close());
  return queue;
}

export type OpenQueue = (t: TestContext, opening?: Opening, facts?: FactRecorder) => Promise<Queue>;

/** Both queues, for the tests of what they have in common. */
export const implementations: readonly { readonly name: string; readonly open: OpenQueue }[] = [
  {
    name: "memory queue",
    open: async (_, { maxBytes = 1 << 30, ring = false, readers = ["default"] } = {}, facts = new Facts()) =>
      createMemoryQueue({ kind: "memory", maxBytes, ring }, readers, { clock: systemClock, facts }),
  },
  { name: "disk queue", open: (t, opening, facts) => openDisk(t, tempDirectory(t), opening, facts) },
];

/** Appends one batch with these event ids, and returns its first sequence. */
export async function append(queue: Queue, ids: readonly string[], padding = 0): Promise<number> {
  const data = padding === 0 ? undefined : "x".repeat(padding);
  const appended = await queue.append(buildBatch(ids.map((id) => ({ id, data }))));
  if (!appended.committed) throw new Error(`refused: ${appended.reason}, ${appended.detail}`);
  return appended.firstSequence;
}

export function idsOf(segments: readonly Segment[]): string[] {
  return segments.flatMap(({ batch, indexes }) => indexes.map((index) => batch.id(index)));
}

export function sequencesOf(segments: readonly Segment[]): number[] {
  return segments.flatMap(({ firstSequence, indexes }) => indexes.map((index) => firstSequence + index));
}

export async function takeIds(reader: QueueReader, limits: Partial<TakeLimits> = {}): Promise<string[]> {
  return idsOf(await reader.take({ ...wide, ...limits }, never));
}

/** Takes until everything that is pending has been taken. */
export async function drainIds(reader: QueueReader): Promise<string[]> {
  const ids: string[] = [];
  for (let left = await reader.pending(); left > 0; ) {
    const taken = await takeIds(reader);
    ids.push(...taken);
    left -= taken.length;
  }
  return ids;
}

/** A range of one or more sequences, as `settle` wants it. */
export function range(first: number, last = first): [{ first: number; last: number }] {
  return [{ first, last }];
}
