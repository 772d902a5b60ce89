/**
 * The process that `kill-nine.test.ts` kills: it appends from several sides at once, settles and buries, and
 * says on its standard output what it knows to be durable, a line each:
 *
 *   opening | open             before and after the queue is opened
 *   acked FIRST ID,ID,...      a batch is committed
 *   settling|settled FIRST LAST    before and after a settlement is durable
 *   burying|buried SEQUENCE SEQUENCE    before and after a dead letter is durable
 *
 * Told to, it kills itself with the first acknowledgement from the line of that number on: nothing runs between
 * the word and the end, so that a word given a moment too early shows.
 */
import { writeSync } from "node:fs";
import type { SequenceRange } from "../../packages/pipeline/src/contracts.ts";
import { openDiskQueue } from "../../packages/pipeline/src/queue/disk-queue.ts";
import { systemClock } from "../../packages/pipeline/src/system.ts";
import { buildBatch } from "../../packages/pipeline/test/build-batch.ts";
import { createRandom } from "./kill-nine-random.ts";

const APPENDERS = 8;
const [dir = "", name = "", seed = "", ripe = ""] = process.argv.slice(2);
const ripeAt = Number(ripe) || Number.POSITIVE_INFINITY;
const random = createRandom(Number(seed));
const pause = new Int32Array(new SharedArrayBuffer(4));
let said = 0;
const never = new AbortController().signal;

/** Returns once the whole line is in the pipe: what was said was said. The dot tells it from one that was cut off. */
function say(line: string): void {
  let bytes = Buffer.from(`${line} .\n`);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
      // The pipe is full; the process must not run ahead of its word.
      Atomics.wait(pause, 0, 0, 1);
    }
  }
  if (++said >= ripeAt && line.startsWith("acked")) process.kill(process.pid, "SIGKILL");
}

say("opening");
const settings = { kind: "disk", dir, durability: "sync", maxBytes: 1 << 30, ring: false } as const;
const ports = { clock: systemClock, facts: { record: () => {} } };
const queue = await openDiskQueue(settings, ["default"], ports);
say("open");
await Promise.all([settle(), ...Array.from({ length: APPENDERS }, (_, appender) => append(appender))]);

async function append(appender: number): Promise<void> {
  for (let n = 0; ; n++) {
    const count = 1 + Math.floor(random() * 5);
    const ids = Array.from({ length: count }, (_, i) => `${name}-${appender}-${n}-${i}`);
    const data = "x".repeat(random() < 0.05 ? 60_000 : 200);
    const appended = await queue.append(buildBatch(ids.map((id) => ({ id, data }))));
    if (!appended.committed) throw new Error(appended.detail);
    say(`acked ${appended.firstSequence} ${ids.join(",")}`);
  }
}

/** Settles nearly all that comes, in short runs and out of order, and buries some. */
async function settle(): Promise<void> {
  const reader = queue.reader("default");
  for (;;) {
    const segments = await reader.take({ maxEvents: 100, maxBytes: 1_000_000 }, never);
    const done = segments
      .flatMap(({ firstSequence, indexes }) => toRuns(indexes, firstSequence))
      .filter(() => random() < 0.98)
      .sort(() => random() - 0.5);
    await Promise.all(done.map((run) => (random() < 0.1 ? bury(run.first) : settleRun(run))));
  }

  async function settleRun({ first, last }: SequenceRange): Promise<void> {
    say(`settling ${first} ${last}`);
    await reader.settle([{ first, last }]);
    say(`settled ${first} ${last}`);
  }

  async function bury(sequence: number): Promise<void> {
    const why = { reason: "rejected", detail: "", attempts: 1, lastStatus: "400", atMs: 0 };
    say(`burying ${sequence} ${sequence}`);
    await reader.deadLetter([{ ...why, sequence, event: Buffer.from("{}") }]);
    say(`buried ${sequence} ${sequence}`);
  }
}

/** The batch's events, divided at a random place. */
function toRuns(indexes: readonly number[], firstSequence: number): SequenceRange[] {
  const first = firstSequence + (indexes[0] ?? 0);
  const last = firstSequence + (indexes.at(-1) ?? 0);
  const middle = first + Math.floor(random() * (last - first + 1));
  const runs = [
    { first, last: middle },
    { first: middle + 1, last },
  ];
  return runs.filter((run) => run.first <= run.last);
}
