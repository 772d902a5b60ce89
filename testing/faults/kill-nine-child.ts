/**
 * The process that `kill-nine.test.ts` kills: it appends from several sides at once, settles and buries, and
 * says on its standard output what it knows to be durable, a line each:
 *
 *   opening | open             before and after the queue is opened
 *   acked FIRST ID,ID,...      a batch is committed
 *   settling|settled FIRST LAST    before and after a settlement is durable
 *   burying|buried SEQUENCE    before and after a dead letter is durable
 */
import { openDiskQueue } from "../../packages/pipeline/src/queue/disk-queue.ts";
import { systemClock } from "../../packages/pipeline/src/system.ts";
import { buildBatch } from "../../packages/pipeline/test/build-batch.ts";
import { createRandom } from "./kill-nine-random.ts";

const APPENDERS = 8;
const [dir = "", name = "", seed = ""] = process.argv.slice(2);
const random = createRandom(Number(seed));
const never = new AbortController().signal;

/** Writes to a pipe block: what was said was said. The dot tells a whole line from one that was cut off. */
function say(line: string): void {
  process.stdout.write(`${line} .\n`);
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

/** Settles nearly all that comes, in small runs and out of order, and buries some. */
async function settle(): Promise<void> {
  const reader = queue.reader("default");
  for (;;) {
    const segments = await reader.take({ maxEvents: 40, maxBytes: 1_000_000 }, never);
    const sequences = segments.flatMap(({ firstSequence, indexes }) => indexes.map((i) => firstSequence + i));
    const done = sequences.filter(() => random() < 0.98).sort(() => random() - 0.5);
    await Promise.all(done.map(random() < 0.1 ? bury : settleOne));
  }

  async function settleOne(sequence: number): Promise<void> {
    say(`settling ${sequence} ${sequence}`);
    await reader.settle([{ first: sequence, last: sequence }]);
    say(`settled ${sequence} ${sequence}`);
  }

  async function bury(sequence: number): Promise<void> {
    const why = { reason: "rejected", detail: "", attempts: 1, lastStatus: "400", atMs: 0 };
    say(`burying ${sequence}`);
    await reader.deadLetter([{ ...why, sequence, event: Buffer.from("{}") }]);
    say(`buried ${sequence}`);
  }
}
