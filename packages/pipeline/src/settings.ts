/**
 * Complete settings of the pipeline: no part is optional, units are in the names. Front doors fill them
 * from partial options or from a file; the defaults are semantics, section 5.
 */
import type { Category } from "./mask/categories.ts";
import type { Secret } from "./secret.ts";

/** TLS towards a peer; every text is PEM. */
export interface TlsSettings {
  /** Certificates to trust instead of those that Node.js trusts. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: Secret | undefined;
  readonly servername: string | undefined;
}

export interface RetrySettings {
  readonly initialIntervalMs: number;
  readonly maxIntervalMs: number;
  /** An event older than this is kept as a dead letter (`expired`). */
  readonly maxAgeMs: number;
}

/** The abuse protection of webhooks ("HTTP 1.1 Web Hooks for Event Delivery", section 4), the sender's half. */
export interface WebhookSettings {
  /** The DNS name that stands for the sender. */
  readonly origin: string;
  /** Requests a minute that permission is asked for; `undefined` asks for none in particular. */
  readonly ratePerMinute: number | undefined;
  /** Where a target may give its permission instead of answering; whoever knows the URL can. */
  readonly callback: Secret | undefined;
  /** How long a permission counts before it is asked for again. */
  readonly renewMs: number;
}

export interface HttpSinkSettings {
  readonly kind: "http";
  readonly name: string;
  readonly endpoint: string;
  /** Header names and values; any value may be a secret. */
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  readonly batchSize: number;
  readonly flushIntervalMs: number;
  readonly contentMode: "structured" | "binary";
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly tls: TlsSettings | undefined;
  /** `K_CE_OVERRIDES`: extensions set on each event on its way out (Knative SinkBinding). */
  readonly overrides: Readonly<Record<string, string>>;
  /** The target is asked for permission, and the rate that it grants is kept. Left out: it is not asked. */
  readonly webhook?: WebhookSettings | undefined;
  /** True: loopback, private and link-local addresses are not connected to, whatever the endpoint's name resolves to. */
  readonly blockPrivateAddresses?: boolean;
}

export interface SaslSettings {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly username: string;
  readonly password: Secret;
  /** True: PLAIN may send the password over a connection without TLS. */
  readonly allowPlaintext?: boolean;
}

export type KafkaKey = "subject" | "partitionkey" | "source" | "type" | "id" | "none";

export interface KafkaSinkSettings {
  readonly kind: "kafka";
  readonly name: string;
  readonly brokers: readonly string[];
  readonly topic: string;
  /** `undefined` is plaintext. */
  readonly tls: TlsSettings | undefined;
  readonly sasl: SaslSettings | undefined;
  readonly contentMode: "structured" | "binary";
  readonly key: KafkaKey;
  readonly compression: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  readonly lingerMs: number;
  /** Events a send, at most. */
  readonly batchSize: number;
  readonly timeoutMs: number;
}

export type SinkSettings = HttpSinkSettings | KafkaSinkSettings;

/** How a log record becomes an envelope (semantics, sections 2 and 3). Plain data: it crosses threads. */
export interface WrapSettings {
  /** Unset: made from the resource's `service.namespace` and `service.name`. */
  readonly source: string | undefined;
  /** The tenant when neither record nor resource names one. */
  readonly tenant: string | undefined;
  readonly extensions: readonly ExtensionName[];
  /** Extension attributes set to a fixed value on every event. */
  readonly fixedExtensions: Readonly<Record<string, string | number | boolean>>;
  readonly data: "attributes" | "body" | "record";
  /** `subject` keeps the events of one user in order; `none` does not. */
  readonly order: "subject" | "none";
}

/** Opt-in extensions that are computed; others are copied from `cloudevents.<name>` record attributes. */
export const EXTENSION_NAMES = [
  "distributed-tracing",
  "severity",
  "recordedtime",
  "partitioning",
  "authcontext",
] as const;

export type ExtensionName = (typeof EXTENSION_NAMES)[number];

export interface MemoryQueueSettings {
  readonly kind: "memory";
  readonly maxBytes: number;
  /** At `maxBytes` the oldest go, instead of refusing the newest: the store without a sink. */
  readonly ring: boolean;
}

export interface DiskQueueSettings {
  readonly kind: "disk";
  readonly dir: string;
  /** `sync`: a commit is on the disk before it is acknowledged; `os`: it is in the operating system's hands. */
  readonly durability: "sync" | "os";
  readonly maxBytes: number;
  readonly ring: boolean;
  /**
   * At `maxBytes`, and when the file system is full, the oldest dead letters go before an event is refused. Left out:
   * they stay until an operator discards them.
   */
  readonly lettersGiveWay?: boolean;
}

/** What is masked besides what the built-in rules find (semantics, section 8). */
export interface MaskSettings {
  /** Further keys whose value goes whole. */
  readonly blockedKeys: readonly string[];
  /** Keys whose value is never masked. */
  readonly allowKeys: readonly string[];
  /** Further patterns, in RE2's syntax. */
  readonly patterns: readonly { readonly name: string; readonly regex: string }[];
  /** Texts that are masked wherever they stand. */
  readonly literals: readonly Secret[];
  /** Categories that are not as by default. */
  readonly categories: Readonly<Partial<Record<Category, boolean>>>;
}

/** Where the egress policy is and what it may take (semantics, section 9). */
export interface PolicySettings {
  /** The folder of `.rego` files and `data.json`; it is watched. */
  readonly dir: string;
  /** The Rego package, its parts divided by slashes; an event leaves when its rule `allow` is `true`. */
  readonly package: string;
  /** How long a batch of decisions may take; what has no answer by then is denied. */
  readonly deadlineMs: number;
  /** True: what would be denied is reported, and leaves all the same. */
  readonly dryRun: boolean;
}

export interface PipelineSettings {
  readonly wrap: WrapSettings;
  /** `"off"`: nothing is masked. Left out: the built-in rules, since what was not thought of must not leak. */
  readonly masking?: MaskSettings | "off";
  /** Left out: every event may leave. */
  readonly policy?: PolicySettings | undefined;
  readonly queue: MemoryQueueSettings | DiskQueueSettings;
  readonly sinks: readonly SinkSettings[];
  readonly retry: RetrySettings;
}
