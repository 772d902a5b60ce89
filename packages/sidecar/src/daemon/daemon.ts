/**
 * The daemon: engine, doors, admin port and control socket, opened in this order and closed in the other.
 */
import { statSync } from "node:fs";
import { type FactRecorder, PolicyLoadError, systemClock } from "@coresdk/pipeline";
import { type Admin, openAdmin, type Readiness } from "../admin/admin.ts";
import { describeDestination } from "../config/describe.ts";
import { ConfigError } from "../config/issue.ts";
import { formatAddress } from "../config/resolve-listen.ts";
import type { AdminSettings, ListenAddress, LoadedConfig, SidecarSettings } from "../config/settings.ts";
import type { Reloaded, SidecarStatus } from "../control/protocol.ts";
import { type Control, openControl } from "../control/server.ts";
import { observeSidecar } from "../observe/gauges.ts";
import type { Logger } from "../observe/logger.ts";
import { createMetrics, type Metrics } from "../observe/metrics.ts";
import { createRecorder } from "../observe/recorder.ts";
import { toConfigError } from "../policy/config-error.ts";
import { createDeniedSource } from "../policy/denied-source.ts";
import { createReceivers, type Receivers } from "../receive/receivers.ts";
import { compareSettings, keepFixedSettings, type SettingsChange } from "./compare-settings.ts";
import { Engine } from "./engine.ts";
import { describeStartError } from "./start-error.ts";

export interface DaemonPorts {
  readonly version: string;
  readonly logger: Logger;
  /** Reads the configuration again; it is told which file is in force now. */
  readonly load: (inForce: string | undefined) => Promise<LoadedConfig>;
  /** Something died that cannot come back: the process should end. */
  readonly onFatal: (error: Error) => void;
}

/** A running sidecar. */
export interface Daemon {
  readonly grpc: ListenAddress | undefined;
  readonly http: ListenAddress | undefined;
  readonly admin: ListenAddress;
  /** What others on this machine may do with the queue's directory, since the start. */
  readonly queueOpenTo: "nobody" | "readers" | "writers";
  /** Whether an export of events would be accepted now. */
  readiness(): Readiness;
  /** Reads the configuration again and puts it in force; resolves to what came of it. Never rejects. */
  reload(): Promise<Reloaded>;
  /** Refuses new exports, delivers until the deadline, closes; resolves to the events left for the next start. */
  close(deadlineMs: number): Promise<number>;
}

/**
 * Starts everything; when one part cannot start, none stays.
 *
 * @throws StartError with a message fit to be shown
 * @throws ConfigError when the egress policy cannot be loaded
 */
export async function startDaemon(config: LoadedConfig, ports: DaemonPorts): Promise<Daemon> {
  const metrics = createMetrics();
  const facts = createRecorder(metrics.meter, ports.logger, systemClock);
  const starting = new Starting(config.settings);
  try {
    const engine = await Engine.open(config.settings, { facts, onFatal: ports.onFatal });
    starting.opened((deadlineMs) => engine.close(deadlineMs));
    return await openDoors(config, engine, { ...ports, metrics, facts }, starting);
  } catch (error) {
    await starting.undo();
    if (error instanceof PolicyLoadError) throw toConfigError(error);
    throw describeStartError(error, config.settings);
  }
}

type Closer = (deadlineMs: number) => Promise<unknown>;

/** What is open already, in case the next part cannot be opened. */
class Starting {
  readonly settings: SidecarSettings;
  readonly #closers: Closer[] = [];

  constructor(settings: SidecarSettings) {
    this.settings = settings;
  }

  opened(closer: Closer): void {
    this.#closers.unshift(closer);
  }

  async undo(): Promise<void> {
    for (const close of this.#closers) await close(0);
  }
}

interface AllPorts extends DaemonPorts {
  readonly metrics: Metrics;
  readonly facts: FactRecorder;
}

async function openDoors(
  { settings, file }: LoadedConfig,
  engine: Engine,
  ports: AllPorts,
  starting: Starting,
): Promise<Daemon> {
  const { metrics, facts, logger } = ports;
  const state = { open: false, settings, file };
  const readiness = (): Readiness => {
    if (!state.open) return { ready: false, reason: "starting or shutting down" };
    if (engine.refusing()) return { ready: false, reason: engine.fullness() || "the queue takes no more" };
    const full = receivers.whyFull();
    if (full !== undefined) return { ready: false, reason: full };
    const upstream = engine.upstream();
    if (upstream.state !== "failing") return { ready: true, reason: "" };
    const remark = `what is no event may be refused, the upstream fails: ${upstream.reason}`;
    return { ready: true, reason: "", remark };
  };
  const receivers = await createReceivers(settings.receivers, engine.handle, {
    clock: systemClock,
    facts,
    ready: () => readiness().ready,
  });
  starting.opened((deadlineMs) => receivers.close(deadlineMs));
  observeSidecar(metrics, engine, systemClock.now);
  const details = (): Promise<object> => describeEngine(engine);
  const admin = await openAdminPort(settings.admin, { readiness, details, metrics: metrics.render });
  starting.opened(() => admin.close());
  const reload = createReload(state, engine, ports);
  const startedAt = new Date(systemClock.now()).toISOString();
  const status = async (): Promise<SidecarStatus> => ({
    version: ports.version,
    pid: process.pid,
    startedAt,
    listen: {
      grpc: receivers.grpc && formatAddress(receivers.grpc.address),
      http: receivers.http && formatAddress(receivers.http.address),
      admin: admin.address,
    },
    details: { ...readiness(), ...(await details()) },
  });
  const control = await openControl(settings.dataDir, {
    events: engine,
    denied: createDeniedSource(engine.watchDenied),
    status,
    reload,
  });
  state.open = true;
  logger.debug({ socket: control.path }, "Control socket open");
  return {
    grpc: receivers.grpc?.address,
    http: receivers.http?.address,
    admin: admin.address,
    queueOpenTo: seeWhoIsLetIn(settings.dataDir),
    readiness,
    reload,
    close: (deadlineMs) => {
      state.open = false;
      return closeAll({ engine, receivers, admin, control }, deadlineMs);
    },
  };
}

/** The queue itself says more about it, in the log. */
function seeWhoIsLetIn(dir: string): Daemon["queueOpenTo"] {
  // On Windows a mode says nothing.
  const mode = process.platform === "win32" ? 0 : (statSync(dir, { throwIfNoEntry: false })?.mode ?? 0);
  if ((mode & 0o022) !== 0) return "writers";
  return (mode & 0o077) === 0 ? "nobody" : "readers";
}

async function openAdminPort(
  settings: AdminSettings,
  ports: Parameters<typeof openAdmin>[1],
): Promise<Admin> {
  try {
    return await openAdmin(settings, ports);
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!taken || settings.fallbackPort === undefined) throw error;
    return openAdmin({ host: settings.host, port: settings.fallbackPort }, ports);
  }
}

