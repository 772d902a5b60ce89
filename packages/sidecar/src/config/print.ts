/** Complete settings back in the shape of the file, for `config print`. */
import type { HttpSinkSettings, KafkaSinkSettings, Secret, TlsSettings } from "@coresdk/pipeline";
import { stringify } from "yaml";
import type { DoorSettings, HttpReceiverSettings } from "../receive/settings.ts";
import { displayUrl, listMasked } from "./describe.ts";
import { formatAddress } from "./resolve-listen.ts";
import type { SidecarSettings } from "./settings.ts";
import { formatDuration, formatSize } from "./units.ts";

/** The effective configuration as YAML: secrets are `***`, and PEM text is named instead of shown. */
export function formatConfig(settings: SidecarSettings): string {
  return stringify(dropUnset(describe(settings)), { lineWidth: 0 });
}

type Plain = string | number | boolean | undefined | readonly Plain[] | { readonly [key: string]: Plain };

function describe(settings: SidecarSettings): Plain {
  const { pipeline, receivers, upstream, logs, admin, log } = settings;
  const { wrap, policy, queue, retry } = pipeline;
  const fixed = Object.entries(wrap.fixedExtensions).map(([name, value]) => ({ [name]: value }));
  const [sink] = pipeline.sinks;
  return {
    tenant: wrap.tenant,
    otel: upstream && {
      endpoint: displayUrl(upstream.endpoint),
      protocol: upstream.protocol,
      headers: describeHeaders(upstream.headers),
      compression: upstream.compression,
      tls: describeTls(upstream.tls),
      timeout: formatDuration(upstream.timeoutMs),
    },
    receivers: {
      otlp: {
        max_in_flight_bytes: formatSize(receivers.maxInFlightBytes),
        grpc: receivers.grpc && describeDoor(receivers.grpc),
        http: receivers.http && { ...describeDoor(receivers.http), cors: describeCors(receivers.http) },
      },
    },
    cloud_events: {
      enabled: settings.eventsEnabled,
      source: wrap.source,
      binding: sink?.kind ?? "http",
      order: wrap.order,
      retry: {
        initial_interval: formatDuration(retry.initialIntervalMs),
        max_interval: formatDuration(retry.maxIntervalMs),
        max_age: formatDuration(retry.maxAgeMs),
      },
      http: sink?.kind === "http" ? describeHttp(sink) : undefined,
      kafka: sink?.kind === "kafka" ? describeKafka(sink) : undefined,
      extensions: [...wrap.extensions, ...fixed],
      customer_egress_policy: policy?.package,
      data: wrap.data,
      keep_in_otlp: logs.keepInOtlp,
    },
    policy: policy && {
      dir: policy.dir,
      deadline: formatDuration(policy.deadlineMs),
      dry_run: policy.dryRun,
    },
    masking: describeMasking(settings),
    queue: {
      dir: settings.dataDir,
      durability: queue.kind === "disk" ? queue.durability : undefined,
      max_bytes: formatSize(queue.maxBytes),
    },
    admin: { endpoint: formatAddress(admin) },
    log: { level: log.level, format: log.format },
  };
}

function describeMasking({ pipeline: { masking }, forwardMasking }: SidecarSettings): Plain {
  if (masking === undefined || masking === "off") return { enabled: false };
  const { blockedKeys, allowKeys, patterns, literals, categories } = masking;
  return {
    enabled: true,
    signals: listMasked(forwardMasking),
    blocked_keys: blockedKeys,
    allow_keys: allowKeys,
    // A pattern may be the very thing that it finds, as a literal is.
    patterns: patterns.map(({ name }) => ({ name, regex: "***" })),
    literals: literals.map(() => "***"),
    categories,
  };
}

function describeDoor(door: DoorSettings): { readonly [key: string]: Plain } {
  return {
    endpoint: formatAddress(door),
    max_request_size: formatSize(door.maxRequestBytes),
    tls: door.tls && { cert: PEM, key: "***", client_ca: door.tls.clientCa && PEM },
    auth: door.bearerToken && { bearer: "***" },
  };
}

function describeCors({ cors }: HttpReceiverSettings): Plain {
  if (cors === undefined) return undefined;
  const { allowedOrigins, allowedHeaders, maxAgeSeconds } = cors;
  return { allowed_origins: allowedOrigins, allowed_headers: allowedHeaders, max_age: `${maxAgeSeconds}s` };
}

function describeHttp(sink: HttpSinkSettings): Plain {
  return {
    endpoint: displayUrl(sink.endpoint),
    headers: describeHeaders(sink.headers),
    batch_size: sink.batchSize,
    flush_interval: formatDuration(sink.flushIntervalMs),
    content_mode: sink.contentMode,
    timeout: formatDuration(sink.timeoutMs),
    max_in_flight: sink.maxInFlight,
    tls: describeTls(sink.tls),
    webhook: sink.webhook && {
      origin: sink.webhook.origin,
      rate: sink.webhook.ratePerMinute,
      callback: sink.webhook.callback && "***",
      renew: formatDuration(sink.webhook.renewMs),
    },
    block_private_addresses: sink.blockPrivateAddresses,
  };
}

function describeKafka(sink: KafkaSinkSettings): Plain {
  return {
    brokers: sink.brokers,
    topic: sink.topic,
    tls: describeTls(sink.tls),
    sasl: sink.sasl && {
      mechanism: sink.sasl.mechanism,
      username: sink.sasl.username,
      password: "***",
      allow_plaintext: sink.sasl.allowPlaintext,
    },
    content_mode: sink.contentMode,
    key: sink.key,
    compression: sink.compression,
    linger: formatDuration(sink.lingerMs),
  };
}

const PEM = "(PEM text)";

function describeTls(tls: TlsSettings | undefined): Plain {
  if (tls === undefined) return undefined;
  const { ca, cert, key, servername } = tls;
  const given = { ca: ca && PEM, cert: cert && PEM, key: key && "***", servername };
  return Object.values(given).every((value) => value === undefined) ? true : given;
}

function describeHeaders(headers: readonly (readonly [name: string, value: Secret])[]): Plain {
  if (headers.length === 0) return undefined;
  return Object.fromEntries(headers.map(([name]) => [name, "***"]));
}

/** YAML writes an unset key as `null`, which says something else. */
function dropUnset(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(dropUnset);
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, dropUnset(inner)]])),
  );
}
