/** What must and must not compile; `tsc` is the test. The same for OTel JS 2.x is in testing-otel2. */
import type { CloudEvent } from "@coresdk/cloudevents";
import type {
  CloudEventEmitter,
  EmitterOptions,
  eventFromSpan,
  SpanEventData,
  SpanView,
} from "@coresdk/opentelemetry";
import type { Span } from "@opentelemetry/api";
import type { LogRecordProcessor, ReadWriteLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

declare const emitter: CloudEventEmitter;
declare const span: ReadableSpan;
declare const apiSpan: Span;
declare const record: ReadWriteLogRecord;
declare const fromSpan: typeof eventFromSpan;

emitter satisfies LogRecordProcessor;
emitter satisfies SpanProcessor;
span satisfies SpanView;
emitter.onEmit(record);

const event = fromSpan(span, "/orders");
fromSpan(apiSpan, "/orders") satisfies CloudEvent<SpanEventData>;
// Not `any`, which would let every use of it pass.
true satisfies Equal<typeof event, CloudEvent<SpanEventData>>;

const http = { kind: "http", endpoint: "https://events.acme.internal/ingest" } as const;
({ binding: http, spans: (one) => one.attributes["http.route"] === "/orders" }) satisfies EmitterOptions;

// @ts-expect-error a binding is required
({ source: "/orders" }) satisfies EmitterOptions;
// @ts-expect-error Kafka needs a topic
({ binding: { kind: "kafka", brokers: ["kafka-1:9092"] } }) satisfies EmitterOptions;
// @ts-expect-error a value of an attribute is unknown until it was looked at
({ binding: http, spans: (one) => one.attributes["http.route"].length > 1 }) satisfies EmitterOptions;
