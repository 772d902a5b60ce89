import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Queue, QueueReader } from "../../src/contracts.ts";
import { buildBatch } from "../build-batch.ts";
import {
  Facts,
  idsOf,
  implementations,
  never,
  openDisk,
  sequencesOf,
  tempDirectory,
  wide,
} from "./queue-under-test.ts";

/** What a queue is, without disk, threads and caches: a list, and a set of numbers for each reader. */
interface Model {
  readonly log: { readonly id: string; readonly batch: number }[];
  readonly readers: Map<string, { cursor: number; readonly settled: Set<number> }>;
  letters: number;
  batches: number;
}

type Step =
  | { readonly do: "append"; readonly counts: readonly number[] }
  | { readonly do: "take"; readonly reader: string; readonly maxEvents: number }
  | { readonly do: "settle" | "bury"; readonly reader: string; readonly from: number; readonly count: number }
  | { readonly do: "reread"; readonly reader: string }
  | { readonly do: "reopen" };

const names = ["a", "b"] as const;
const reader = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: appendStep() },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      reader,
      maxEvents: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("settle" as const, "bury" as const),
      reader,
      from: fc.nat(40),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reread" as const), reader }) },
  { weight: 1, arbitrary: fc.constant({ do: "reopen" as const }) },
);

function appendStep(): fc.Arbitrary<Step> {
  const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
  return fc.record({ do: fc.constant("append" as const), counts });
}

class Run {
  readonly model: Model = {
    log: [],
    readers: new Map(names.map((name) => [name, { cursor: 1, settled: new Set() }])),
    letters: 0,
    batches: 0,
  };
  queue: Queue;
  readonly #reopen: ((queue: Queue) => Promise<Queue>) | undefined;

  constructor(queue: Queue, reopen?: (queue: Queue) => Promise<Queue>) {
    this.queue = queue;
    this.#reopen = reopen;
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case "append":
        return this.#append(step.counts);
      case "take":
        return this.#take(step.reader, step.maxEvents);
      case "settle":
        return this.#settle(step.reader, step.from, step.count);
      case "bury":
        return this.#bury(step.reader, step.from, step.count);
      case "reread":
        return this.#reread(step.reader);
      case "reopen":
        if (this.#reopen === undefined) return;
        this.queue = await this.#reopen(this.queue);
        for (const state of this.model.readers.values()) state.cursor = 1;
    }
  }

  /** Compares what can be seen from outside. */
  async check(): Promise<void> {
    const { log, readers, letters } = this.model;
    const stats = await this.queue.stats();
    for (const [name, state] of readers) {
      assert.equal(stats.pending[name], log.length - state.settled.size);
      assert.equal(await this.queue.reader(name).pending(), log.length - state.settled.size);
    }
    const wanted = (sequence: number): boolean =>
      [...readers.values()].some(({ settled }) => !settled.has(sequence));
    const kept = new Set(log.filter((_, i) => wanted(i + 1)).map(({ batch }) => batch));
    assert.equal(stats.events, log.filter((_, i) => wanted(i + 1)).length);
    assert.equal(stats.deadLetters, letters);
    const ids = idsOf(await this.queue.browse(0, wide));
    assert.deepEqual(
      ids,
      log.filter(({ batch }) => kept.has(batch)).map(({ id }) => id),
    );
    if (kept.size === 0 && letters === 0) assert.equal(stats.bytes, 0);
  }

  async #append(counts: readonly number[]): Promise<void> {
    const { log } = this.model;
    const appends = counts.map((count) => {
      const batch = this.model.batches++;
      const ids = Array.from({ length: count }, () => `event-${log.length + 1}-${batch}`);
      const first = log.length + 1;
      for (const id of ids) log.push({ id, batch });
      return this.queue
        .append(buildBatch(ids.map((id) => ({ id }))))
        .then((appended) => assert.deepEqual(appended, { committed: true, firstSequence: first }));
    });
    await Promise.all(appends);
  }

  async #take(name: string, maxEvents: number): Promise<void> {
    const { reader, state } = this.#reader(name);
    const expected: number[] = [];
    let sequence = state.cursor;
    for (; sequence <= this.model.log.length && expected.length < maxEvents; sequence++) {
      if (!state.settled.has(sequence)) expected.push(sequence);
    }
    if (expected.length === 0) return;
    const taken: number[] = [];
    // A take may give less than its limits allow.
    while (taken.length < expected.length) {
      const limits = { ...wide, maxEvents: expected.length - taken.length };
      const segments = await reader.take(limits, never);
      taken.push(...sequencesOf(segments));
      assert.deepEqual(
        idsOf(segments),
        sequencesOf(segments).map((each) => this.model.log[each - 1]?.id),
      );
    }
    assert.deepEqual(taken, expected);
    state.cursor = sequence;
  }

  async #settle(name: string, from: number, count: number): Promise<void> {
    const { reader, state } = this.#reader(name);
    const first = from + 1;
    const last = Math.min(this.model.log.length, from + count);
    if (last < first) return;
    for (let sequence = first; sequence <= last; sequence++) state.settled.add(sequence);
    await reader.settle([{ first, last }]);
  }

  async #bury(name: string, from: number, count: number): Promise<void> {
    const { reader, state } = this.#reader(name);
    const why = { reason: "rejected", detail: "", attempts: 1, lastStatus: "", atMs: 0 };
    const letters = [];
    for (let sequence = from + 1; sequence <= Math.min(this.model.log.length, from + count); sequence++) {
      letters.push({ ...why, sequence, event: new Uint8Array(3) });
      if (!state.settled.has(sequence)) this.model.letters++;
      state.settled.add(sequence);
    }
    await reader.deadLetter(letters);
  }

  async #reread(name: string): Promise<void> {
    const { reader, state } = this.#reader(name);
    const { length } = this.model.log;
    if (length === 0) return;
    const unsettled = Array.from({ length }, (_, i) => i + 1).filter(
      (sequence) => !state.settled.has(sequence),
    );
    assert.deepEqual(sequencesOf(await reader.reread([{ first: 1, last: length }])), unsettled);
  }

  #reader(name: string): { reader: QueueReader; state: { cursor: number; readonly settled: Set<number> } } {
    const state = this.model.readers.get(name);
    assert.ok(state !== undefined);
    return { reader: this.queue.reader(name), state };
  }
}

async function openRun(t: TestContext, name: string): Promise<Run> {
  const opening = { readers: names };
  if (name === "disk queue") {
    const dir = tempDirectory(t);
    const reopen = async (queue: Queue): Promise<Queue> => {
      await queue.close();
      return openDisk(t, dir, opening);
    };
    return new Run(await openDisk(t, dir, opening), reopen);
  }
  const memory = implementations.find((each) => each.name === name);
  assert.ok(memory !== undefined);
  return new Run(await memory.open(t, opening, new Facts()));
}

for (const [name, numRuns] of [
  ["memory queue", 200],
  ["disk queue", 12],
] as const) {
  test(`a ${name} behaves as a list and sets of numbers, whatever is done to it`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30, size: "max" }), async (steps) => {
        const run = await openRun(t, name);
        for (const each of steps) {
          await run.step(each);
          await run.check();
        }
        await run.queue.close();
      }),
      { numRuns, endOnFailure: true },
    );
  });
}
