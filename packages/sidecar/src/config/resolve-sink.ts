import {
  type HttpSinkSettings,
  isPrivateHost,
  type KafkaSinkSettings,
  type SinkSettings,
} from "@coresdk/pipeline";
import type { KafkaDocument } from "./document.ts";
import type { Resolution } from "./resolution.ts";
import { resolveClientTls } from "./resolve-tls.ts";
import { resolveWebhook } from "./resolve-webhook.ts";
import { isTreeMap } from "./tree.ts";
import { checkUrl } from "./values.ts";

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
  if (binding === "kafka") return resolveKafka(resolution, events?.kafka);
  if (kafkaMeant) {
    const why =
      events?.binding === undefined
        ? "cloud_events.http.endpoint is set too"
        : "cloud_events.binding is http";
    warnings.push(`cloud_events.kafka is not used: ${why}`);
  }
  if (http === undefined) {
    if (events?.http !== undefined) {
      warnings.push("cloud_events.http has no endpoint: events are kept in the local store");
    }
    return [];
  }
  return [resolveHttp(resolution, http, knative)];
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
  return {
    kind: "http",
    name: NAME,
    endpoint,
    headers: Object.entries(http?.headers ?? {}),
    batchSize,
    flushIntervalMs: http?.flush_interval ?? 1_000,
    contentMode,
    timeoutMs: http?.timeout ?? 30_000,
    maxInFlight: http?.max_in_flight ?? 16,
    tls,
    overrides: knative?.overrides ?? {},
    webhook: resolveWebhook(resolution, endpoint),
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

interface KnativeSink {
  readonly endpoint: string;
  readonly overrides: Readonly<Record<string, string>>;
}

/**
 * What Knative's SinkBinding injects. It speaks for the platform, so that it goes before the file; a flag or a
 * `CORESDK_*` variable was set for this sidecar alone and goes before it.
 */
function readKnativeSink({
  document,
  environment,
  merged,
  fail,
  warnings,
}: Resolution): KnativeSink | undefined {
  const endpoint = environment["K_SINK"];
  if (!endpoint || document.cloud_events?.binding === "kafka") return undefined;
  const setBy = merged.setBy([...HTTP, "endpoint"]);
  if (setBy === "flag" || setBy === "environment") return undefined;
  const wrong = checkUrl(endpoint);
  if (wrong !== undefined) {
    fail([], `K_SINK ${wrong}`);
    return undefined;
  }
  if (setBy === "file") warnings.push("K_SINK is set and is used instead of cloud_events.http.endpoint");
  const overrides = parseOverrides(environment["K_CE_OVERRIDES"]);
  if (overrides === undefined) {
    fail([], 'K_CE_OVERRIDES must be JSON: {"extensions":{"name":"value"}}, names of a-z and 0-9');
  }
  return { endpoint, overrides: overrides ?? {} };
}

/** What an event needs to be itself is not overridden. */
const CONTEXT = /^(?:id|source|specversion|type|datacontenttype|dataschema|subject|time|data)$/;

function parseOverrides(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (!text) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isTreeMap(parsed)) return undefined;
  const extensions: unknown = parsed["extensions"] ?? {};
  if (!isTreeMap(extensions)) return undefined;
  const overrides = new Map<string, string>();
  for (const [name, value] of Object.entries(extensions)) {
    if (!/^[a-z0-9]{1,20}$/.test(name) || CONTEXT.test(name) || typeof value !== "string") return undefined;
    overrides.set(name, value);
  }
  return Object.fromEntries(overrides);
}
