/** The thread of a guarded engine: loads policies, and evaluates what it is sent until it is ended from outside. */
import { parentPort, workerData } from "node:worker_threads";
import { RegoError } from "./errors.ts";
import { Evaluator, type RawAnswer } from "./evaluator.ts";
import { loadPolicies } from "./load.ts";
import {
  DONE,
  PLACE,
  type Reply,
  sendAnswers,
  sendError,
  type ThreadStart,
  type Work,
  type WorkTime,
} from "./thread-protocol.ts";
import { ownRunningMs, ownThreadNumber } from "./thread-time.ts";
import { useEngineCode } from "./wasm-module.ts";

/** What has been answered is sent this often, so that it is not lost when a later evaluation does not end. */
const SEND_EVERY_MS = 5;

const port = parentPort;
if (port === null) throw new Error("this file runs in a thread of its own");
const start: ThreadStart = workerData;
const progress = new Int32Array(start.progress);
const thread = ownThreadNumber();

const reply = (message: Reply): void => port.postMessage(message);

useEngineCode(start.code);
const evaluator = load();
if (evaluator !== undefined) port.on("message", (work: Work) => evaluate(evaluator, work));

function load(): Evaluator | undefined {
  const { policies, limits, isStrict } = start;
  try {
    const loaded = "modules" in policies ? loadPolicies(policies, limits, isStrict) : policies;
    const evaluator = new Evaluator(loaded.state, limits, isStrict);
    // The first evaluation of an instance takes some ms, 20 on a busy machine: not of an input's time.
    evaluator.query("true", "", undefined);
    reply({ kind: "ready", loaded, thread });
    return evaluator;
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
    reply({ kind: "refused", error: sendError(error) });
    return undefined;
  }
}

function evaluate(engine: Evaluator, { size, groups }: Work): void {
  let answers: RawAnswer[] = [];
  let done = 0;
  let before = readTimes(engine);
  for (const { rule, nowNs, inputs } of groups) {
    for (const input of inputs.split("\n")) {
      Atomics.store(progress, PLACE, done);
      answers.push(engine.evaluate(rule, input, nowNs));
      done++;
      if (done < size && performance.now() - before.at < SEND_EVERY_MS) continue;
      const now = readTimes(engine);
      reply({ kind: "answers", answers: sendAnswers(done - answers.length, answers, since(before, now)) });
      answers = [];
      before = now;
    }
  }
  Atomics.add(progress, DONE, 1);
}

interface Times {
  readonly at: number;
  readonly running: number;
  readonly repair: number;
}

function readTimes(engine: Evaluator): Times {
  return { at: performance.now(), running: ownRunningMs(thread), repair: engine.repairMs };
}

function since(before: Times, now: Times): WorkTime {
  const workedMs = now.at - before.at;
  const starvedMs = Math.max(0, workedMs - (now.running - before.running));
  return { workedMs, starvedMs, repairMs: now.repair - before.repair };
}
