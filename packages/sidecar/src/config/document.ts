/**
 * `coresdk-sidecar.yaml` as it is after validation: the shape of semantics, section 5. Durations are in
 * milliseconds, sizes in bytes; what was left out is `undefined`, since the defaults come later.
 */
import type { Secret } from "@coresdk/pipeline";
import type { ListenAddress, MaskedSignal } from "./settings.ts";

/** File paths, or PEM text. */
export interface TlsDocument {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: Secret | undefined;
  readonly servername?: string | undefined;
}

export interface OtelDocument {
  readonly endpoint?: string | undefined;
  readonly protocol?: "grpc" | "http/protobuf" | undefined;
  readonly headers?: Readonly<Record<string, Secret>> | undefined;
  readonly compression?: "none" | "gzip" | undefined;
  readonly tls?: boolean | TlsDocument | undefined;
  readonly timeout?: number | undefined;
}

export interface DoorDocument {
  readonly endpoint?: ListenAddress | undefined;
  readonly max_request_size?: number | undefined;
  readonly tls?:
    | {
        readonly cert?: string | undefined;
        readonly key?: Secret | undefined;
        readonly client_ca?: string | undefined;
      }
    | undefined;
  readonly auth?: { readonly bearer?: Secret | undefined } | undefined;
}

export interface CorsDocument {
  readonly allowed_origins?: readonly string[] | undefined;
  readonly allowed_headers?: readonly string[] | undefined;
  readonly max_age?: number | undefined;
}

export interface OtlpDocument {
  readonly max_in_flight_bytes?: number | undefined;
  readonly grpc?: DoorDocument | undefined;
  readonly http?: (DoorDocument & { readonly cors?: CorsDocument | undefined }) | undefined;
}

export interface WebhookDocument {
  readonly origin?: string | undefined;
  /** Requests a minute. */
  readonly rate?: number | undefined;
  readonly callback?: Secret | undefined;
  readonly renew?: number | undefined;
}

export interface HttpDocument {
  readonly endpoint?: string | undefined;
  readonly headers?: Readonly<Record<string, Secret>> | undefined;
  readonly batch_size?: number | undefined;
  readonly flush_interval?: number | undefined;
  readonly content_mode?: "structured" | "binary" | undefined;
  readonly timeout?: number | undefined;
  readonly max_in_flight?: number | undefined;
  readonly tls?: boolean | TlsDocument | undefined;
  readonly webhook?: WebhookDocument | undefined;
  readonly block_private_addresses?: boolean | undefined;
}

export interface SaslDocument {
  readonly mechanism?: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | undefined;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly allow_plaintext?: boolean | undefined;
}

export interface KafkaDocument {
  readonly brokers?: readonly string[] | undefined;
  readonly topic?: string | undefined;
  readonly tls?: boolean | TlsDocument | undefined;
  readonly sasl?: SaslDocument | undefined;
  readonly content_mode?: "structured" | "binary" | undefined;
  readonly key?: "subject" | "partitionkey" | "source" | "type" | "id" | "none" | undefined;
  readonly compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd" | undefined;
  readonly linger?: number | undefined;
}

export interface RetryDocument {
  readonly initial_interval?: number | undefined;
  readonly max_interval?: number | undefined;
  readonly max_age?: number | undefined;
}

/** The name of an extension that is computed, or extension attributes with a fixed value. */
export type ExtensionDocument = string | Readonly<Record<string, string | number | boolean>>;

export interface CloudEventsDocument {
  readonly enabled?: boolean | undefined;
  readonly source?: string | undefined;
  readonly binding?: "http" | "kafka" | undefined;
  readonly order?: "subject" | "none" | undefined;
  readonly retry?: RetryDocument | undefined;
  readonly http?: HttpDocument | undefined;
  readonly kafka?: KafkaDocument | undefined;
  readonly sinks?: readonly unknown[] | undefined;
  readonly customer_egress_policy?: string | undefined;
  readonly extensions?: readonly ExtensionDocument[] | undefined;
  readonly data?: "attributes" | "body" | "record" | undefined;
  readonly keep_in_otlp?: boolean | undefined;
}

export interface PolicyDocument {
  readonly dir?: string | undefined;
  readonly deadline?: number | undefined;
  readonly dry_run?: boolean | undefined;
}

export interface MaskingDocument {
  readonly enabled?: boolean | undefined;
  readonly signals?: readonly MaskedSignal[] | undefined;
  readonly blocked_keys?: readonly string[] | undefined;
  readonly patterns?: readonly { readonly name: string; readonly regex: string }[] | undefined;
  readonly literals?: readonly Secret[] | undefined;
  readonly allow_keys?: readonly string[] | undefined;
  readonly categories?: Readonly<Record<string, boolean | undefined>> | undefined;
}

export interface QueueDocument {
  readonly dir?: string | undefined;
  readonly durability?: "sync" | "os" | undefined;
  readonly max_bytes?: number | undefined;
}

export interface LogDocument {
  readonly level?: "debug" | "info" | "warn" | "error" | undefined;
  readonly format?: "auto" | "json" | "pretty" | undefined;
}

export interface ConfigDocument {
  readonly tenant?: string | undefined;
  readonly otel?: OtelDocument | undefined;
  readonly receivers?: { readonly otlp?: OtlpDocument | undefined } | undefined;
  readonly cloud_events?: CloudEventsDocument | undefined;
  readonly policy?: PolicyDocument | undefined;
  readonly masking?: MaskingDocument | undefined;
  readonly queue?: QueueDocument | undefined;
  readonly admin?: { readonly endpoint?: ListenAddress | undefined } | undefined;
  readonly log?: LogDocument | undefined;
}
