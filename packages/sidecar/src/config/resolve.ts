/**
 * From what a configuration says to complete settings: defaults, what stands in the environment beside
 * `CORESDK_*`, files of certificates, and the rules that concern more than one key.
 */
import { resolve } from "node:path";
import type { PipelineSettings, SinkSettings } from "@coresdk/pipeline";
import { logsRouteDefaults } from "../logs/settings.ts";
import type { QueueDocument } from "./document.ts";
import type { Merged } from "./merge.ts";
import type { Resolution } from "./resolution.ts";
import { resolveAdmin, resolveReceivers } from "./resolve-listen.ts";
import { resolveForwardMasking, resolveMasking } from "./resolve-masking.ts";
import { resolvePolicy } from "./resolve-policy.ts";
import { resolveSinks } from "./resolve-sink.ts";
import { resolveUpstream } from "./resolve-upstream.ts";
import { resolveWrap } from "./resolve-wrap.ts";
import type { SidecarSettings } from "./settings.ts";

const DATA_DIR = "./coresdk-data";
const MAX_QUEUE_BYTES = 1024 ** 3;

/** Gives settings even when there are issues; they are not to be used then. */
export function resolveConfig(resolution: Resolution): SidecarSettings {
  const { document, merged } = resolution;
  refuseWhatIsNotHere(resolution);
  const { receivers, moved } = resolveReceivers(resolution);
  const dataDir = resolveDataDir(document.queue, merged);
  const masking = resolveMasking(resolution);
  const upstream = resolveUpstream(resolution, receivers);
  if (upstream === undefined && document.cloud_events?.keep_in_otlp === true) {
    resolution.warnings.push("cloud_events.keep_in_otlp has no effect: there is no otel.endpoint");
  }
  return {
    eventsEnabled: document.cloud_events?.enabled ?? true,
    pipeline: { ...assemblePipeline(resolution, resolveSinks(resolution), dataDir), masking },
    dataDir,
    receivers,
    upstream,
    forwardMasking: resolveForwardMasking(resolution, masking),
    logs: { ...logsRouteDefaults, keepInOtlp: document.cloud_events?.keep_in_otlp ?? false },
    admin: resolveAdmin(resolution, moved),
    log: { level: document.log?.level ?? "info", format: document.log?.format ?? "auto" },
    portsMoved: moved,
  };
}

/** The queue's directory, absolute. */
export function resolveDataDir(queue: QueueDocument | undefined, merged: Merged): string {
  return resolve(merged.baseDir(["queue", "dir"]), queue?.dir ?? DATA_DIR);
}

function assemblePipeline(
  resolution: Resolution,
  sinks: readonly SinkSettings[],
  dir: string,
): PipelineSettings {
  const { cloud_events, queue } = resolution.document;
  const retry = {
    initialIntervalMs: cloud_events?.retry?.initial_interval ?? 1_000,
    maxIntervalMs: cloud_events?.retry?.max_interval ?? 30_000,
    maxAgeMs: cloud_events?.retry?.max_age ?? 72 * 3_600_000,
  };
  if (retry.initialIntervalMs > retry.maxIntervalMs) {
    const path = ["cloud_events", "retry", "initial_interval"];
    resolution.fail(path, "cloud_events.retry.initial_interval is longer than max_interval");
  }
  return {
    wrap: resolveWrap(resolution),
    policy: resolvePolicy(resolution),
    sinks,
    queue: {
      kind: "disk",
      dir,
      durability: queue?.durability ?? "sync",
      maxBytes: queue?.max_bytes ?? MAX_QUEUE_BYTES,
      // Without a sink the local store is a ring (semantics, section 5).
      ring: sinks.length === 0,
    },
    retry,
  };
}

/** A key that means something is refused while it does nothing. */
function refuseWhatIsNotHere({ document, fail }: Resolution): void {
  if (document.cloud_events?.sinks !== undefined) {
    fail(["cloud_events", "sinks"], "several sinks are not in this version; use http or kafka");
  }
}
