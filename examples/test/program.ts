/** Runs one of the examples as a user would: as a process, told only by its environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

export interface Program {
  /** Resolves with the first line that fits, past or to come; rejects when the program ends without it. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves with all lines and the exit code once the program has ended. */
  ended(): Promise<{ readonly code: number | null; readonly lines: readonly string[] }>;
  /** SIGTERM, as a user's supervisor sends it. */
  stop(): void;
}

/** Starts `examples/<name>.ts`; it is gone when the test is. */
export function startExample(t: TestContext, name: string, env: Readonly<Record<string, string>>): Program {
  const script = join(import.meta.dirname, "..", `${name}.ts`);
  const child = spawn(process.execPath, ["--conditions=coresdk-source", script], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  return watch(child, name);
}

function watch(child: ChildProcess, name: string): Program {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const check of [...waiting]) check();
    });
  }
  const closed = once(child, "close");
  return {
    line(pattern) {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
        void closed.then(() => reject(new Error(`${name} ended without ${pattern}:\n${lines.join("\n")}`)));
      });
    },
    async ended() {
      await closed;
      return { code: child.exitCode, lines };
    },
    stop: () => void child.kill("SIGTERM"),
  };
}
