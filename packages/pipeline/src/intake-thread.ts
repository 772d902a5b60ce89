/** The thread that takes large requests in: an intake of its own, whose policy is asked on the other side. */
import { workerData } from "node:worker_threads";
import { compileMask } from "./compile-mask.ts";
import type { IntakeResult, OtlpEncoding } from "./contracts.ts";
import type { Decisions, Policy, PolicyInput } from "./draft.ts";
import { createIntake } from "./intake.ts";
import type { WrapSettings } from "./settings.ts";
import { systemClock, systemRandom } from "./system.ts";
import { fromPlainMaskSettings, type PlainMaskSettings } from "./thread/plain-settings.ts";
import { type Ask, serveTasks, type Transferable } from "./thread/serve-tasks.ts";

/** What the thread is started with: settings as they can be copied. */
export interface IntakeThreadStart {
  readonly wrap: WrapSettings;
  readonly masking: "off" | PlainMaskSettings | undefined;
  readonly hasPolicy: boolean;
  readonly policyDryRun: boolean;
}

export interface IntakeTask {
  readonly request: Uint8Array;
  readonly encoding: OtlpEncoding;
  /** When the request was accepted, in ms since the epoch. */
  readonly acceptedAtMs: number;
  readonly wantsDenied: boolean;
}

const { wrap, masking, hasPolicy, policyDryRun }: IntakeThreadStart = workerData;
let current: { readonly task: IntakeTask; readonly ask: Ask<readonly PolicyInput[], Decisions> } | undefined;

const askPolicy: Policy = {
  async decide({ count, at }) {
    const inputs = Array.from({ length: count }, (_, i) => at(i));
    // Without an answer nothing leaves.
    return (await current?.ask(inputs)) ?? [];
  },
};

const intake = createIntake(wrap, {
  clock: { ...systemClock, now: () => current?.task.acceptedAtMs ?? systemClock.now() },
  random: systemRandom,
  mask: compileMask(typeof masking === "object" ? fromPlainMaskSettings(masking) : masking),
  policy: hasPolicy ? askPolicy : undefined,
  policyDryRun,
  wantsDenied: () => current?.task.wantsDenied ?? false,
});

serveTasks<IntakeTask, readonly PolicyInput[], Decisions, IntakeResult>(async (task, ask) => {
  current = { task, ask };
  const result = await intake.intakeRequest(task.request, task.encoding);
  return { result, transfer: buffersOf(result) };
});

function buffersOf({ batch, deniedBatch, rest }: IntakeResult): Transferable[] {
  const buffers: Transferable[] = [];
  if (batch !== undefined) buffers.push(batch.buffer);
  if (deniedBatch !== undefined) buffers.push(deniedBatch.buffer);
  return rest instanceof Uint8Array && ownsItsBuffer(rest) ? [...buffers, rest.buffer] : buffers;
}

function ownsItsBuffer(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
}
