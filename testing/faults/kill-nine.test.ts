import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { test } from "node:test";
import type { Queue } from "../../packages/pipeline/src/contracts.ts";
import { openDiskQueue } from "../../packages/pipeline/src/queue/disk-queue.ts";
import { systemClock } from "../../packages/pipeline/src/system.ts";
import { createDirectory } from "../directory.ts";
import { createRandom } from "./kill-nine-random.ts";

const KILLS = 20;
/** Set it to run other moments; the one that failed is in the failure's text. */
const seed = Number(process.env["KILL_NINE_SEED"] ?? 1);

/** What the test knows of the queue, from the child's word and from what it found itself. */
class Ledger {
  /** Committed events by sequence; a sequence holds one event, for ever. */
  readonly events = new Map<number, string>();
  readonly settled = new Set<number>();
  readonly buried = new Set<number>();
  /** Settled or buried perhaps: the child was killed before it could say. */
  readonly touched = new Set<number>();

  /** Takes in one line of the child. */
  note(line: string): void {
    const [word = "", first = "", rest = ""] = line.split(" ");
    if (word === "acked") {
      for (const [i, id] of rest.split(",").entries()) this.found(Number(first) + i, id);
    }
    const kinds = {
      settled: this.settled,
      buried: this.buried,
      settling: this.touched,
      burying: this.touched,
    };
    const set = new Map(Object.entries(kinds)).get(word);
    for (let each = Number(first); set !== undefined && each <= Number(rest); each++) set.add(each);
  }

  found(sequence: number, id: string): void {
    assert.equal(this.events.get(sequence) ?? id, id, `sequence ${sequence} holds another event than before`);
    this.events.set(sequence, id);
  }
}

type Child = ChildProcessByStdio<null, Readable, null>;

/** @param ripeAt the line from which on the child kills itself; never, when 0 */
function start(dir: string, name: string, ripeAt: number): Child {
  const file = new URL("./kill-nine-child.ts", import.meta.url).pathname;
  const flags = ["--conditions=coresdk-source", file, dir, name, String(seed), String(ripeAt)];
  return spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
}

function open(dir: string): Promise<Queue> {
  const settings = { kind: "disk", dir, durability: "sync", maxBytes: 1 << 30, ring: false } as const;
  const record = (fact: { name: string }): void => {
    assert.notEqual(fact.name, "coresdk.queue.damaged", "a kill must not look like damage");
  };
  return openDiskQueue(settings, ["default"], { clock: systemClock, facts: { record } });
}

/** Kills the child after that many lines, unless it does so itself, and notes all that it said. */
async function runAndKill(
  child: Child,
  killAt: number,
  ledger: Ledger,
  opened: () => Promise<void>,
): Promise<void> {
  let said = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.endsWith(" .")) continue;
    if (line === "open .") await opened();
    if (++said === killAt) child.kill("SIGKILL");
    ledger.note(line);
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  assert.equal(child.signalCode, "SIGKILL", "the child ended by itself");
}

/** Compares what is in the queue with what must be. */
async function verify(queue: Queue, ledger: Ledger): Promise<void> {
  const reader = queue.reader("default");
  const present = new Set<number>();
  let before = 0;
  for (let left = await reader.pending(); left > 0; ) {
    const segments = await reader.take({ maxEvents: 10_000, maxBytes: 1e9 }, new AbortController().signal);
    for (const { firstSequence, batch, indexes } of segments) {
      for (const index of indexes) {
        const sequence = firstSequence + index;
        assert.ok(sequence > before, `sequence ${sequence} came after ${before}`);
        before = sequence;
        present.add(sequence);
        ledger.found(sequence, batch.id(index));
        left--;
      }
    }
  }
  for (const sequence of [...ledger.settled, ...ledger.buried]) {
    assert.ok(!present.has(sequence), `${sequence} was durably settled and came again`);
  }
  for (const sequence of ledger.events.keys()) {
    assert.ok(
      present.has(sequence) || ledger.touched.has(sequence),
      `${sequence} was acknowledged and is gone`,
    );
  }
  const letters = (await queue.deadLetters(1_000_000)).map(({ sequence }) => sequence);
  assert.equal(new Set(letters).size, letters.length, "a dead letter is there twice");
  for (const sequence of ledger.buried) {
    assert.ok(letters.includes(sequence), `the dead letter ${sequence} is gone`);
  }
  for (const sequence of letters) {
    assert.ok(!present.has(sequence), `${sequence} is a dead letter and came again`);
  }
}

test(`what was acknowledged survives ${KILLS} kills under load (seed ${seed})`, async (t) => {
  const dir = createDirectory(t);
  const random = createRandom(seed);
  const ledger = new Ledger();
  for (let kill = 0; kill < KILLS; kill++) {
    // Every fifth dies while it opens the queue or just after; the others in full swing.
    const lines = 1 + Math.floor(random() * (kill % 5 === 4 ? 6 : 1_200));
    // From outside it dies anywhere; by itself, right after it said that something is durable.
    const killsItself = kill % 2 === 1;
    const child = start(dir, `${kill}`, killsItself ? lines : 0);
    t.after(() => child.kill("SIGKILL"));
    await runAndKill(child, killsItself ? Number.POSITIVE_INFINITY : lines, ledger, async () => {
      if (kill === 0) await assert.rejects(open(dir), { name: "QueueInUseError" });
    });
    const queue = await open(dir);
    await verify(queue, ledger);
    await queue.close();
  }
  t.diagnostic(
    `${ledger.events.size} events, ${ledger.settled.size} settled, ${ledger.buried.size} dead letters`,
  );
  assert.ok(
    ledger.settled.size > 500 && ledger.buried.size > 10,
    "the child did too little to show anything",
  );
});
