/**
 * A Python with the packages that the end-to-end tests read and emit with: OpenTelemetry's SDK and exporters,
 * confluent-kafka, and the CloudEvents SDK. Made on first use in `.cache/venv`, from PyPI.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The `python` of an environment that has the packages, or why there is none. */
export type Python =
  | { readonly available: true; readonly path: string }
  | { readonly available: false; readonly reason: string };

const packages = [
  "opentelemetry-sdk>=1.30",
  "opentelemetry-exporter-otlp-proto-http>=1.30",
  "opentelemetry-exporter-otlp-proto-grpc>=1.30",
  "confluent-kafka>=2.6",
  "cloudevents>=1.11",
];

const cache = join(import.meta.dirname, "..", ".cache");
const environment = join(cache, "venv");

let answer: Promise<Python> | undefined;

/** Finds the Python environment, or makes it; looks once a process. */
export function findPython(): Promise<Python> {
  answer ??= find();
  return answer;
}

async function find(): Promise<Python> {
  if (await isComplete(environment)) return { available: true, path: pythonOf(environment) };
  try {
    await install();
  } catch (error) {
    return { available: false, reason: error instanceof Error ? error.message : String(error) };
  }
  return { available: true, path: pythonOf(environment) };
}

/**
 * Made aside and moved into place whole, so that an interrupted or a second run never leaves half of it. An
 * environment finds its own folder from the interpreter's path, and so bears being moved.
 */
async function install(): Promise<void> {
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(join(cache, "venv-"));
  try {
    await run("python3", ["-m", "venv", aside], 240_000);
    const pip = ["-m", "pip", "install", "--quiet", "--retries", "1", "--disable-pip-version-check"];
    await run(pythonOf(aside), [...pip, ...packages], 480_000);
    await writeFile(join(aside, "complete"), packages.join("\n"));
    // Another process may have been quicker: what it made serves as well, and is in use.
    if (await isComplete(environment)) return;
    await rm(environment, { recursive: true, force: true });
    await rename(aside, environment);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function isComplete(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, "complete"))) return false;
  const modules = "opentelemetry.sdk, opentelemetry.exporter.otlp.proto.http, confluent_kafka, cloudevents";
  return run(pythonOf(folder), ["-c", `import ${modules}`], 120_000).then(
    () => true,
    () => false,
  );
}

function pythonOf(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

/** Runs a program to its end; throws with the last line of what it said when it fails. */
function run(program: string, args: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], timeout: timeoutMs });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4096);
    });
    child.on("error", () => reject(new Error(`${program} is not on the PATH`)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve();
      const last = said.trim().split("\n").at(-1) ?? "";
      reject(new Error(`${program} ${args[1] ?? ""} ended with ${code ?? signal}: ${last}`));
    });
  });
}
