/**
 * The flags that set a key of the configuration. Kept apart from everything heavy: `--help` loads it.
 */

/** One flag. */
export interface ConfigFlag {
  /** As commander reads it. */
  readonly flags: string;
  readonly description: string;
  /** The name under which commander gives its value. */
  readonly property: string;
  readonly path: readonly string[];
  /** What giving the flag implies beside its value. */
  readonly implies?: { readonly path: readonly string[]; readonly text: string };
}

export const CONFIG_FLAGS: readonly ConfigFlag[] = [
  {
    flags: "--http <url>",
    description: "deliver events to this URL",
    property: "http",
    path: ["cloud_events", "http", "endpoint"],
    implies: { path: ["cloud_events", "binding"], text: "http" },
  },
  {
    flags: "--batch-size <events>",
    description: "events an HTTP request, at most",
    property: "batchSize",
    path: ["cloud_events", "http", "batch_size"],
  },
  {
    flags: "--kafka <brokers>",
    description: "deliver events to Kafka: host:port,host:port",
    property: "kafka",
    path: ["cloud_events", "kafka", "brokers"],
    implies: { path: ["cloud_events", "binding"], text: "kafka" },
  },
  {
    flags: "--topic <name>",
    description: "the Kafka topic",
    property: "topic",
    path: ["cloud_events", "kafka", "topic"],
  },
  {
    flags: "--source <uri>",
    description: "the source of every event",
    property: "source",
    path: ["cloud_events", "source"],
  },
  {
    flags: "--tenant <name>",
    description: "the tenant of events that name none",
    property: "tenant",
    path: ["tenant"],
  },
  {
    flags: "--otel-endpoint <url>",
    description: "forward traces, metrics and other logs to this OTLP endpoint",
    property: "otelEndpoint",
    path: ["otel", "endpoint"],
  },
  {
    flags: "--dry-run",
    description: "let out what the egress policy denies, and report it",
    property: "dryRun",
    path: ["policy", "dry_run"],
  },
  {
    flags: "--data-dir <dir>",
    description: "where events wait (default: ./coresdk-data)",
    property: "dataDir",
    path: ["queue", "dir"],
  },
  {
    flags: "--otlp-grpc <host:port>",
    description: "where to listen for OTLP/gRPC (default: 127.0.0.1:4317)",
    property: "otlpGrpc",
    path: ["receivers", "otlp", "grpc", "endpoint"],
  },
  {
    flags: "--otlp-http <host:port>",
    description: "where to listen for OTLP/HTTP (default: 127.0.0.1:4318)",
    property: "otlpHttp",
    path: ["receivers", "otlp", "http", "endpoint"],
  },
  {
    flags: "--admin <host:port>",
    description: "where health and metrics are (default: 127.0.0.1:13133)",
    property: "admin",
    path: ["admin", "endpoint"],
  },
  {
    flags: "--log-level <level>",
    description: "debug, info, warn or error",
    property: "logLevel",
    path: ["log", "level"],
  },
  {
    flags: "--log-format <format>",
    description: "auto, json or pretty",
    property: "logFormat",
    path: ["log", "format"],
  },
];

/** One key set by one flag. */
export interface FlagOverride {
  readonly path: readonly string[];
  readonly text: string;
  /** The flag as it is written: `--http`. */
  readonly name: string;
}

/** What the given flags set. */
export function readFlags(given: Readonly<Record<string, unknown>>): readonly FlagOverride[] {
  const overrides: FlagOverride[] = [];
  for (const { flags, property, path, implies } of CONFIG_FLAGS) {
    const text = given[property] === true ? "true" : given[property];
    const name = flags.replace(/ .*/, "");
    if (typeof text !== "string") continue;
    overrides.push({ path, text, name });
    if (implies !== undefined) overrides.push({ ...implies, name });
  }
  return overrides;
}
