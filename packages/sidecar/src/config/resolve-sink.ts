import type { HttpSinkSettings, KafkaSinkSettings, SinkSettings } from "@coresdk/pipeline";
import { isPrivateHost } from "@coresdk/pipeline/checks";
import type { KafkaDocument } from "./document.ts";
import { holdsBack, keepHeaders, keepIdentity } from "./held-back.ts";
import { type KnativeSink, readKnativeSink } from "./knative.ts";
import type { Resolution } from "./resolution.ts";
import { resolveClientTls } from "./resolve-tls.ts";
import { resolveWebhook } from "./resolve-webhook.ts";
import { formatPath } from "./tree.ts";

/** The one sink of a configuration without `sinks` (semantics, section 5). */
const NAME = "default";

const HTTP = ["cloud_events", "http"];
const KAFKA = ["cloud_events", "kafka"];

/** Where events go; `[]` keeps them in the local store. */
export function resolveSinks(resolution: Resolution): readonly SinkSettings[] {
  const { document, warnings } = resolution;
  const events = document.cloud_events;
  const knative = readKnativeSink(resolution);
  const http = events?.http?.endpoint ?? knative?.endpoint;
  const kafkaMeant = events?.kafka?.brokers !== undefined || events?.kafka?.topic !== undefined;
  const binding = events?.binding ?? (http === undefined && kafkaMeant ? "kafka" : "http");
  refuseTwoFlags(resolution);
  if (binding === "kafka") {
    if (events?.http !== undefined) {
      const why = events.binding === undefined ? "it has no endpoint" : "cloud_events.binding is kafka";
      warnings.push(`cloud_events.http${setByVariable(resolution)} is not used: ${why}`);
    }
    return resolveKafka(resolution, events?.kafka);
  }
  if (events?.kafka !== undefined && (kafkaMeant || http !== undefined)) {
    const endpoint = knative === undefined ? "cloud_events.http.endpoint is set too" : "K_SINK is set";
    const why = events?.binding === undefined ? endpoint : "cloud_events.binding is http";
    warnings.push(`cloud_events.kafka is not used: ${why}`);
  }
  if (http === undefined) {
    if (events?.http !== undefined) {
      warnings.push("cloud_events.http has no endpoint: events are kept in the local store");
    }
    if (events?.kafka !== undefined && !kafkaMeant) {
      warnings.push("cloud_events.kafka has no brokers and no topic: events are kept in the local store");
    }
    return [];
  }
  return [resolveHttp(resolution, http, knative)];
}

/** One of them would have to be ignored, on a command line that names both. */
function refuseTwoFlags({ merged, fail }: Resolution): void {
  const endpoint = [...HTTP, "endpoint"];
  if (merged.setBy(endpoint) === "flag" && merged.setBy([...KAFKA, "brokers"]) === "flag") {
    fail(endpoint, "either --http or --kafka, not both");
  }
}

/** The variable that gives the endpoint, which nobody looks for in the file. */
function setByVariable({ merged }: Resolution): string {
  const { origin } = merged.place({ path: [...HTTP, "endpoint"], message: "" });
  return origin?.kind === "environment" ? ` (${origin.name})` : "";
}

function resolveHttp(
  resolution: Resolution,
  configuredEndpoint: string,
  knative: KnativeSink | undefined,
): HttpSinkSettings {
  const { document, fail, warnings } = resolution;
  const http = document.cloud_events?.http;
  const endpoint = knative?.endpoint ?? configuredEndpoint;
  const contentMode = http?.content_mode ?? "structured";
  let batchSize = http?.batch_size ?? 1;
  if (batchSize > 1 && (knative !== undefined || contentMode === "binary")) {
    const why = knative === undefined ? "binary mode sends" : "K_SINK takes";
    warnings.push(`cloud_events.http.batch_size is not used: ${why} one event a request`);
    batchSize = 1;
  }
  const tls = resolveClientTls(resolution, [...HTTP, "tls"], http?.tls);
  if (tls !== undefined && !endpoint.startsWith("https:")) {
    fail([...HTTP, "tls"], "cloud_events.http.tls needs an https:// endpoint");
  }
  const blockPrivateAddresses = http?.block_private_addresses ?? false;
  if (blockPrivateAddresses && isPrivateHost(new URL(endpoint))) {
    const key = "block_private_addresses";
    fail([...HTTP, key], `cloud_events.http.${key}: the endpoint is such an address`);
  }
  const target = {
    key: [...HTTP, "endpoint"],
    endpoint,
    platform: knative === undefined ? undefined : "K_SINK",
  };
  const webhook = resolveWebhook(resolution, endpoint);
  const callback = [...HTTP, "webhook", "callback"];
  const asksElsewhere = holdsBack(resolution, target, callback, `${formatPath(callback)} is`);
  return {
    kind: "http",
    name: NAME,
    endpoint,
    headers: keepHeaders(resolution, target, [...HTTP, "headers"], http?.headers ?? {}),
    batchSize,
    flushIntervalMs: http?.flush_interval ?? 1_000,
    contentMode,
    timeoutMs: http?.timeout ?? 30_000,
    maxInFlight: http?.max_in_flight ?? 16,
    tls: keepIdentity(resolution, target, [...HTTP, "tls"], tls),
    overrides: knative?.overrides ?? {},
    webhook: asksElsewhere && webhook !== undefined ? { ...webhook, callback: undefined } : webhook,
    blockPrivateAddresses,
  };
}

function resolveKafka(
  resolution: Resolution,
  kafka: KafkaDocument | undefined,
): readonly KafkaSinkSettings[] {
  const { fail } = resolution;
  if (kafka?.brokers === undefined || kafka.brokers.length === 0) {
    fail([...KAFKA, "brokers"], "cloud_events.kafka.brokers (--kafka) is missing: the binding is kafka");
  }
  if (kafka?.topic === undefined) {
    fail([...KAFKA, "topic"], "cloud_events.kafka.topic (--topic) is missing: the binding is kafka");
  }
  const tls = resolveClientTls(resolution, [...KAFKA, "tls"], kafka?.tls);
  const sasl = resolveSasl(resolution, kafka);
  if (sasl?.mechanism === "PLAIN" && tls === undefined && sasl.allowPlaintext !== true) {
    const advice = "set kafka.tls, or sasl.allow_plaintext: true where the network is trusted";
    fail(
      [...KAFKA, "sasl"],
      `cloud_events.kafka.sasl: PLAIN without tls sends the password in the clear; ${advice}`,
    );
  }
  return [
    {
      kind: "kafka",
      name: NAME,
      brokers: kafka?.brokers ?? [],
      topic: kafka?.topic ?? "",
      tls,
      sasl,
      contentMode: kafka?.content_mode ?? "structured",
      key: kafka?.key ?? "subject",
      compression: kafka?.compression ?? "none",
      lingerMs: kafka?.linger ?? 20,
      // Large enough for the client's full rate (kafka.md), small enough to stay under a broker's 1 MB.
      batchSize: 500,
      timeoutMs: 30_000,
    },
  ];
}

function resolveSasl({ fail }: Resolution, kafka: KafkaDocument | undefined): KafkaSinkSettings["sasl"] {
  if (kafka?.sasl === undefined) return undefined;
  const { mechanism, username, password, allow_plaintext: allowPlaintext = false } = kafka.sasl;
  if (mechanism !== undefined && username !== undefined && password !== undefined) {
    return { mechanism, username, password, allowPlaintext };
  }
  fail([...KAFKA, "sasl"], "cloud_events.kafka.sasl needs mechanism, username and password");
  return undefined;
}
