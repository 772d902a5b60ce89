/**
 * What stands behind the doors: pipeline, forwarding and the logs route, replaced as a whole when the
 * configuration changes. While there is none of them, exports are refused retryably; nothing is lost, since
 * what was acknowledged is in the queue's directory.
 */
import type {
  BatchView,
  FactRecorder,
  Pipeline,
  PolicyHealth,
  QueueStats,
  Segment,
  SinkHealth,
  TakeLimits,
} from "@coresdk/pipeline";
import { EgressPolicy, preparePipeline, systemClock, systemRandom, WebhookTargets } from "@coresdk/pipeline";
import type { SidecarSettings } from "../config/settings.ts";
import type { ExportAnswer, ExportHandler, Forwarder, UpstreamState } from "../contracts.ts";
import { createForwarder, type ForwarderPorts } from "../forward/forwarder.ts";
import { maskForwarded } from "../forward/mask-forwarded.ts";
import { createLogsRoute, type LogsRoute } from "../logs/route.ts";
import { refuseUnavailable } from "../protocol/refusal.ts";
import { isSame } from "./compare-settings.ts";
import { LastingWatch, type Watch } from "./lasting-watch.ts";

export interface EnginePorts {
  readonly facts: FactRecorder;
  /** A thread died: the process should end. */
  readonly onFatal: (error: Error) => void;
}

/** What parts are made with, and what outlives them. */
interface PartsPorts extends EnginePorts {
  readonly webhookTargets: WebhookTargets;
}

interface Parts {
  readonly pipeline: Pipeline;
  readonly forwarder: Forwarder;
  readonly logs: LogsRoute;
}

/** How long a sender waits while the parts are replaced, in ms. */
const REPLACING_RETRY_MS = 1_000;
/** What is under way may take so long to end before the parts are replaced, in ms. */
const REPLACING_DEADLINE_MS = 1_000;

const replacing: ExportAnswer = refuseUnavailable("the sidecar is reloading", REPLACING_RETRY_MS);

