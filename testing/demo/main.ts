/**
 * `npm run demo`: a service that knows only OpenTelemetry, the sidecar beside it, and a webhook that gets
 * CloudEvents. Ends by itself, with 0 when all that was emitted arrived; `-- --watch` stays up.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cleanEnvironment, startSidecar } from "../e2e/sidecar-process.ts";
import { paint, print, printArrival, printHeading } from "./print.ts";
import { type Arrival, startCollector, startReceiver } from "./receiver.ts";
import { type Emitted, printSummary } from "./summary.ts";

const SOURCE = "https://orders.acme.com";
/** From the service's end; events have arrived long before unless something is wrong. */
const ARRIVAL_TIMEOUT_MS = 10_000;

const watch = process.argv.includes("--watch");
const dir = await mkdtemp(join(tmpdir(), "coresdk-demo-"));
try {
  process.exitCode = await runDemo();
} catch (error) {
  print(paint("red", `The demo failed: ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function runDemo(): Promise<number> {
  const arrivals: Arrival[] = [];
  const forwarded = new Map<string, { requests: number; bytes: number }>();
  let errors = 0;
  let startMs = Date.now();
  let notify = (): void => {};
  const receiver = await startReceiver(
    (arrival) => {
      // To look at forever is no reason to remember forever.
      if (!watch) arrivals.push(arrival);
      printArrival(arrival, startMs);
      notify();
    },
    (error) => {
      errors++;
      print(paint("red", `  an event that cannot be decoded: ${error.message}`));
    },
  );
  const collector = await startCollector((signal, bytes) => {
    const sum = forwarded.get(signal) ?? { requests: 0, bytes: 0 };
    forwarded.set(signal, { requests: sum.requests + 1, bytes: sum.bytes + bytes });
    notify();
  });
  const sidecar = await startSidecar({
    cwd: dir,
    args: [
      ...["--http", receiver.url, "--source", SOURCE, "--otel-endpoint", collector.url],
      ...["--data-dir", join(dir, "data"), ...(await freePorts())],
    ],
  });
  print(paint("bold", "CoreSDK CloudEvents"));
  print(`  sidecar    OTLP on ${sidecar.http} (HTTP) and ${sidecar.grpc} (gRPC)`);
  print(`  webhook    ${receiver.url} gets the events`);
  print(`  collector  ${collector.url} gets traces and other logs, as they are`);
  print(`  service    orders, an OpenTelemetry SDK and nothing else${watch ? "; Ctrl+C ends it" : ""}`);
  print();
  printHeading();
  startMs = Date.now();
  try {
    const emitted = await runService(`http://${sidecar.http}`);
    if (emitted === undefined) return 0;
    const expected = Object.values(emitted.counts).reduce((sum, count) => sum + count, 0);
    await waitUntil((check) => {
      notify = check;
      return () => arrivals.length >= expected && forwarded.has("traces");
    });
    return printSummary({ emitted, arrivals, forwarded, errors }) ? 0 : 1;
  } finally {
    await sidecar.stop();
    await Promise.all([receiver.close(), collector.close()]);
  }
}

/** Runs the service to its end; `undefined` when it was ended by the user. */
async function runService(endpoint: string): Promise<Emitted | undefined> {
  const script = join(import.meta.dirname, "service.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=coresdk-source", script, ...(watch ? ["--watch"] : [])],
    {
      env: { ...cleanEnvironment(), OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    child.kill("SIGTERM");
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  process.once("exit", stop);
  let report = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    report = line;
  });
  const [code] = await once(child, "close");
  process.off("SIGINT", stop);
  process.off("SIGTERM", stop);
  process.off("exit", stop);
  if (stopped) return undefined;
  if (code !== 0) throw new Error(`the orders service ended with ${String(code)}`);
  const { emitted, traceIds }: { emitted: Record<string, number>; traceIds: string[] } = JSON.parse(report);
  return { counts: emitted, traceIds: new Set(traceIds) };
}

/** Waits for a condition that is looked at whenever something arrives, for a while. */
async function waitUntil(watchFor: (check: () => void) => () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ARRIVAL_TIMEOUT_MS);
    const check = (): void => {
      if (!reached()) return;
      clearTimeout(timer);
      resolve();
    };
    const reached = watchFor(check);
    check();
  });
}

/** The flags that move the sidecar off the ports which something else has. */
async function freePorts(): Promise<readonly string[]> {
  const doors = [
    ["--otlp-grpc", 4317],
    ["--otlp-http", 4318],
    ["--admin", 13133],
  ] as const;
  const taken = await Promise.all(doors.map(([, port]) => isTaken(port)));
  return taken.includes(true) ? doors.flatMap(([flag]) => [flag, "127.0.0.1:0"]) : [];
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
      .once("error", () => resolve(true))
      .listen(port, "127.0.0.1", () => probe.close(() => resolve(false)));
  });
}
