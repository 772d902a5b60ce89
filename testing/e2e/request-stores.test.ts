/** What the application keeps for a request in an `AsyncLocalStorage` ends with the request, whatever it emitted. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { receive } from "./in-process-receiver.ts";
import { cleanEnvironment } from "./sidecar-process.ts";

const program = new URL("./request-stores-program.ts", import.meta.url).pathname;

/** Before Node.js 24 the stores are on promises, timers and sockets themselves; a later one can be told to do as those. */
const AS_BEFORE = "--no-async-context-frame";

for (const [flags, how] of [
  [[], "as this Node.js keeps stores"],
  [process.allowedNodeEnvironmentFlags.has(AS_BEFORE) ? [AS_BEFORE] : [], "as Node.js 22 keeps stores"],
] as const) {
  test(`no request's store outlives the request that made the emitter, emitted, flushed or shut down, ${how}`, async (t) => {
    const receiver = await receive(t);
    const child = spawn(process.execPath, ["--conditions=coresdk-source", "--expose-gc", ...flags, program], {
      env: { ...cleanEnvironment(), RECEIVER: receiver.url },
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 120_000,
    });
    const closed = once(child, "close");
    const output = await text(child.stdout);
    const [code] = await closed;
    assert.deepEqual(output.split("\n"), [
      "after the delivery: none",
      "after flushes in requests: none",
      "after the shutdown: none",
      "",
    ]);
    assert.equal(code, 0);
    assert.equal(receiver.events.length, 2);
  });
}
