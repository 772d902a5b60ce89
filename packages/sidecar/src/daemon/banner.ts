import { describeDestination, displayUrl, listMasked } from "../config/describe.ts";
import { formatAddress } from "../config/resolve-listen.ts";
import type { ListenAddress, SidecarSettings } from "../config/settings.ts";
import { formatSize } from "../config/units.ts";

/** What the banner tells. */
export interface BannerFacts {
  readonly version: string;
  readonly readyMs: number;
  readonly settings: SidecarSettings;
  /** The file that was read; `undefined` when there is none. */
  readonly file: string | undefined;
  readonly grpc: ListenAddress | undefined;
  readonly http: ListenAddress | undefined;
  readonly admin: ListenAddress;
}

/** The lines on stdout when the sidecar is ready. It names no secret. */
export function formatBanner(facts: BannerFacts): string {
  const { settings, grpc, http, admin } = facts;
  const doors = [
    ...(grpc === undefined ? [] : [`gRPC ${formatAddress(grpc)}`]),
    ...(http === undefined ? [] : [`HTTP ${formatAddress(http)}`]),
  ];
  const rows: [string, string][] = [
    ["OTLP in", doors.join(", ")],
    ["events to", describeDestination(settings)],
    ["the rest to", describeRest(settings)],
    ["masked", describeMasked(settings)],
    ...describePolicy(settings),
    ["queue", describeQueue(settings)],
    ["admin", `http://${formatAddress(admin)}/livez /readyz /metrics`],
    ["config", facts.file ?? "no file: defaults, environment and flags"],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`);
  const head = `coresdk-sidecar ${facts.version}, ready in ${Math.round(facts.readyMs)} ms`;
  return `${[head, ...lines, ...describeMove(facts), ...describeTap(settings)].join("\n")}\n`;
}

function describeRest({ upstream, eventsEnabled }: SidecarSettings): string {
  if (upstream !== undefined) return `${displayUrl(upstream.endpoint)} (OTLP, ${upstream.protocol})`;
  const what = eventsEnabled ? "traces and metrics" : "traces, metrics and logs";
  return `nowhere, no otel.endpoint: ${what} are accepted, counted and dropped`;
}

/** With an upstream, it matters to whoever reads this what goes there as it came. */
function describeMasked({ pipeline, forwardMasking, upstream, eventsEnabled }: SidecarSettings): string {
  if (pipeline.masking === "off") return "nothing: masking.enabled is false";
  const masked = listMasked(forwardMasking).filter((signal) => signal !== "events" || eventsEnabled);
  const plain = ["logs", "traces", "metrics"].filter((signal) => !masked.some((one) => one === signal));
  const list = masked.length === 0 ? "nothing" : masked.join(", ");
  if (upstream === undefined || plain.length === 0) return list;
  return `${list}; forwarded as they came: ${plain.join(", ")} (masking.signals)`;
}

function describePolicy({ pipeline: { policy } }: SidecarSettings): [string, string][] {
  if (policy === undefined) return [];
  const trial = policy.dryRun ? "; on trial: what it denies leaves all the same" : "";
  return [["policy", `${policy.package} in ${policy.dir}${trial}`]];
}

function describeQueue({ pipeline: { queue, sinks }, dataDir }: SidecarSettings): string {
  const synced = queue.kind === "disk" && queue.durability === "sync" ? "synced" : "not synced";
  const full = sinks.length === 0 ? "then the oldest events go" : "then input is refused";
  return `${dataDir} (${synced}; up to ${formatSize(queue.maxBytes)}, ${full})`;
}

/** The upstream has the default ports: whoever sends must know where the sidecar is instead. */
function describeMove({ settings, grpc, http }: BannerFacts): readonly string[] {
  if (!settings.portsMoved) return [];
  const lines = [
    "",
    "  otel.endpoint has a default OTLP port, so the receivers moved. Applications must use",
  ];
  if (http !== undefined) {
    lines.push(`    OTEL_EXPORTER_OTLP_ENDPOINT=http://${formatAddress(http)}    (http/protobuf, http/json)`);
  }
  if (grpc !== undefined) {
    lines.push(`    OTEL_EXPORTER_OTLP_ENDPOINT=http://${formatAddress(grpc)}    (grpc)`);
  }
  return lines;
}

function describeTap({ pipeline, eventsEnabled }: SidecarSettings): readonly string[] {
  return eventsEnabled && pipeline.sinks.length === 0 ? ["", "  watch events: coresdk-sidecar tap"] : [];
}
