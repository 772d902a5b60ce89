/**
 * What may cost much is taken in by threads: a large request, or one that holds much for its size, can cost seconds,
 * during which the event loop would answer nobody. What is cheap is done at once, since handing it over would cost more
 * than it takes.
 */
import type { IntakeResult, OtlpEncoding, Sender } from "./contracts.ts";
import type { Decisions, PolicyInput } from "./draft.ts";
import type { Intake, IntakePorts } from "./intake.ts";
import type { IntakeTask, IntakeThreadStart } from "./intake-thread.ts";
import type { PipelineSettings } from "./settings.ts";
import { toPlainMaskSettings } from "./thread/plain-settings.ts";
import { findRequestFault } from "./thread/request-fault.ts";
import { LARGE_BYTES } from "./thread/task-thread.ts";
import { TaskThreads } from "./thread/task-threads.ts";

/** An intake that must be closed. */
export interface ThreadedIntake extends Pick<Intake, "intakeEvents" | "intakeSpan"> {
  /**
   * As {@link Intake.intakeRequest}.
   * @throws TaskAbandonedError when its thread ended, or the sender has gone
   * @throws OtlpTooLargeError also when it would cost more than a request may
   */
  intakeRequest(
    request: Uint8Array,
    encoding: OtlpEncoding,
    sender?: Sender,
  ): IntakeResult | Promise<IntakeResult>;
  /** Ends its threads; requests in them are given up. */
  close(): Promise<void>;
}

/**
 * @param intake takes in what is small, with the same settings and ports
 */
export function createThreadedIntake(
  intake: Intake,
  { wrap, masking, policy: policySettings }: Pick<PipelineSettings, "wrap" | "masking" | "policy">,
  { clock, policy, wantsDenied = (): boolean => false }: IntakePorts,
): ThreadedIntake {
  // A bundle in CommonJS has none; nothing is taken in by a thread there.
  const module: string | undefined = import.meta.url;
  const isSource = module?.endsWith(".ts") === true;
  const start: IntakeThreadStart = {
    wrap,
    masking: typeof masking === "object" ? toPlainMaskSettings(masking) : masking,
    hasPolicy: policy !== undefined,
    policyDryRun: policySettings?.dryRun ?? false,
  };
  const threads = new TaskThreads<IntakeTask, IntakeResult, readonly PolicyInput[], Decisions>({
    script: new URL(isSource ? "./intake-thread.ts" : "./intake-thread.js", module ?? "file:///"),
    name: "coresdk-intake",
    start,
    clock,
    answer: async (inputs) => (await policy?.decide({ count: inputs.length, at: atOf(inputs) })) ?? [],
  });

  async function intakeInThread(
    request: Uint8Array,
    encoding: OtlpEncoding,
    sender: Sender | undefined,
  ): Promise<IntakeResult> {
    // A copy: the caller has uses of its own for the bytes, which may be a part of something larger.
    const copy = new Uint8Array(request);
    const task = { request: copy, encoding, acceptedAtMs: clock.now(), wantsDenied: wantsDenied() };
    try {
      return await threads.run(task, { transfer: [copy.buffer], sender, size: copy.length });
    } catch (error) {
      throw findRequestFault(error) ?? error;
    }
  }

  return {
    intakeEvents: intake.intakeEvents,
    intakeSpan: intake.intakeSpan,
    intakeRequest(request, encoding, sender) {
      const isSmall = request.byteLength < LARGE_BYTES;
      const taken = isSmall ? intake.intakeIfCheap(request, encoding) : undefined;
      return taken ?? intakeInThread(request, encoding, sender);
    },
    close: () => threads.close(),
  };
}

function atOf(inputs: readonly PolicyInput[]): (i: number) => PolicyInput {
  return (i) => {
    const input = inputs[i];
    if (input === undefined) throw new RangeError(`event ${i} of a batch of ${inputs.length}`);
    return input;
  };
}
