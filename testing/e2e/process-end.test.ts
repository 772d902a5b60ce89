/** What becomes of the events of a process that ends without a shutdown. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createDirectory } from "../directory.ts";
import { receive } from "./in-process-receiver.ts";
import type { Receiver } from "./receiver.ts";
import { cleanEnvironment } from "./sidecar-process.ts";

const program = new URL("./process-end-program.ts", import.meta.url).pathname;

const told =
  "warn @coresdk/opentelemetry Events that will not be delivered: 10 reason=undelivered (the process ended without a shutdown)\n" +
  "lost 10 undelivered\n";

interface Ended {
  readonly code: unknown;
  readonly output: string;
}

async function run(receiver: Receiver, environment: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, ["--conditions=coresdk-source", program], {
    env: { ...cleanEnvironment(), RECEIVER: receiver.url, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 120_000,
  });
  const closed = once(child, "close");
  const output = await text(child.stdout);
  const [code] = await closed;
  return { code, output };
}

test("a process that has nothing left to do delivers its events before it ends", async (t) => {
  const receiver = await receive(t);
  assert.deepEqual(await run(receiver, {}), { code: 0, output: "" });
  assert.equal(receiver.events.length, 10);
});

test("what cannot be delivered before the process ends is told, and holds it for flushTimeoutMs only", async (t) => {
  const receiver = await receive(t);
  receiver.answer(() => 503);
  const { code, output } = await run(receiver, { FLUSH_TIMEOUT_MS: "100" });
  assert.equal(code, 0);
  assert.ok(output.endsWith(told), output);
});

for (const [END, code] of [
  ["exit", 3],
  ["throw", 1],
  ["shutdown and exit", 0],
] as const) {
  test(`events that end with the process are told (${END}), and its exit code stays`, async (t) => {
    const receiver = await receive(t);
    assert.deepEqual(await run(receiver, { END }), { code, output: told });
  });
}

test("what the application emits when it has nothing left to do is delivered", async (t) => {
  const receiver = await receive(t);
  assert.deepEqual(await run(receiver, { END: "emit last" }), { code: 0, output: "" });
  assert.deepEqual(
    receiver.events.slice(10).map(({ type }) => type),
    ["com.acme.last", "com.acme.last"],
  );
});

test("a shutdown leaves no listener on the process", async (t) => {
  const receiver = await receive(t);
  assert.deepEqual(await run(receiver, { END: "shutdown" }), { code: 0, output: "0 0 listeners\n" });
});

test("with a directory, a process that has nothing left to do leaves its events there, and says nothing", async (t) => {
  const receiver = await receive(t);
  receiver.answer(() => 503);
  const DIR = createDirectory(t);
  // Long enough for the directory to be opened on a busy machine; all of it is waited for.
  const first = await run(receiver, { DIR, FLUSH_TIMEOUT_MS: "2000" });
  assert.equal(first.code, 0);
  assert.doesNotMatch(first.output, /lost/);
  receiver.answer(() => 200);
  assert.equal((await run(receiver, { DIR })).code, 0);
  assert.equal(receiver.events.length, 20);
});

test("with a directory, what had not reached it when the process ended is told", async (t) => {
  const receiver = await receive(t);
  const DIR = createDirectory(t);
  assert.deepEqual(await run(receiver, { DIR, END: "exit" }), { code: 3, output: told });
});
