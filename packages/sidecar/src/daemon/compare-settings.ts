import { Secret } from "@coresdk/pipeline";
import type { SidecarSettings } from "../config/settings.ts";

/** What a new configuration changes. */
export interface SettingsChange {
  /** Pipeline, forwarding or the logs route: they are replaced. */
  readonly engine: boolean;
  readonly logLevel: boolean;
  /** Keys whose change takes effect at once; the sink is not among them. */
  readonly changed: readonly string[];
  readonly sinks: boolean;
  /** Keys that take effect at the next start. */
  readonly needRestart: readonly string[];
}

const AT_ONCE: readonly (readonly [key: string, read: (settings: SidecarSettings) => unknown])[] = [
  ["tenant", ({ pipeline }) => pipeline.wrap.tenant],
  ["otel", ({ upstream }) => upstream],
  ["cloud_events.enabled", ({ eventsEnabled }) => eventsEnabled],
  ["cloud_events.source", ({ pipeline }) => pipeline.wrap.source],
  ["cloud_events.order", ({ pipeline }) => pipeline.wrap.order],
  ["cloud_events.retry", ({ pipeline }) => pipeline.retry],
  ["cloud_events.extensions", ({ pipeline: { wrap } }) => [wrap.extensions, wrap.fixedExtensions]],
  ["cloud_events.data", ({ pipeline }) => pipeline.wrap.data],
  ["cloud_events.keep_in_otlp", ({ logs }) => logs.keepInOtlp],
  ["cloud_events.customer_egress_policy", ({ pipeline }) => pipeline.policy?.package],
  ["policy", ({ pipeline: { policy } }) => policy && { ...policy, package: "" }],
  ["masking", ({ pipeline, forwardMasking }) => [pipeline.masking, forwardMasking]],
  ["queue.max_bytes", ({ pipeline }) => pipeline.queue.maxBytes],
  ["queue.durability", ({ pipeline: { queue } }) => queue.kind === "disk" && queue.durability],
  ["log.level", ({ log }) => log.level],
];

/** Compares two configurations, secrets included. */
export function compareSettings(old: SidecarSettings, fresh: SidecarSettings): SettingsChange {
  const needRestart: string[] = [];
  if (!isSame(old.receivers, fresh.receivers)) needRestart.push("receivers");
  if (!isSame(old.admin, fresh.admin)) needRestart.push("admin");
  if (old.dataDir !== fresh.dataDir) needRestart.push("queue.dir");
  if (old.log.format !== fresh.log.format) needRestart.push("log.format");
  const engine = (settings: SidecarSettings): unknown => ({
    eventsEnabled: settings.eventsEnabled,
    pipeline: { ...settings.pipeline, queue: { ...settings.pipeline.queue, dir: "" } },
    upstream: settings.upstream,
    forwardMasking: settings.forwardMasking,
    logs: settings.logs,
  });
  return {
    engine: !isSame(engine(old), engine(fresh)),
    logLevel: old.log.level !== fresh.log.level,
    changed: AT_ONCE.filter(([, read]) => !isSame(read(old), read(fresh))).map(([key]) => key),
    sinks: !isSame(old.pipeline.sinks, fresh.pipeline.sinks),
    needRestart,
  };
}

/** The new configuration with the old values of what needs a restart. */
export function keepFixedSettings(old: SidecarSettings, fresh: SidecarSettings): SidecarSettings {
  const { queue } = fresh.pipeline;
  return {
    ...fresh,
    receivers: old.receivers,
    admin: old.admin,
    portsMoved: old.portsMoved,
    dataDir: old.dataDir,
    log: { ...fresh.log, format: old.log.format },
    pipeline: {
      ...fresh.pipeline,
      queue: queue.kind === "disk" ? { ...queue, dir: old.dataDir } : queue,
    },
  };
}

/** Plain data, compared by value; a secret is compared by what it holds. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && a.reveal() === b.reveal();
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = new Map<string, unknown>(Object.entries(a));
  const right = new Map<string, unknown>(Object.entries(b));
  return (
    left.size === right.size &&
    [...left].every(([key, value]) => right.has(key) && isSame(value, right.get(key)))
  );
}
