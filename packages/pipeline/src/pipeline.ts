/**
 * The pipeline put together: intake into the queue, the queue into one delivery per sink.
 *
 * Acknowledgement: what {@link Pipeline.ingest} and its siblings resolve to is decided after the queue's
 * commit, never before. Delivery runs on its own and never delays it.
 */
import { BatchView } from "./batch.ts";
import { compileMask, compileTextMask } from "./compile-mask.ts";
import type {
  Appended,
  Clock,
  FactRecorder,
  Flushed,
  Ingested,
  IntakeResult,
  OtlpEncoding,
  Pipeline,
  Queue,
  Random,
  Segment,
  Sender,
  SinkHealth,
} from "./contracts.ts";
import { createSink } from "./deliver/create-sink.ts";
import type { WebhookTargets } from "./deliver/http/webhook-targets.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import { facts } from "./facts.ts";
import { createIntake } from "./intake.ts";
import { IntakeJournal } from "./intake-journal.ts";
import { EgressPolicy } from "./policy/egress-policy.ts";
import { openDiskQueue } from "./queue/disk-queue.ts";
import { createMemoryQueue } from "./queue/memory-queue.ts";
import type { PipelineSettings } from "./settings.ts";
import { holdProcess } from "./system.ts";
import { TaskAbandonedError } from "./thread/task-thread.ts";
import { createThreadedIntake, type ThreadedIntake } from "./threaded-intake.ts";

export interface PipelinePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly facts: FactRecorder;
  /** A thread of the pipeline died and cannot come back: the process should end. */
  readonly onFatal: (error: Error) => void;
  /** What `settings.policy` asks for, opened by the caller, who closes it after the pipeline. */
  readonly policy?: EgressPolicy | undefined;
  /** What webhook targets granted to sinks of pipelines before this one; nothing when left out. */
  readonly webhookTargets?: WebhookTargets | undefined;
}

/** Sender's wait after a refusal because of closing, in ms: a restart takes about this long. */
const CLOSING_RETRY_MS = 5_000;

const NOTHING_TO_APPEND: Appended = { committed: true, firstSequence: 0 };

const NOTHING_MADE: IntakeResult = {
  batch: undefined,
  events: 0,
  otherRecords: 0,
  refusals: [],
  denied: new Map(),
  wouldBeDenied: new Map(),
  deniedBatch: undefined,
  withheld: [],
  rest: undefined,
  bodiesLeftOut: 0,
  valuesMasked: 0,
  maskFailures: 0,
  extensionsLeftOut: new Map(),
};

/**
 * Opens the queue, connects each sink to its reader and starts delivery.
 *
 * @throws when the queue cannot be opened (its directory in use, a store of a newer version), a setting is illegal or
 * the egress policy does not compile (`PolicyLoadError`)
 */
export async function createPipeline(settings: PipelineSettings, ports: PipelinePorts): Promise<Pipeline> {
  const policy = settings.policy === undefined ? undefined : new EgressPolicy(settings.policy, ports);
  const open = preparePipeline(settings, { ...ports, policy });
  await policy?.open();
  try {
    const pipeline = await open();
    return policy === undefined ? pipeline : withPolicy(pipeline, policy);
  } catch (error) {
    await policy?.close();
    throw error;
  }
}

/** The same pipeline, which closes its policy as well. */
function withPolicy(pipeline: Pipeline, policy: EgressPolicy): Pipeline {
  return {
    ...pipeline,
    async close(deadlineMs) {
      const flushed = await pipeline.close(deadlineMs);
      await policy.close();
      return flushed;
    },
  };
}

/**
 * Everything of {@link createPipeline} that can be done while another pipeline holds the queue: what a setting
 * can get wrong is found here. Nothing is open yet, so that the result may be dropped. The policy is the caller's, so
 * that it can outlive the pipeline.
 *
 * @returns what opens the queue and starts delivery, to be called once; when it rejects, nothing stays open
 * @throws when a setting is illegal
 */
export function preparePipeline(settings: PipelineSettings, ports: PipelinePorts): () => Promise<Pipeline> {
  // Sinks connect when they send.
  const maskText = compileTextMask(settings.masking);
  const sinks = settings.sinks.map((sink) => createSink(sink, { ...ports, maskText }));
  const { policy } = ports;
  // Without it every event would leave.
  if (settings.policy !== undefined && policy === undefined)
    throw new TypeError("the egress policy is missing");
  const deniedWatchers = new Set<(denied: BatchView) => void>();
  const intakePorts = {
    ...ports,
    mask: compileMask(settings.masking),
    policyDryRun: settings.policy?.dryRun ?? false,
    wantsDenied: () => deniedWatchers.size > 0,
  };
  const intake = createThreadedIntake(createIntake(settings.wrap, intakePorts), settings, intakePorts);
  return async () => {
    const names = sinks.map((sink) => sink.name);
    const queue =
      settings.queue.kind === "disk"
        ? await openDiskQueue(settings.queue, names, ports)
        : createMemoryQueue(settings.queue, names, ports);
    try {
      const deliverySettings = { retry: settings.retry, order: settings.wrap.order };
      const deliveryPorts = { ...ports, maskText };
      const deliveries = sinks.map((sink) =>
        createDelivery(queue.reader(sink.name), sink, deliverySettings, deliveryPorts),
      );
      for (const delivery of deliveries) delivery.start();
      return assemble({ queue, intake, deniedWatchers, deliveries }, ports);
    } catch (error) {
      await queue.close();
      throw error;
    }
  };
}

