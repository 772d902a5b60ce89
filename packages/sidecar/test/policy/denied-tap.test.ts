import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchView } from "@coresdk/pipeline";
import { compileFilters } from "../../src/control/filter.ts";
import { readRequest } from "../../src/control/protocol.ts";
import { runTap } from "../../src/control/tap.ts";
import { createDeniedSource } from "../../src/policy/denied-source.ts";
import { run } from "../cli/process.ts";
import { createDirectory } from "../config/load.ts";
import { createBatch } from "../control/events.ts";

/** Denied batches of a test, told to whoever watches. */
class DeniedOfTest {
  readonly #listeners = new Set<(denied: BatchView) => void>();

  readonly watch = (listener: (denied: BatchView) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get watchers(): number {
    return this.#listeners.size;
  }

  deny(...ids: readonly string[]): void {
    for (const listener of this.#listeners) listener(createBatch(...ids.map((id) => ({ id }))));
  }
}

function idOf(line: Buffer): string {
  return /"id":"([^"]*)"/.exec(line.toString())?.[1] ?? line.toString().trim();
}

test("a reader sees what is denied from when it came on, each once, and is forgotten when it goes", async () => {
  const denied = new DeniedOfTest();
  denied.deny("before");
  const lines: string[] = [];
  const read = Promise.withResolvers<void>();
  const options = { filter: compileFilters([]), limit: 4, follow: true, maxWaitingBytes: 1_000_000 };
  const write = async (line: Buffer): Promise<void> => {
    lines.push(idOf(line));
    read.resolve();
  };
  const tap = runTap(createDeniedSource(denied.watch), options, { write }, new AbortController().signal);
  denied.deny("1", "2");
  await read.promise;
  denied.deny("3");
  denied.deny("4", "5");
  await tap;
  assert.deepEqual(lines, ["1", "2", "3", "4"]);
  assert.equal(denied.watchers, 0);
});

test("a reader that is too slow is told how many it missed, since they are stored nowhere", async () => {
  const denied = new DeniedOfTest();
  const lines: string[] = [];
  const busy = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const stop = new AbortController();
  const options = { filter: compileFilters([]), limit: undefined, follow: true, maxWaitingBytes: 1_000 };
  const write = async (line: Buffer): Promise<void> => {
    lines.push(idOf(line));
    started.resolve();
    if (lines.length === 1) await busy.promise;
    if (lines.at(-1) === "last") stop.abort();
  };
  const tap = runTap(createDeniedSource(denied.watch), options, { write }, stop.signal);
  denied.deny("first");
  await started.promise;
  for (let i = 0; i < 100; i++) denied.deny(`many ${i}`);
  busy.resolve();
  while (!lines.some((line) => line.includes("dropped")))
    await new Promise((resolve) => setImmediate(resolve));
  denied.deny("last");
  await tap;
  const dropped = Number(/\{"dropped":(\d+)\}/.exec(lines.join())?.[1]);
  assert.equal(lines.length - 3 + dropped, 100);
});

test("a stage that there is not is refused, and a request without one means what is queued", () => {
  const read = (fields: object): ReturnType<typeof readRequest> =>
    readRequest(JSON.stringify({ v: 1, command: "tap", ...fields }));
  assert.deepEqual(read({ stage: "sent" }), { ok: false, error: "stage must be one of queued, denied" });
  const request = { command: "tap", stage: "queued", filters: [], limit: undefined, follow: true };
  assert.deepEqual(read({}), { ok: true, request });
});

test("tap refuses a stage that there is not, and the end of what never ends", async (t) => {
  const cwd = createDirectory(t);
  const wrong = await run(t, ["tap", "--stage", "sent"], { cwd });
  assert.deepEqual([wrong.code, wrong.stderr], [2, "error: --stage: must be one of queued, denied\n"]);
  const endless = await run(t, ["tap", "--stage", "denied", "--no-follow"], { cwd });
  assert.equal(endless.code, 2);
  assert.match(endless.stderr, /denied events are stored nowhere/);
});
