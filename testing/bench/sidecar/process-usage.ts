/** What a process tree uses, as Linux counts it. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

let ticksPerSecond = 0;

/** Whether this system says what another process uses. */
export function canMeasureProcesses(): boolean {
  return existsSync("/proc/self/stat");
}

/** CPU time of a process and of all that it started, in seconds: user and system, ended children included. */
export function cpuSeconds(pid: number): number {
  if (ticksPerSecond === 0) {
    ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  }
  // proc(5): the name may hold spaces, so fields count from its closing bracket. 14 to 17 of the whole line are
  // utime, stime, cutime and cstime.
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  let ticks = 0;
  for (const field of fields.slice(11, 15)) ticks += Number(field);
  return ticks / ticksPerSecond + childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), 0);
}

/** The most memory that a process has had resident since it started, in MiB. */
export function peakMemoryMiB(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const path = `/proc/${pid}/task/${thread}/children`;
    const text = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
    return text === "" ? [] : text.split(" ").map(Number);
  });
}