export class Engine {
  readonly #ports: PartsPorts;
  readonly #committed = new LastingWatch<Segment>();
  readonly #denied = new LastingWatch<BatchView>();
  #parts: Parts | undefined;
  /** It outlives the parts, so that policies which are broken by now stay in force when other settings change. */
  #policy: EgressPolicy | undefined;
  #eventsEnabled: boolean;
  /** The replacement that is under way, if one is. */
  #replacing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(settings: SidecarSettings, ports: EnginePorts) {
    this.#eventsEnabled = settings.eventsEnabled;
    // A rate that a target granted holds although other settings change.
    this.#ports = { ...ports, webhookTargets: new WebhookTargets() };
    this.#policy = createPolicy(settings, ports);
  }

  /**
   * @throws when the queue cannot be opened, a sink's settings are illegal, or the egress policy does not compile
   * (`PolicyLoadError`)
   */
  static async open(settings: SidecarSettings, ports: EnginePorts): Promise<Engine> {
    const engine = new Engine(settings, ports);
    const policy = engine.#policy;
    const open = prepareParts(settings, policy, engine.#ports);
    await policy?.open();
    try {
      engine.#adopt(await open(), settings);
    } catch (error) {
      await policy?.close();
      throw error;
    }
    return engine;
  }

  /** Takes one export request. */
  readonly handle: ExportHandler = (signal, message, encoding, sender) => {
    const parts = this.#parts;
    if (parts === undefined) return Promise.resolve(replacing);
    return signal === "logs" && this.#eventsEnabled
      ? parts.logs(message, encoding, sender)
      : parts.forwarder.forward(signal, message, encoding, sender);
  };

  /** True when an export would be refused now. */
  refusing(): boolean {
    return this.#parts === undefined || this.#parts.pipeline.queue.refusing();
  }

  /** What fills the queue, when that is why; else `""`. */
  fullness(): string {
    return this.#parts?.pipeline.queue.fullness() ?? "";
  }

  /**
   * What is stored; while the parts are replaced, once they are. That nothing is stored is said by a queue alone:
   * whoever reads all there is would take it for the end.
   *
   * @throws when the sidecar is shutting down
   */
  async browse(fromSequence: number, limits: TakeLimits): Promise<readonly Segment[]> {
    for (;;) {
      if (this.#parts === undefined) await this.#replacing;
      const parts = this.#parts;
      if (parts === undefined) throw new Error("the queue is closed");
      try {
        return await parts.pipeline.queue.browse(fromSequence, limits);
      } catch (error) {
        if (this.#parts === parts) throw error;
      }
    }
  }

  /** As the pipeline's own, but it lasts when the pipeline is replaced. */
  readonly watch: Watch<Segment> = this.#committed.add;

  /** Likewise, for what policy denies. */
  readonly watchDenied: Watch<BatchView> = this.#denied.add;

  async stats(): Promise<QueueStats> {
    const parts = this.#parts;
    if (parts === undefined) throw new Error("the queue is being opened again");
    return parts.pipeline.queue.stats();
  }

  health(): readonly SinkHealth[] {
    return this.#parts?.pipeline.health() ?? [];
  }

  policy(): PolicyHealth | undefined {
    return this.#policy?.health();
  }

  upstream(): UpstreamState {
    return this.#parts?.forwarder.state() ?? { state: "untried", reason: "" };
  }

  /**
   * Closes the parts and opens them with other settings. Settings that cannot be used are refused while the
   * old parts still work; when the opening itself fails, the old settings are opened again.
   *
   * @throws what the new settings failed with; the old ones are in force then
   */
  replace(settings: SidecarSettings, old: SidecarSettings): Promise<void> {
    const replacing = this.#replace(settings, old);
    this.#replacing = replacing.catch(() => {});
    return replacing;
  }

  async #replace(settings: SidecarSettings, old: SidecarSettings): Promise<void> {
    if (this.#closed) throw new Error("the sidecar is shutting down");
    const policyBefore = this.#policy;
    const samePolicy = isSame(settings.pipeline.policy, old.pipeline.policy);
    const policy = samePolicy ? policyBefore : createPolicy(settings, this.#ports);
    const open = prepareParts(settings, policy, this.#ports);
    if (!samePolicy) await policy?.open();
    try {
      await this.#closeParts(REPLACING_DEADLINE_MS);
      this.#adopt(await open(), settings);
      this.#policy = policy;
    } catch (error) {
      if (!samePolicy) await policy?.close();
      try {
        this.#adopt(await prepareParts(old, policyBefore, this.#ports)(), old);
      } catch (second) {
        this.#ports.onFatal(second instanceof Error ? second : new Error(String(second)));
      }
      throw error;
    }
    if (!samePolicy) await policyBefore?.close();
  }

  /**
   * Delivers what can be delivered until the deadline and closes everything. A replacement that is under way ends
   * first, since what it opens has to be closed as well.
   *
   * @returns the events that wait in the queue for the next start
   */
  async close(deadlineMs: number): Promise<number> {
    this.#closed = true;
    await this.#replacing;
    const remaining = await this.#closeParts(deadlineMs);
    await this.#policy?.close();
    return remaining;
  }

  async #closeParts(deadlineMs: number): Promise<number> {
    const parts = this.#parts;
    this.#parts = undefined;
    if (parts === undefined) return 0;
    const [flushed] = await Promise.all([
      parts.pipeline.close(deadlineMs),
      parts.forwarder.close(deadlineMs),
    ]);
    return flushed.remaining;
  }

  #adopt(parts: Parts, settings: SidecarSettings): void {
    this.#parts = parts;
    this.#eventsEnabled = settings.eventsEnabled;
    this.#committed.attach(parts.pipeline.watch);
    this.#denied.attach(parts.pipeline.watchDenied);
  }
}

/** The way to the upstream, behind a mask when something of what goes there is masked. */
function openForwarder({ upstream, forwardMasking }: SidecarSettings, ports: ForwarderPorts): Forwarder {
  const forwarder = createForwarder(upstream, ports);
  // Without an upstream everything is dropped.
  if (upstream === undefined || forwardMasking === undefined) return forwarder;
  return maskForwarded(forwarder, forwardMasking, ports);
}

/** The policy of the settings, not open yet. */
function createPolicy({ pipeline }: SidecarSettings, { facts }: EnginePorts): EgressPolicy | undefined {
  return pipeline.policy && new EgressPolicy(pipeline.policy, { clock: systemClock, facts });
}

/**
 * Makes all that needs no file and no connection; what it returns opens the rest, once.
 *
 * @throws when a setting is illegal
 */
function prepareParts(
  settings: SidecarSettings,
  policy: EgressPolicy | undefined,
  { facts, onFatal, webhookTargets }: PartsPorts,
): () => Promise<Parts> {
  const clock = systemClock;
  const forwarder = openForwarder(settings, { clock, facts });
  const ports = { clock, random: systemRandom, facts, onFatal, policy, webhookTargets };
  const openPipeline = preparePipeline(settings.pipeline, ports);
  return async () => {
    const pipeline = await openPipeline();
    try {
      const logs = createLogsRoute(settings.logs, { pipeline, forwarder, clock, facts });
      return { pipeline, forwarder, logs };
    } catch (error) {
      // The queue must be free for whoever opens it next.
      await pipeline.close(0);
      throw error;
    }
  };
}
