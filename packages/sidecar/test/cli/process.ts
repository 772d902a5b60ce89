/** The real `coresdk-sidecar` as a child process, in a directory of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

export const BIN: string = fileURLToPath(new URL("../../bin/coresdk-sidecar.js", import.meta.url));

export interface Started {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves once what was written matches; rejects when the process ends without it. */
  wait(stream: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves to the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

export interface StartOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Another Node than this one. */
  readonly node?: string;
}

/** Starts it; it is killed with the test, if it is still there then. */
export function start(t: TestContext, args: readonly string[], options: StartOptions): Started {
  const { cwd, environment = {}, input, node = process.execPath } = options;
  // No variable of the machine has a say; where compiled code is kept changes nothing but the time.
  const { PATH = "", NODE_COMPILE_CACHE } = process.env;
  const child = spawn(node, [BIN, ...args], {
    cwd,
    env: { PATH, NODE_COMPILE_CACHE, HOME: cwd, XDG_CONFIG_HOME: cwd, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input ?? "");
  const texts = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (chunk: string) => {
      texts[name] += chunk;
      for (const look of waiting) look();
    });
  }
  let over = false;
  const ended = once(child, "close").then(([code, signal]): number | string => {
    over = true;
    for (const look of waiting) look();
    return typeof code === "number" ? code : String(signal);
  });
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    ended,
    wait(stream, pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const look = (): void => {
        const match = pattern.exec(texts[stream]);
        if (match !== null) resolve(match);
        else if (over) reject(new Error(`ended without ${pattern}:\n${texts.stdout}\n${texts.stderr}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
}

export interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end. */
export async function run(t: TestContext, args: readonly string[], options: StartOptions): Promise<Ran> {
  const started = start(t, args, options);
  const code = await started.ended;
  return { code, stdout: started.stdout(), stderr: started.stderr() };
}
