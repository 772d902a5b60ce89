/** `JSON.parse` plus `JSON.stringify` of delivered events, one at a time in one thread, in a process that does nothing else. */
import { compare, keep } from "../measure.ts";
import { answerQuestions } from "./worker.ts";

export interface FloorQuestion {
  /** Events as texts. */
  readonly events: readonly string[];
}

export interface FloorAnswer {
  /** Events per CPU second. */
  readonly rate: number;
}

answerQuestions(async ({ events }: FloorQuestion): Promise<FloorAnswer> => {
  const run = (n: number): void => {
    for (let i = 0; i < n; i++) keep(JSON.stringify(JSON.parse(events[i % events.length] ?? "null")));
  };
  return { rate: compare([{ peer: "floor", run }], { rounds: 7 })[0]?.opsPerSecond ?? Number.NaN };
});