async function describeEngine(engine: Engine): Promise<object> {
  const policy = engine.policy();
  const described = {
    sinks: engine.health(),
    upstream: engine.upstream(),
    ...(policy === undefined ? {} : { policy }),
  };
  try {
    return { ...described, queue: await engine.stats() };
  } catch {
    return { ...described, queue: "not open" };
  }
}

interface Open {
  readonly engine: Engine;
  readonly receivers: Receivers;
  readonly admin: Admin;
  readonly control: Control;
}

/** What the last refusals get to be read, in ms. */
const CLOSE_DOORS_MS = 500;

async function closeAll({ engine, receivers, admin, control }: Open, deadlineMs: number): Promise<number> {
  const startedAt = systemClock.elapsed();
  // The doors go on listening, so that a sender is refused by status to the very end.
  receivers.stopAccepting();
  // What is under way needs the engine for its answer.
  await receivers.settle(deadlineMs / 2);
  // Delivery gets all that is left of the time.
  const remaining = await engine.close(deadlineMs - (systemClock.elapsed() - startedAt));
  await receivers.close(CLOSE_DOORS_MS);
  await control.close();
  await admin.close();
  return remaining;
}

interface RunningState {
  readonly open: boolean;
  settings: SidecarSettings;
  /** Where they came from, as {@link LoadedConfig} names it. */
  file: string | undefined;
}

/** One reload at a time; a second one waits for the first. */
function createReload(state: RunningState, engine: Engine, ports: AllPorts): () => Promise<Reloaded> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(() => reloadOnce(state, engine, ports));
    last = next;
    return next;
  };
}

async function reloadOnce(
  state: RunningState,
  engine: Engine,
  { load, logger }: AllPorts,
): Promise<Reloaded> {
  if (!state.open) return { ok: false, message: "not reloaded: the sidecar is starting or shutting down" };
  let loaded: LoadedConfig;
  try {
    loaded = await load(state.file);
  } catch (error) {
    return refuse(error, logger);
  }
  const old = state.settings;
  const change = compareSettings(old, loaded.settings);
  const fresh = keepFixedSettings(old, loaded.settings);
  for (const warning of loaded.warnings) logger.warn(warning);
  try {
    if (change.engine) await engine.replace(fresh, old);
  } catch (error) {
    return refuse(error instanceof PolicyLoadError ? toConfigError(error) : error, logger);
  }
  logger.level = fresh.log.level;
  state.settings = fresh;
  state.file = loaded.file;
  const lost = await describeLostSinks(old, fresh, engine);
  const done = [describeChange(change, fresh), ...(lost === "" ? [] : [lost])].join("; ");
  if (change.needRestart.length === 0) {
    logger[lost === "" ? "info" : "warn"](done);
    return { ok: true, message: done };
  }
  const message = `${done}; changes of ${change.needRestart.join(", ")} take effect at the next start`;
  logger.warn(message);
  return { ok: true, message };
}

/** The old configuration stays in force. */
function refuse(error: unknown, logger: Logger): Reloaded {
  const message = `the configuration is not reloaded, the old one stays in force: ${toMessage(error)}`;
  logger.error(message);
  return { ok: false, message, isConfigWrong: error instanceof ConfigError };
}

/** What takes effect now; that there is no sink is said apart from it. */
function describeChange(
  { engine, logLevel, changed, sinks }: SettingsChange,
  settings: SidecarSettings,
): string {
  if (!engine && !logLevel) return "the configuration is the same";
  const keys = changed.length === 0 ? "" : `: ${changed.join(", ")} changed`;
  const isDelivered = sinks && settings.pipeline.sinks.length > 0;
  return `the configuration is reloaded${keys}${isDelivered ? `; events go to ${describeDestination(settings)}` : ""}`;
}

/** What becomes of the events, when the last sink was taken out of the configuration; `""` when none was. */
async function describeLostSinks(
  { pipeline: { sinks: before } }: SidecarSettings,
  { pipeline: { sinks } }: SidecarSettings,
  engine: Engine,
): Promise<string> {
  if (before.length === 0 || sinks.length > 0) return "";
  const stats = await engine.stats().catch(() => undefined);
  const waiting = Object.entries(stats?.pending ?? {}).map(
    ([sink, events]) => `${events} wait for \`${sink}\``,
  );
  return ["no sink any more: events are kept in the local store", ...waiting].join("; ");
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
