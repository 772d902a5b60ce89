import type { ExtensionName, KafkaKey, SaslSettings } from "@coresdk/pipeline";
import type { MaskOptions } from "@coresdk/pipeline/mask";
import type { SpanView } from "./sdk.ts";

/** TLS towards the receiver; certificates and keys are PEM texts, not file names. */
export interface TlsOptions {
  /** Certificates to trust instead of those that Node.js trusts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name to expect in the peer's certificate; default: the host in the address. */
  readonly servername?: string;
}

/** Events posted to an HTTP endpoint (CloudEvents HTTP binding). */
export interface HttpBindingOptions {
  readonly kind: "http";
  readonly endpoint: string;
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Events a request, at most; default 1. Above 1 asks for the batched content mode. */
  readonly batchSize?: number;
  /** How long a batch that is not full waits for more, in seconds; default 1. */
  readonly flushSecs?: number;
  /** Default `structured`; `binary` is always one event a request. */
  readonly contentMode?: "structured" | "binary";
  /** For one request, in milliseconds; default 30000. */
  readonly timeoutMs?: number;
  /** Requests at once, at most; default 16. */
  readonly maxInFlight?: number;
  readonly tls?: TlsOptions;
  /** Default false; `true` never connects to loopback, private or link-local addresses, whatever the host resolves to. */
  readonly blockPrivateAddresses?: boolean;
}

/** Events produced to a Kafka topic (CloudEvents Kafka binding). Needs Node.js 22.22. */
export interface KafkaBindingOptions {
  readonly kind: "kafka";
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** `true`: the authorities that Node.js itself trusts; default: no TLS. */
  readonly tls?: boolean | TlsOptions;
  readonly sasl?: {
    readonly mechanism: SaslSettings["mechanism"];
    readonly username: string;
    readonly password: string;
    /** `PLAIN` without TLS sends the password in the clear; it needs `true` here. */
    readonly allowPlaintext?: boolean;
  };
  /** What the record key is; default `subject`. */
  readonly key?: KafkaKey;
  /** Default `structured`. */
  readonly contentMode?: "structured" | "binary";
  /** Default `none`. */
  readonly compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  /** How long a send waits for more events, in milliseconds; default 20. */
  readonly lingerMs?: number;
  /** Events a send, at most; default 500. */
  readonly batchSize?: number;
  /** For one send, in milliseconds; default 30000. */
  readonly timeoutMs?: number;
}

/** Where events wait for their delivery. */
export interface QueueOptions {
  /**
   * A directory of this emitter alone: the queue is on disk, synced, and outlives the process. Needs Node.js 22.13.
   * Default: in memory.
   */
  readonly dir?: string;
  /**
   * Beyond it new events are refused; default 64 MiB in memory, 1 GiB on disk. Dead letters count towards it, and the
   * oldest of them give way to new events.
   */
  readonly maxBytes?: number;
}

/** When a failed delivery is tried again: exponential backoff with full jitter. */
export interface RetryOptions {
  /** Default 1000. */
  readonly initialIntervalMs?: number;
  /** Default 30000. */
  readonly maxIntervalMs?: number;
  /** An event older than this is given up and kept as a dead letter; default 72 hours. */
  readonly maxAgeMs?: number;
}

/** A Rego policy that lets events leave. What it does not allow is counted (`coresdk.events.denied`) and goes nowhere. */
export interface PolicyOptions {
  /** The Rego package, its parts divided by slashes, such as `acme/cloudevents-egress`; an event leaves when its rule `allow` is `true`. */
  readonly package: string;
  /** The folder of `.rego` files and `data.json`, loaded again when they change; default: `CORESDK_POLICY_DIR`, else `./policies`. */
  readonly dir?: string;
  /** How long the decisions of a batch may take, in milliseconds; default 250. What has no answer by then is denied. */
  readonly deadlineMs?: number;
  /** `true`: what would be denied is counted (`coresdk.events.would_be_denied`), and leaves all the same. */
  readonly dryRun?: boolean;
}

/**
 * Events that will not be delivered.
 *
 * - `full`: the queue, or what waits to enter it, is at `queue.maxBytes`
 * - `closed`: a span, or an event of one, that ended after the second shutdown
 * - `refused`: no CloudEvent can be made of it, such as an illegal type, or it alone is larger than `queue.maxBytes`
 * - `dead_lettered`: the receiver turned it down for good, or it became older than `retry.maxAgeMs`; the queue
 *   keeps it while there is room, with `queue.dir` beyond the process
 * - `undelivered`: still in the memory queue when it was closed, or, with either queue, not safe on disk when a
 *   shutdown ended, or the process without one
 * - `failed`: the queue or the policy could not be opened (`queue.dir` may be another emitter's after a shutdown), the
 *   queue could not be written, or the record could not be read
 */
export interface Loss {
  readonly reason: "full" | "closed" | "refused" | "dead_lettered" | "undelivered" | "failed";
  /** How many events, since the last call for this reason. */
  readonly count: number;
  /** A sentence for a log, without anything from an event. */
  readonly detail: string;
}

/** What a {@link CloudEventEmitter} is made from. */
export interface EmitterOptions {
  /** The `source` of every event, a URI-reference; default: made from the resource's `service.namespace` and `service.name`. */
  readonly source?: string;
  /** The tenant of events that name none. */
  readonly tenant?: string;
  readonly binding: HttpBindingOptions | KafkaBindingOptions;
  /** Which sampled spans become events as they end; default `all`. Of a function's answers only `true` takes a span. */
  readonly spans?: "all" | "marked" | ((span: SpanView) => boolean);
  /** Extension attributes to compute; default `["distributed-tracing"]`. */
  readonly extensions?: readonly ExtensionName[];
  /** Extension attributes with a fixed value. */
  readonly fixedExtensions?: Readonly<Record<string, string | number | boolean>>;
  /** What `data` is made from; default `attributes`. */
  readonly data?: "attributes" | "body" | "record";
  /** `subject` (default): the events of one user keep their order. */
  readonly order?: "subject" | "none";
  /** Which events may leave; left out: all. */
  readonly policy?: PolicyOptions;
  /**
   * What is masked besides what the built-in rules find: card numbers, e-mail addresses, keys, passwords and so on
   * become `[REDACTED]` before anything is written. `false`: nothing is masked.
   */
  readonly masking?: MaskOptions | false;
  readonly queue?: QueueOptions;
  readonly retry?: RetryOptions;
  /**
   * How long `forceFlush` and `shutdown` wait for delivery, and a process that has nothing left to do before it ends,
   * in milliseconds; default 10000.
   */
  readonly flushTimeoutMs?: number;
  /**
   * Called when events are lost: at the first, then at most once a second for each reason, with their number.
   * What it throws, or rejects with, is logged. What it emits itself and loses is counted in the next call. It runs
   * outside any request: the stores of `AsyncLocalStorage` are not those of whoever emitted.
   * The last call may come while the process ends: then only what it does at once is done.
   */
  readonly onLoss?: (loss: Loss) => void;
}
