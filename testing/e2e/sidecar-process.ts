/** The real sidecar as a process of its own, from its bin file. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { repositoryRoot } from "../components.ts";

/** What a user types behind `npx`. */
export const sidecarBin: string = join(repositoryRoot, "packages", "sidecar", "bin", "coresdk-sidecar.js");

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;

/** Ports that the system chooses. */
export const FREE_PORTS: readonly string[] = ["--otlp-grpc", "--otlp-http", "--admin"].flatMap((door) => [
  door,
  "127.0.0.1:0",
]);

export interface SidecarOptions {
  /** Flags of `coresdk-sidecar run`. */
  readonly args: readonly string[];
  /** Where it runs: a directory without a configuration of anybody else's. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The bin file; default: the checkout's. */
  readonly bin?: string;
}

export interface SidecarProcess {
  readonly pid: number;
  /** `host:port` of OTLP/gRPC, OTLP/HTTP and the admin endpoint, as the banner names them. */
  readonly grpc: string;
  readonly http: string;
  readonly admin: string;
  /** All that it printed so far, both streams. */
  output(): string;
  /** Ends it with SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts a sidecar; ready when it resolves.
 * @throws Error with what it printed, when it ends or says nothing instead
 */
export async function startSidecar({
  args,
  cwd,
  env = {},
  bin = sidecarBin,
}: SidecarOptions): Promise<SidecarProcess> {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const endWithParent = (): void => void child.kill("SIGKILL");
  process.once("exit", endWithParent);
  const ended = once(child, "exit").finally(() => process.off("exit", endWithParent));
  const lines: string[] = [];
  const ports = readBanner(child, lines);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Error(`the sidecar did not get ready:\n${lines.join("\n")}`));
    timer = setTimeout(fail, READY_TIMEOUT_MS);
    void ended.then(fail);
  });
  try {
    const addresses = await Promise.race([ports, tooLate]);
    return {
      pid: child.pid ?? 0,
      ...addresses,
      output: () => lines.join("\n"),
      stop: () => stop(child, ended),
    };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
    tooLate.catch(() => {});
  }
}

/** Reads on until the banner has named all that is to be known. */
function readBanner(
  child: ChildProcess,
  lines: string[],
): Promise<{ readonly grpc: string; readonly http: string; readonly admin: string }> {
  const { promise, resolve } = Promise.withResolvers<{ grpc: string; http: string; admin: string }>();
  const read = (stream: NodeJS.ReadableStream | null): void => {
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      const text = lines.join("\n");
      const doors = /OTLP in +gRPC (\S+), HTTP (\S+)/.exec(text);
      const admin = /admin +http:\/\/([^/\s]+)\//.exec(text);
      if (doors?.[1] === undefined || doors[2] === undefined || admin?.[1] === undefined) return;
      resolve({ grpc: doors[1], http: doors[2], admin: admin[1] });
    });
  };
  read(child.stdout);
  read(child.stderr);
  return promise;
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<number | null> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
  return child.exitCode;
}

/** The environment without what would configure a sidecar or an SDK from outside the test. */
export function cleanEnvironment(): Record<string, string | undefined> {
  const named = /^(CORESDK_|OTEL_|K_SINK|K_CE_OVERRIDES|NODE_TEST_CONTEXT)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !named.test(name)));
}
