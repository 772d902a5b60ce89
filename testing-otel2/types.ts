/** What must compile with OTel JS 2.x; `tsc` is the test. */
import type { CloudEventEmitter, eventFromSpan, SpanView } from "@coresdk/opentelemetry";
import type { Span } from "@opentelemetry/api";
import type { LogRecordProcessor, ReadWriteLogRecord, SdkLogRecord } from "@opentelemetry/sdk-logs";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-node";

declare const emitter: CloudEventEmitter;
declare const span: ReadableSpan;
declare const apiSpan: Span;
declare const record: ReadWriteLogRecord;
declare const sdkRecord: SdkLogRecord;
declare const fromSpan: typeof eventFromSpan;

emitter satisfies LogRecordProcessor;
emitter satisfies SpanProcessor;
span satisfies SpanView;
emitter.onEmit(record);
emitter.onEmit(sdkRecord);
fromSpan(span, "/orders");
fromSpan(apiSpan, "/orders");
