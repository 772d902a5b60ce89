import type { SinkSettings } from "@coresdk/pipeline";
import { hidePathTokens } from "@coresdk/pipeline/checks";
import type { ForwardMaskSettings } from "../forward/mask-forwarded.ts";
import type { MaskedSignal, SidecarSettings } from "./settings.ts";

/** An endpoint fit to be shown: a query may hold a key, and so may a segment of the path. */
export function displayUrl(endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url === null) return "(no URL)";
  return `${url.origin}${url.pathname === "/" ? "" : hidePathTokens(url.pathname)}${url.search === "" ? "" : "?***"}`;
}

/** Where events go, in a few words. */
export function describeDestination({ pipeline, eventsEnabled, dataDir }: SidecarSettings): string {
  if (!eventsEnabled) return "nowhere: cloud_events.enabled is false";
  const [sink] = pipeline.sinks;
  return sink === undefined ? `the local store in ${dataDir}` : describeSink(sink);
}

function describeSink(sink: SinkSettings): string {
  if (sink.kind === "http") {
    const batch = sink.batchSize > 1 ? `, up to ${sink.batchSize} a request` : "";
    return `${displayUrl(sink.endpoint)} (HTTP, ${sink.contentMode}${batch})`;
  }
  const login = sink.sasl === undefined ? "" : `, ${sink.sasl.mechanism}`;
  const tls = sink.tls === undefined ? "" : ", TLS";
  return `Kafka topic ${sink.topic} at ${sink.brokers.join(", ")} (${sink.contentMode}${tls}${login})`;
}

/** What is masked, as `masking.signals` names it. */
export function listMasked(masking: ForwardMaskSettings | undefined): readonly MaskedSignal[] {
  return [
    "events",
    ...(masking?.logs === "all" ? (["logs"] as const) : []),
    ...(masking?.traces === true ? (["traces"] as const) : []),
    ...(masking?.metrics === true ? (["metrics"] as const) : []),
  ];
}
