/** The queue's thread, with its commits and its clock in a test's hands; see `commit-gate.ts`. */
import { DatabaseSync } from "node:sqlite";
import { getEnvironmentData } from "node:worker_threads";
import { GATE, HELD, LONGEST_WAIT, REACHED, WAITS } from "./commit-gate.ts";

const shared = getEnvironmentData(GATE);
if (!(shared instanceof SharedArrayBuffer)) throw new Error("there is no gate");
const gate = new Int32Array(shared);

const { exec } = DatabaseSync.prototype;
const { wait } = Atomics;
DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
  if (sql === "COMMIT" && Atomics.load(gate, HELD) === 1) {
    Atomics.store(gate, REACHED, 1);
    Atomics.notify(gate, REACHED);
    wait(gate, HELD, 1);
  }
  exec.call(this, sql);
};

// No time passes: each group begins right after the last one, and nothing really waits.
performance.now = () => 0;
Object.assign(Atomics, {
  wait(_array: Int32Array, _at: number, _value: number, ms: number): "timed-out" {
    Atomics.add(gate, WAITS, 1);
    if (ms > Atomics.load(gate, LONGEST_WAIT)) Atomics.store(gate, LONGEST_WAIT, ms);
    return "timed-out";
  },
});

await import("../../src/queue/disk-thread.ts");
