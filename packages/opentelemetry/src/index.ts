/** OpenTelemetry log events and spans delivered as CloudEvents, in process. */
import "./require-node.ts";

export { CloudEventEmitter } from "./emitter.ts";
export { type EventFromSpanOptions, eventFromSpan, type SpanEventData } from "./event-from-span.ts";
export type {
  EmitterOptions,
  HttpBindingOptions,
  KafkaBindingOptions,
  Loss,
  PolicyOptions,
  QueueOptions,
  RetryOptions,
  TlsOptions,
} from "./options.ts";
export type {
  AttributesView,
  HighResolutionTime,
  LogRecordView,
  ResourceView,
  ScopeView,
  SpanContextView,
  SpanEventView,
  SpanView,
} from "./sdk.ts";
export { UndeliveredError } from "./undelivered-error.ts";
