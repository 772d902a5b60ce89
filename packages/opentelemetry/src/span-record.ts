import {
  isEnvelopeName,
  type LogEvent,
  type Resource,
  type SpanRecord,
  type UnixTime,
} from "@coresdk/pipeline";
import { isCoreEventType } from "./event-types.ts";
import { type Copied, copyScope, RECORD_OVERHEAD, toUnixTime, traceOf, validId } from "./log-record.ts";
import { RecordCopy } from "./record-copy.ts";
import type { AttributesView, SpanEventView, SpanView } from "./sdk.ts";

/** The attribute that gives a span or a span event its event type. */
const EVENT_TYPE = "cloudevents.event_type";
const MARKS = [EVENT_TYPE, "coresdk.event_type"] as const;

/** In the order of the API's `SpanKind` and `SpanStatusCode`. */
const KINDS = ["internal", "server", "client", "producer", "consumer"] as const;
const STATUSES = ["unset", "ok", "error"] as const;

const SAMPLED = 1;
const EPOCH: UnixTime = { seconds: 0, nanos: 0 };

/** True for a span that is to be seen at all: a recording span need not be a sampled one. */
export function isSampled(span: SpanView): boolean {
  return (span.spanContext().traceFlags & SAMPLED) !== 0;
}

/** True for a span that names its event type (`spans: "marked"`). */
export function isMarked(span: SpanView): boolean {
  return MARKS.some((name) => readText(span.attributes, name) !== "");
}

/** Copies an ended span. */
export function copySpan(span: SpanView, resource: Resource): Copied<SpanRecord> {
  const copy = new RecordCopy();
  const attributes = copy.copyAttributes(span.attributes);
  const item: SpanRecord = {
    name: copy.copyText(span.name),
    kind: KINDS[span.kind] ?? "internal",
    status: STATUSES[span.status.code] ?? "unset",
    statusMessage: copy.copyText(span.status.message ?? ""),
    startTime: toUnixTime(span.startTime) ?? EPOCH,
    endTime: toUnixTime(span.endTime) ?? EPOCH,
    attributes,
    parentSpanId: validId(span.parentSpanContext?.spanId ?? "", 16),
    ...traceOf(span.spanContext()),
    resource,
    scope: copyScope(span.instrumentationScope),
  };
  return { item, size: copy.size + RECORD_OVERHEAD, replaced: copy.replaced };
}

/** The type of the event that a span event is, or `""` when it is none (semantics, section 12). */
export function findSpanEventType(event: SpanEventView): string {
  const marked = readText(event.attributes ?? {}, EVENT_TYPE);
  return marked === "" && isCoreEventType(event.name) ? event.name : marked;
}

/** Copies a span event as the log event that it stands for: its own time and attributes, its span's trace. */
export function copySpanEvent(
  event: SpanEventView,
  eventName: string,
  span: SpanView,
  resource: Resource,
): Copied<LogEvent> {
  const copy = new RecordCopy();
  // The attribute that gave the type is not repeated in the data, as with log records (semantics, section 1).
  const { [EVENT_TYPE]: _, ...others } = event.attributes ?? {};
  const time = toUnixTime(event.time);
  const attributes = copy.copyAttributes(others);
  const item: LogEvent = {
    eventName: copy.copyName(eventName),
    eventNameOrigin: "field",
    time,
    observedTime: time,
    severityNumber: 0,
    severityText: "",
    body: undefined,
    attributes,
    droppedAttributesCount: (event.droppedAttributesCount ?? 0) + copy.dropped,
    ...traceOf(span.spanContext()),
    enclosing: copy.copyAttributes(namesIn(span.attributes)),
    resource,
    scope: copyScope(span.instrumentationScope),
    index: 0,
  };
  return { item, size: copy.size + RECORD_OVERHEAD, replaced: copy.replaced };
}

/** What may name tenant and user. */
function namesIn(attributes: AttributesView): AttributesView {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isEnvelopeName(name)));
}

function readText(attributes: AttributesView, name: string): string {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return typeof value === "string" ? value : "";
}
