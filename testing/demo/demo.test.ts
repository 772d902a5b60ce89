import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { createEvent } from "@coresdk/cloudevents";
import { encode } from "@coresdk/cloudevents/http";
import { cleanEnvironment } from "../e2e/sidecar-process.ts";
import { startReceiver } from "./receiver.ts";
import { printSummary } from "./summary.ts";

const types = [
  "policy.decision",
  "auth.verified",
  "auth.denied",
  "tenant.created",
  "tenant.suspended",
  "secret.rotated",
  "error",
];

test("the demo shows all seven types arriving with their traces, and ends with 0", {
  // As long as the demo may take: `npm run demo` shows it all in under half a minute.
  timeout: 30_000,
}, async (t) => {
  // Something else has a default port: the demo must not mind, nor when that is so already.
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.once("error", () => resolve()).listen(4318, "127.0.0.1", resolve);
  });
  t.after(() => other.close());
  const child = spawn(
    process.execPath,
    ["--conditions=coresdk-source", join(import.meta.dirname, "main.ts")],
    {
      env: cleanEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.deepEqual([await ended, errors], [[0, null], ""], output);
  for (const type of types) {
    assert.match(output, new RegExp(`^ +io\\.coresdk\\.${type} +(\\d+) of \\1$`, "m"));
  }
  assert.match(output, /types +7 of 7\n +latency +median \d+ ms/);
  assert.match(output, /traces +(\d+) of \1 events belong to one of the service's \d+ traces/);
  assert.match(output, /forwarded +traces: \d+ OTLP exports?, \d+ bytes/);
  assert.equal(output, stripVTControlCharacters(output), "no colour where there is no terminal");
});

test("the demo's receiver turns down what is no event, and goes on", async (t) => {
  const faults: string[] = [];
  const types: string[] = [];
  const receiver = await startReceiver(
    ({ event }) => types.push(event.type),
    ({ code }) => faults.push(code),
  );
  t.after(() => receiver.close());
  const { headers, body } = encode(createEvent({ type: "t", source: "/s" }));
  const statuses = [
    (await fetch(receiver.url)).status,
    (await fetch(receiver.url, { method: "POST", headers, body: body ?? null })).status,
  ];
  assert.deepEqual([statuses, faults, types], [[400, 202], ["not_a_cloudevent"], ["t"]]);
});

test("the demo says what is missing", (t) => {
  const lines: string[] = [];
  t.mock.method(process.stdout, "write", (line: string) => lines.push(line) > 0);
  const event = createEvent({
    type: "io.coresdk.error",
    source: "/orders",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  });
  const result = {
    emitted: { counts: { "io.coresdk.error": 2 }, traceIds: new Set(["4bf92f3577b34da6a3ce929d0e0e4736"]) },
    arrivals: [{ event, atMs: Date.now() }],
    forwarded: new Map([["traces", { requests: 1, bytes: 10 }]]),
    errors: 0,
  };
  const complete = printSummary(result);
  const incompleteTrace = printSummary({
    ...result,
    emitted: { counts: { "io.coresdk.error": 1 }, traceIds: new Set<string>() },
  });
  const whole = printSummary({
    ...result,
    emitted: { ...result.emitted, counts: { "io.coresdk.error": 1 } },
  });
  t.mock.restoreAll();
  assert.deepEqual([complete, incompleteTrace, whole], [false, false, true]);
  assert.match(lines.join(""), /io\.coresdk\.error +1 of 2/);
  assert.match(lines.join(""), /Something is missing/);
});
