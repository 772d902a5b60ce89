/**
 * What the in-process tests need of an OTel JS SDK, so that one suite runs on both majors. Nothing here imports
 * an OpenTelemetry package: each major has its own copy of the API, and the emitter must see that one.
 */
import type { CloudEventEmitter, eventFromSpan } from "@coresdk/opentelemetry";

/** What an attribute may be in both majors. */
export type Attribute = string | number | boolean;

/** What a body or a log record's attribute may be in both majors. */
export type Value = Attribute | null | Uint8Array | Value[] | { [key: string]: Value };

export interface SpanContextInit {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  /** As in the header. */
  readonly traceState?: string;
}

export interface LogInit {
  readonly eventName?: string;
  readonly timestamp?: number | [number, number];
  readonly body?: Value;
  readonly attributes?: Record<string, Value>;
  readonly severityNumber?: number;
  readonly severityText?: string;
  /** The span in whose context the record is emitted. */
  readonly within?: SpanContextInit;
}

/** A logger provider with the emitter as its only processor. */
export interface Logs {
  emit(record: LogInit): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface SpanInit {
  readonly name: string;
  readonly attributes?: Record<string, Attribute>;
  readonly events?: readonly { readonly name: string; readonly attributes?: Record<string, Attribute> }[];
  readonly startTime?: [number, number];
  readonly endTime?: [number, number];
  readonly server?: boolean;
  readonly failed?: string;
  readonly parent?: SpanContextInit;
}

/** A tracer provider with the emitter as its only processor. */
export interface Traces {
  /** Makes and ends a span, and gives it back as the API does. */
  trace(span: SpanInit): Parameters<typeof eventFromSpan>[0];
  /** The same, not ended yet. */
  start(span: SpanInit): Parameters<typeof eventFromSpan>[0];
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

export interface TracesOptions {
  readonly sampled?: boolean;
  readonly resource?: Record<string, Attribute>;
}

export interface Sdk {
  readonly CloudEventEmitter: typeof CloudEventEmitter;
  readonly eventFromSpan: typeof eventFromSpan;
  createLogs(emitter: CloudEventEmitter, resource?: Record<string, Attribute | Promise<Attribute>>): Logs;
  createTraces(emitter: CloudEventEmitter, options?: TracesOptions): Traces;
  /** Sends the API's diagnostics to the list; the returned function ends that. */
  captureDiagnostics(lines: string[]): () => void;
  /** Sets a global meter provider; the first function reads the sums by metric name, the second ends it. */
  captureMetrics(): { read(): Promise<Readonly<Record<string, number>>>; end(): Promise<void> };
  /** Registers context manager and undici instrumentation; spans of undici's requests go into the list. */
  instrumentUndici(spans: string[]): () => Promise<void>;
  /** Undici instrumentation without a context manager, whose spans go to the emitter. */
  instrumentUndiciInto(emitter: CloudEventEmitter): { trace(name: string): void; end(): Promise<void> };
}
