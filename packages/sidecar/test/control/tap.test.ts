import assert from "node:assert/strict";
import { test } from "node:test";
import { compileFilters } from "../../src/control/filter.ts";
import { type LineSink, runTap, type TapOptions } from "../../src/control/tap.ts";
import { EventsOfTest } from "./events.ts";

const OPTIONS: TapOptions = {
  filter: compileFilters([]),
  limit: undefined,
  follow: true,
  maxWaitingBytes: 1024 * 1024,
};

/** A reader that says when it has so many lines, and that can be busy. */
class ReaderOfTest implements LineSink {
  readonly lines: string[] = [];
  #busy: Promise<void> | undefined;
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  async write(line: Buffer): Promise<void> {
    assert.ok(line.toString().endsWith("\n"));
    this.lines.push(describe(line.toString()));
    if (this.#waiting !== undefined && this.lines.length >= this.#waiting.count) this.#waiting.resolve();
    await this.#busy;
  }

  /** From the next line on, the reader takes nothing more until the returned function is called. */
  becomeBusy(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#busy = promise;
    return () => {
      this.#busy = undefined;
      resolve();
    };
  }

  read(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { count, resolve };
    if (this.lines.length >= count) resolve();
    return promise;
  }
}

/** The id of an event's line, or the whole line. */
function describe(line: string): string {
  return /"id":"([^"]*)"/.exec(line)?.[1] ?? line.trim();
}

test("what is stored comes first, then what is committed, each once and in order", async () => {
  const events = new EventsOfTest();
  events.store({ id: "1" }, { id: "2" });
  const reader = new ReaderOfTest();
  const stop = new AbortController();
  const tap = runTap(events, OPTIONS, reader, stop.signal);
  await reader.read(2);
  events.commit({ id: "3" });
  events.commit({ id: "4" }, { id: "5" });
  await reader.read(5);
  stop.abort();
  await tap;
  assert.deepEqual(reader.lines, ["1", "2", "3", "4", "5"]);
  assert.equal(events.watchers, 0);
});

test("what is committed while the store is being read is neither lost nor repeated", async () => {
  const events = new EventsOfTest();
  events.store({ id: "1" });
  let reads = 0;
  events.onBrowse = () => {
    reads++;
    if (reads === 1) events.commit({ id: "2" });
    // Its append began before the watch did: the watcher is never told of it.
    if (reads === 3) events.store({ id: "3" });
  };
  const reader = new ReaderOfTest();
  const stop = new AbortController();
  const tap = runTap(events, OPTIONS, reader, stop.signal);
  await reader.read(3);
  stop.abort();
  await tap;
  assert.deepEqual(reader.lines, ["1", "2", "3"]);
});

test("a limit ends it, in the store or after it", async () => {
  for (const limit of [1, 2, 3]) {
    const events = new EventsOfTest();
    events.store({ id: "1" }, { id: "2" });
    const reader = new ReaderOfTest();
    const tap = runTap(events, { ...OPTIONS, limit }, reader, new AbortController().signal);
    await reader.read(Math.min(limit, 2));
    if (limit === 3) events.commit({ id: "3" }, { id: "4" });
    await tap;
    assert.deepEqual(reader.lines, ["1", "2", "3"].slice(0, limit));
  }
});

test("without follow it ends after what is stored", async () => {
  const events = new EventsOfTest();
  events.store({ id: "1" });
  const reader = new ReaderOfTest();
  await runTap(events, { ...OPTIONS, follow: false }, reader, new AbortController().signal);
  assert.deepEqual(reader.lines, ["1"]);
});

test("more than a page is read page by page", async () => {
  const events = new EventsOfTest();
  const ids = Array.from({ length: 1_201 }, (_, i) => String(i));
  events.store(...ids.map((id) => ({ id })));
  const reader = new ReaderOfTest();
  await runTap(events, { ...OPTIONS, follow: false }, reader, new AbortController().signal);
  assert.deepEqual(reader.lines, ids);
});

test("a filter holds for what is stored and for what comes, and does not count against the limit", async () => {
  const events = new EventsOfTest();
  events.store({ id: "1", type: "a" }, { id: "2", type: "b" });
  const reader = new ReaderOfTest();
  const options = { ...OPTIONS, filter: compileFilters(["type=b"]), limit: 2 };
  const tap = runTap(events, options, reader, new AbortController().signal);
  await reader.read(1);
  events.commit({ id: "3", type: "a" }, { id: "4", type: "b" });
  await tap;
  assert.deepEqual(reader.lines, ["2", "4"]);
});

/** Starts a tap of everything and waits until it has read the store and follows. */
async function follow(
  events: EventsOfTest,
  reader: ReaderOfTest,
  signal: AbortSignal,
  maxWaitingBytes: number,
) {
  const following = Promise.withResolvers<void>();
  let empty = 0;
  events.onBrowse = () => {
    empty++;
    if (empty === 2) setImmediate(following.resolve);
  };
  const tap = runTap(events, { ...OPTIONS, maxWaitingBytes }, reader, signal);
  await following.promise;
  return { tap };
}

/** Two of these lines fit in so many bytes. */
const TWO_LINES = 2 * (new EventsOfTest().store({ id: "1" }).batch.eventLength(0) + '{"event":}\n'.length);

/** A tap whose reader takes one of six events and no more until it is set free. */
async function overfill() {
  const events = new EventsOfTest();
  const reader = new ReaderOfTest();
  const stop = new AbortController();
  const { tap } = await follow(events, reader, stop.signal, TWO_LINES);
  const free = reader.becomeBusy();
  events.commit({ id: "1" });
  await reader.read(1);
  for (const id of ["2", "3", "4", "5", "6"]) events.commit({ id });
  return { events, reader, stop, tap, free };
}

test("what a busy reader could not take is read from the store when it can, and nothing is missing", async () => {
  const { events, reader, stop, tap, free } = await overfill();
  free();
  await reader.read(6);
  events.commit({ id: "7" });
  await reader.read(7);
  stop.abort();
  await tap;
  assert.deepEqual(reader.lines, ["1", "2", "3", "4", "5", "6", "7"]);
});

test("what is not stored any more either is left out, and counted where it is missing", async () => {
  const { events, reader, stop, tap, free } = await overfill();
  events.forget(5);
  free();
  await reader.read(5);
  events.commit({ id: "7" });
  await reader.read(6);
  stop.abort();
  await tap;
  assert.deepEqual(reader.lines, ["1", "2", "3", "6", '{"dropped":2}', "7"]);
});

test("a reader that goes away ends the watch", async () => {
  const events = new EventsOfTest();
  const stop = new AbortController();
  const tap = runTap(events, OPTIONS, new ReaderOfTest(), stop.signal);
  stop.abort();
  await tap;
  assert.equal(events.watchers, 0);
});
