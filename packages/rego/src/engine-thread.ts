/** The thread of a guarded engine: loads policies, and evaluates what it is sent until it is ended from outside. */
import { parentPort, workerData } from "node:worker_threads";
import { RegoError } from "./errors.ts";
import { Evaluator, type RawAnswer } from "./evaluator.ts";
import { loadPolicies } from "./load.ts";
import { type Reply, sendAnswers, sendError, type ThreadStart, type Work } from "./thread-protocol.ts";
import { ownThreadNumber } from "./thread-time.ts";
import { useEngineCode } from "./wasm-module.ts";

/** What has been answered is sent this often, so that it is not lost when a later evaluation does not end. */
const SEND_EVERY_MS = 5;

const port = parentPort;
if (port === null) throw new Error("this file runs in a thread of its own");
const start: ThreadStart = workerData;
const progress = new Int32Array(start.progress);

const reply = (message: Reply): void => port.postMessage(message);

useEngineCode(start.code);
const evaluator = load();
if (evaluator !== undefined) port.on("message", (work: Work) => evaluate(evaluator, work));

function load(): Evaluator | undefined {
  const { policies, limits, isStrict } = start;
  try {
    const loaded = "modules" in policies ? loadPolicies(policies, limits, isStrict) : policies;
    const evaluator = new Evaluator(loaded.state, limits, isStrict);
    reply({ kind: "ready", loaded, thread: ownThreadNumber() });
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
  let sentAt = performance.now();
  let repairMs = engine.repairMs;
  for (const { rule, nowNs, inputs } of groups) {
    for (const input of inputs.split("\n")) {
      Atomics.store(progress, 0, done);
      answers.push(engine.evaluate(rule, input, nowNs));
      done++;
      const now = performance.now();
      if (now - sentAt < SEND_EVERY_MS && done < size) continue;
      reply({
        kind: "answers",
        answers: sendAnswers(done - answers.length, answers, engine.repairMs - repairMs),
      });
      answers = [];
      sentAt = now;
      repairMs = engine.repairMs;
    }
  }
}
