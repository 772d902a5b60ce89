/** A thread that takes one request in and gives the batch back. */
import { parentPort, workerData } from "node:worker_threads";
import { createIntake } from "../../src/intake.ts";
import type { WrapSettings } from "../../src/settings.ts";
import { atOnce, portsOf } from "./take-in.ts";

interface Work {
  readonly settings: WrapSettings;
  readonly request: Uint8Array;
}

const { settings, request }: Work = workerData;
const { batch } = atOnce(createIntake(settings, portsOf()).intakeRequest(request, "json"));
if (batch !== undefined) parentPort?.postMessage(batch, [batch.buffer]);
