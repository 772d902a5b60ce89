import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { requireComponent } from "../components.ts";
import { startReceiver } from "../e2e/receiver.ts";
import { FREE_PORTS, startSidecar } from "../e2e/sidecar-process.ts";
import { createProject, removeInstallation } from "./project.ts";

const execute = promisify(execFile);

after(removeInstallation);

interface Entries {
  readonly entries: readonly string[];
}

/** Built JavaScript out of `node_modules`, not this workspace's TypeScript. */
function assertBuilt({ entries }: Entries): void {
  for (const entry of entries) assert.match(entry, /\/node_modules\/@coresdk\/\w+\/dist\/.*\.js$/);
}

// Two at a time: most of what they do is to wait for compilers and programs.
describe("what is installed from the tarballs", { concurrency: 2 }, () => {
  test("@coresdk/cloudevents works from its tarball, with types for every entry", async (t) => {
    if ((await requireComponent(t, "npm registry")) === undefined) return;
    const project = await createProject(t, "cloudevents");
    const seen = await project.use<Entries & { same: boolean; refused: string }>("cloudevents");
    assertBuilt(seen);
    assert.equal(seen.same, true);
    assert.equal(seen.refused, "type");
    for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) {
      assert.ok(existsSync(join(project.folder, "node_modules/@coresdk/cloudevents", file)), file);
    }
    // It runs anywhere, and needs nothing that a Node before those that are tested lacks.
    const program = `
      import { createEvent, isEvent } from "@coresdk/cloudevents";
      import { decode, encode } from "@coresdk/cloudevents/http";
      import * as kafka from "@coresdk/cloudevents/kafka";
      const event = createEvent({ type: "t", source: "/s", subject: "€", data: { a: [1] } });
      const mode = "binary";
      const ways = [decode(encode(event)), decode(encode(event, { mode })), kafka.decode(kafka.encode(event, { mode }))];
      console.log(ways.every((way) => isEvent(way) && way.subject === "€" && way.data.a[0] === 1));`;
    assert.deepEqual(runOlderNode(project.folder, program), { status: 0, stdout: "true\n", stderr: "" });
  });

  test("@coresdk/rego works from its tarball, its code and its thread included", async (t) => {
    if ((await requireComponent(t, "npm registry")) === undefined) return;
    const project = await createProject(t, "rego");
    const seen = await project.use<Entries & { allowed: unknown; guarded: unknown; refused: string }>("rego");
    assertBuilt(seen);
    assert.deepEqual([seen.allowed, seen.guarded], [true, true]);
    assert.equal(seen.refused, "broken.rego:2:1");
    assertRefusesOlderNode(project.folder, "@coresdk/rego");
  });

  test("@coresdk/pipeline works from its tarball, the store's thread included", async (t) => {
    if ((await requireComponent(t, "npm registry")) === undefined) return;
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const project = await createProject(t, "pipeline");
    const seen = await project.use<Entries & { committed: boolean; events: number; remaining: number }>(
      "pipeline",
      [receiver.url, join(project.folder, "store")],
    );
    assertBuilt(seen);
    assert.deepEqual([seen.committed, seen.events, seen.remaining], [true, 1, 0]);
    assert.equal(receiver.events[0]?.type, "io.coresdk.error");
    assertRefusesOlderNode(project.folder, "@coresdk/pipeline");
    assertRefusesOlderNode(project.folder, "@coresdk/pipeline", { entry: "@coresdk/pipeline/mask" });
    assertRefusesOlderNode(project.folder, "@coresdk/pipeline", { entry: "@coresdk/pipeline/checks" });
    assertRefusesOlderNode(project.folder, "@coresdk/pipeline", { entry: "@coresdk/pipeline/thread" });
    assertMasksWithoutProcess(project.folder);
  });

  test("@coresdk/opentelemetry works from its tarball, beside the SDK", async (t) => {
    if ((await requireComponent(t, "npm registry")) === undefined) return;
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const project = await createProject(t, "opentelemetry", [
      "@opentelemetry/api",
      "@opentelemetry/sdk-logs",
    ]);
    assertBuilt(await project.use<Entries>("opentelemetry", [receiver.url]));
    assert.equal(receiver.events[0]?.subject, "tenant/acme");
    assertRefusesOlderNode(project.folder, "@coresdk/opentelemetry");
  });

  test("the libraries run on the oldest Node that they declare, and say what it is too old for", async (t) => {
    if ((await requireComponent(t, "npm registry")) === undefined) return;
    const node = await requireComponent(t, "Node.js 22.0");
    if (node === undefined) return;
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const { folder } = await createProject(t, "opentelemetry", [
      "@opentelemetry/api",
      "@opentelemetry/sdk-logs",
    ]);
    await writeFile(join(folder, "egress.rego"), 'package egress\n\nallow if input.event_type == "t"\n');
    const program = `
      import { CloudEventEmitter } from "@coresdk/opentelemetry";
      import { createMasker } from "@coresdk/pipeline/mask";
      import { LoggerProvider } from "@opentelemetry/sdk-logs";
      const binding = { kind: "http", endpoint: ${JSON.stringify(receiver.url)}, batchSize: 10 };
      const policy = { package: "egress", dir: ".", deadlineMs: 60_000 };
      const emitter = new CloudEventEmitter({ source: "/s", binding, policy, flushTimeoutMs: 60_000 });
      const provider = new LoggerProvider({ processors: [emitter] });
      const logger = provider.getLogger("orders");
      logger.emit({ eventName: "t", attributes: { "user.id": "ada@example.com", "cloudevents.sampledrate": "12" } });
      logger.emit({ eventName: "denied" });
      await provider.shutdown();
      const refusal = (options) => {
        try {
          new CloudEventEmitter({ source: "/s", binding, ...options });
        } catch (error) {
          return error.message;
        }
      };
      const kafka = { kind: "kafka", brokers: ["127.0.0.1:1"], topic: "t" };
      const refusals = [refusal({ queue: { dir: "queue" } }), refusal({ binding: kafka })];
      console.log(JSON.stringify([createMasker().maskText("to ada@example.com"), ...refusals]));`;
    const { stdout, stderr } = await execute(node, ["--input-type=module", "-e", program], { cwd: folder });
    assert.deepEqual(JSON.parse(stdout), [
      "to [REDACTED]",
      "CloudEventEmitter: queue.dir needs Node.js 22.13 or newer for node:sqlite; this is 22.0.0",
      'CloudEventEmitter: binding.kind "kafka" needs Node.js 22.22 or newer; this is 22.0.0',
    ]);
    const seen = receiver.events.map(({ type, sampledrate }) => [type, sampledrate]);
    assert.deepEqual(seen, [["t", 12]], stderr);
  });

  test("coresdk-sidecar runs from its tarball and delivers", async (t) => {
    if ((await requireComponent(t, "npm registry")) === undefined) return;
    const receiver = await startReceiver();
    t.after(() => receiver.close());
    const { folder, run } = await createProject(t, "sidecar");
    assert.match(await run("npx", ["--no-install", "coresdk-sidecar", "--version"]), /^\d+\.\d+\.\d+\s*$/);

    const bin = join(folder, "node_modules/@coresdk/sidecar/bin/coresdk-sidecar.js");
    const sidecar = await startSidecar({
      bin,
      args: ["run", "--http", receiver.url, ...FREE_PORTS],
      cwd: folder,
    });
    t.after(() => sidecar.stop());
    const record = { eventName: "com.acme.order.created" };
    const answer = await fetch(`http://${sidecar.http}/v1/logs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }),
    });
    assert.equal(answer.status, 200, sidecar.output());
    await receiver.until(1);
    assert.equal(receiver.events[0]?.type, "com.acme.order.created");

    const [program, ...args] = olderNode();
    const refused = spawnSync(program, [...args, bin, "--version"], { encoding: "utf8" });
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /needs Node\.js 24\.6 or newer; this is \d+\.\d+\.\d+/);
    assert.equal(refused.stdout, "");
    assertRefusesOlderNode(folder, "@coresdk/sidecar", { needed: "24.6" });
  });
});

/** It says so when it is imported, and not with the name of a function that is missing when it is used. */
function assertRefusesOlderNode(
  folder: string,
  name: string,
  { entry = name, needed = "22" }: { readonly entry?: string; readonly needed?: string } = {},
): void {
  const { status, stdout, stderr } = runOlderNode(
    folder,
    `import ${JSON.stringify(entry)}; console.log("ran");`,
  );
  assert.notEqual(status, 0);
  const said = `Error: ${name} needs Node.js ${needed} or newer; this is `;
  assert.match(stderr, new RegExp(`${said.replaceAll(".", "\\.")}\\d+\\.\\d+\\.\\d+`));
  assert.equal(stdout, "");
}

/** As in a browser: masking asks Node for nothing, and not for its version. */
function assertMasksWithoutProcess(folder: string): void {
  const program = `
    const { log } = console;
    delete globalThis.process;
    const { createMasker } = await import("@coresdk/pipeline/mask");
    log(createMasker().maskText("to ada@example.com"));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.deepEqual([stdout, stderr], ["to [REDACTED]\n", ""]);
}

function runOlderNode(
  folder: string,
  module: string,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const [program, ...args] = olderNode();
  const { status, stdout, stderr } = spawnSync(program, [...args, "--input-type=module", "-e", module], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** A Node that is too old: a real one where the PATH has one, else this one, which says that it is. */
function olderNode(): readonly [program: string, ...args: string[]] {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "node");
    const version = spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? "";
    const major = Number(/^v(\d+)\./.exec(version)?.[1] ?? Number.NaN);
    if (major < 22) return [path];
  }
  const pretend = 'Object.defineProperty(process.versions, "node", { value: "20.20.2" })';
  return [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(pretend)}`];
}
