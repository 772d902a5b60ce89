import { Worker } from "node:worker_threads";

/**
 * Says how long a thread has been running so far, in ms: the time in which it had a processor. `undefined` before it has
 * begun and once it has ended. A thread that is at one long step, such as parsing, answers after that step.
 */
export type AskRunningTime = (thread: Worker) => Promise<number | undefined>;

/** Asks Node.js, which tells from 24.6 on; before, there is no such function. */
export const askRunningTime: AskRunningTime | undefined = "cpuUsage" in Worker.prototype ? ask : undefined;

async function ask(thread: Worker): Promise<number | undefined> {
  try {
    const { user, system } = await thread.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return undefined;
  }
}

/** How long the calling thread has been running, in ms; before Node.js 24, which tells that, by the clock. */
export function readRunningTime(): number {
  if (!("threadCpuUsage" in process)) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
