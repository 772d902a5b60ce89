/** The emitter in a bundle, which has its modules and none of the files that they load as they run. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { build } from "esbuild";
import { createDirectory } from "../directory.ts";
import { receive } from "./in-process-receiver.ts";
import type { Receiver } from "./receiver.ts";
import { cleanEnvironment } from "./sidecar-process.ts";

/** As for a process, or a function that is run by a service: both are used. */
const formats = {
  esm: {
    file: "app.mjs",
    banner:
      'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
  },
  cjs: { file: "app.cjs", banner: "" },
} as const;

async function run(
  t: TestContext,
  receiver: Receiver,
  kind: string,
  format: keyof typeof formats,
): Promise<string> {
  const { file, banner } = formats[format];
  const outfile = join(createDirectory(t), file);
  await build({
    entryPoints: [join(import.meta.dirname, "bundled-program.ts")],
    bundle: true,
    format,
    platform: "node",
    conditions: ["coresdk-source"],
    banner: { js: banner },
    outfile,
    logLevel: "silent",
  });
  const dir = createDirectory(t);
  writeFileSync(join(dir, "egress.rego"), "package acme.egress\n\nallow := true\n");
  const child = spawn(process.execPath, [outfile], {
    env: { ...cleanEnvironment(), RECEIVER: receiver.url, DIR: dir, KIND: kind },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 120_000,
  });
  const closed = once(child, "close");
  const output = await text(child.stdout);
  assert.deepEqual(await closed, [0, null], output);
  return output;
}

for (const format of ["esm", "cjs"] as const) {
  test(`a bundled emitter with a queue in memory delivers over HTTP (${format})`, async (t) => {
    const receiver = await receive(t);
    assert.equal(await run(t, receiver, "http", format), "");
    assert.equal(receiver.events.length, 1);
  });

  for (const [kind, missing] of [
    ["disk", /disk-thread\.js is missing, which the queue's thread runs/],
    ["policy", /rego\.wasm is missing, the policy engine/],
    ["kafka", /the Kafka client cannot be loaded \(.+\)/],
  ] as const) {
    test(`a bundle that lacks what the emitter loads as it runs says how to bundle (${kind}, ${format})`, async (t) => {
      const output = await run(t, await receive(t), kind, format);
      assert.match(output, missing);
      assert.match(output, /: keep @coresdk\/\* external when bundling/);
    });
  }
}
