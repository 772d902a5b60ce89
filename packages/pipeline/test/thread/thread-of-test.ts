/** A thread that does what its task says. */
import { serveTasks } from "../../src/thread/serve-tasks.ts";

export type TaskOfTest =
  | "spin"
  | "grow"
  | "throw"
  | "leave"
  | "ask"
  | { readonly echo: string; readonly tookMs?: number };

let runningMs = 0;

async function perform(
  task: TaskOfTest,
  ask: (question: string) => Promise<string>,
): Promise<{ result: string; transfer: [] }> {
  switch (task) {
    case "spin":
      for (;;);
    case "grow":
      for (const kept: number[][] = []; ; ) kept.push(new Array<number>(100_000).fill(1.5));
    case "throw":
      throw new RangeError("out of it");
    case "leave":
      return process.exit(3);
    case "ask":
      return { result: await ask("what?"), transfer: [] };
    default:
      runningMs += task.tookMs ?? 0;
      return { result: task.echo, transfer: [] };
  }
}

serveTasks<TaskOfTest, string, string, string>(perform, () => runningMs);
