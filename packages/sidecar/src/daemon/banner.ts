import { describeDestination, displayUrl, listMasked } from "../config/describe.ts";
import { formatAddress } from "../config/resolve-listen.ts";
import type { ListenAddress, SidecarSettings } from "../config/settings.ts";
import { formatSize } from "../config/units.ts";
import type { DoorSettings } from "../receive/settings.ts";

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
  /** What others on this machine may do with the queue's directory. */
  readonly queueOpenTo: "nobody" | "readers" | "writers";
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
    ["doors", describeGuards(facts)],
    ["events to", describeDestination(settings)],
    ["the rest to", describeRest(settings)],
    ["masked", describeMasked(settings)],
    ...describePolicy(settings),
    ["queue", describeQueue(facts)],
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

/** How each door is guarded, so that one which is open is seen to be. */
function describeGuards({ settings: { receivers }, grpc, http }: BannerFacts): string {
  const guards = [
    ...(grpc === undefined ? [] : [["gRPC", describeGuard(receivers.grpc)] as const]),
    ...(http === undefined ? [] : [["HTTP", describeGuard(receivers.http)] as const]),
  ];
  const [first] = guards;
  if (first !== undefined && guards.length > 1 && guards.every(([, guard]) => guard === first[1])) {
    return `both with ${first[1]}`;
  }
  return guards.map(([name, guard]) => `${name} with ${guard}`).join("; ");
}

function describeGuard(door: DoorSettings | undefined): string {
  const guards = [
    ["TLS", door?.tls],
    ["client certificates", door?.tls?.clientCa],
    ["token", door?.bearerToken],
  ] as const;
  return guards.map(([name, value]) => (value === undefined ? `no ${name}` : name)).join(", ");
}

function describeQueue({ settings, queueOpenTo }: BannerFacts): string {
  const { pipeline, dataDir } = settings;
  const { queue, sinks } = pipeline;
  const synced = queue.kind === "disk" && queue.durability === "sync" ? "synced" : "not synced";
  const full = sinks.length === 0 ? "then the oldest events go" : "then input is refused";
  const open = {
    nobody: "",
    readers: "; others may see what is in it",
    writers: "; others may write to it",
  };
  return `${dataDir} (${synced}; up to ${formatSize(queue.maxBytes)}, ${full}${open[queueOpenTo]})`;
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
