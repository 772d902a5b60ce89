import { createRequire, syncBuiltinESMExports } from "node:module";
import type { TestContext } from "node:test";
import { setEnvironmentData, type Worker, type WorkerOptions } from "node:worker_threads";

/** The name under which threads find the gate, and its places. */
export const GATE = "coresdk-commit-gate";
export const HELD = 0;
export const REACHED = 1;
export const WAITS = 2;
export const LONGEST_WAIT = 3;

/** Holds the commits of the disk queues that are opened after it, and sees how long their threads mean to gather appends. */
export class CommitGate {
  readonly #gate = new Int32Array(new SharedArrayBuffer(16));

  /** @param t the test, after which threads are as they were */
  constructor(t: TestContext) {
    const threads: { Worker: typeof Worker } = createRequire(import.meta.url)("node:worker_threads");
    const { Worker: Plain } = threads;
    const file = new URL("./gated-thread.ts", import.meta.url);
    threads.Worker = class extends Plain {
      constructor(_script: string | URL, options?: WorkerOptions) {
        super(file, options);
      }
    };
    syncBuiltinESMExports();
    setEnvironmentData(GATE, this.#gate.buffer);
    t.after(() => {
      this.open();
      threads.Worker = Plain;
      syncBuiltinESMExports();
      setEnvironmentData(GATE, undefined);
    });
  }

  /** Holds the next commit; resolves once it has come so far. */
  async hold(): Promise<void> {
    Atomics.store(this.#gate, REACHED, 0);
    Atomics.store(this.#gate, HELD, 1);
    const reached = Atomics.waitAsync(this.#gate, REACHED, 0, 30_000);
    if ((await reached.value) !== "ok") throw new Error("no commit came");
  }

  open(): void {
    Atomics.store(this.#gate, HELD, 0);
    Atomics.notify(this.#gate, HELD);
  }

  /** How often a thread waited for more appends, and how long at most. */
  get gathered(): { readonly waits: number; readonly longestMs: number } {
    return { waits: Atomics.load(this.#gate, WAITS), longestMs: Atomics.load(this.#gate, LONGEST_WAIT) };
  }
}