interface Parts {
  readonly queue: Queue;
  readonly intake: ThreadedIntake;
  readonly deniedWatchers: Set<(denied: BatchView) => void>;
  readonly deliveries: readonly Delivery[];
}

function assemble({ queue, intake, deniedWatchers, deliveries }: Parts, ports: PipelinePorts): Pipeline {
  const watchers = new Set<(segment: Segment) => void>();
  const journal = new IntakeJournal(ports.facts);
  let closed: Promise<Flushed> | undefined;

  async function commit(result: IntakeResult): Promise<Ingested> {
    const appended = await append(result);
    const count = result.batch?.count ?? 0;
    if (!appended.committed) {
      ports.facts.record(facts.queueRefused, count, { reason: appended.reason }, appended.detail);
      return { appended, result };
    }
    journal.committed(result);
    if (result.deniedBatch !== undefined) {
      const denied = new BatchView(new Uint8Array(result.deniedBatch.buffer));
      for (const watcher of deniedWatchers) watcher(denied);
    }
    return { appended, result };
  }

  /** A request that intake gave up is refused as one that the queue did not take: nothing was kept of it. */
  async function ingest(request: Uint8Array, encoding: OtlpEncoding, sender?: Sender): Promise<Ingested> {
    let result: IntakeResult;
    try {
      result = await intake.intakeRequest(request, encoding, sender);
    } catch (error) {
      if (!(error instanceof TaskAbandonedError)) throw error;
      const detail = `the request cannot be taken in: ${error.message}`;
      const reason = closed === undefined ? "failed" : "closing";
      // Who gave up waiting knows, and the queue did not fail.
      if (sender?.gone !== true) ports.facts.record(facts.queueRefused, 1, { reason }, detail);
      const { retryAfterMs } = error;
      return { appended: { committed: false, reason, retryAfterMs, detail }, result: NOTHING_MADE };
    }
    return commit(result);
  }

  async function append({ batch, events }: IntakeResult): Promise<Appended> {
    // Once closing, a denial counts no more than a commit: the engine may be gone, which denies as well.
    if (closed !== undefined && events > 0) {
      const detail = "shutting down";
      return { committed: false, reason: "closing", retryAfterMs: CLOSING_RETRY_MS, detail };
    }
    if (batch === undefined) return NOTHING_TO_APPEND;
    // The queue takes the buffer over, so a watcher sees a copy; without watchers nothing is copied.
    const copy = watchers.size === 0 ? undefined : new BatchView(new Uint8Array(batch.buffer.slice(0)));
    const appended = await queue.append(batch);
    if (appended.committed && copy !== undefined) {
      const indexes = Array.from({ length: copy.count }, (_, i) => i);
      for (const watcher of watchers)
        watcher({ firstSequence: appended.firstSequence, batch: copy, indexes });
    }
    return appended;
  }

  const flush = async (deadlineMs: number): Promise<Flushed> => {
    const flushed = await Promise.all(deliveries.map((delivery) => delivery.flush(deadlineMs)));
    return { remaining: flushed.reduce((sum, { remaining }) => sum + remaining, 0) };
  };

  const close = async (deadlineMs: number): Promise<Flushed> => {
    const stopped = await Promise.all(deliveries.map((delivery) => delivery.stop(deadlineMs)));
    await Promise.all([intake.close(), queue.close()]);
    return { remaining: stopped.reduce((sum, { remaining }) => sum + remaining, 0) };
  };

  return {
    queue,
    ingest,
    emit: async (events) => commit(await intake.intakeEvents(events)),
    emitSpan: async (span) => commit(await intake.intakeSpan(span)),
    health: (): readonly SinkHealth[] => deliveries.map((delivery) => delivery.health()),
    watch(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    watchDenied(listener) {
      deniedWatchers.add(listener);
      return () => deniedWatchers.delete(listener);
    },
    policy: () => ports.policy?.health(),
    flush: (deadlineMs) => holdProcess(flush(deadlineMs)),
    close(deadlineMs) {
      closed ??= holdProcess(close(deadlineMs));
      return closed;
    },
  };
}
