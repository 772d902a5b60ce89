import {
  isEnvelopeName,
  type LogEvent,
  type Resource,
  type SpanRecord,
  type UnixTime,
} from "@coresdk/pipeline";
import { isCoreEventType } from "./event-types.ts";
import {
  type Copied,
  copyScope,
  RECORD_OVERHEAD,
  sizeOf,
  toUnixTime,
  traceOf,
  validId,
} from "./log-record.ts";
import { addCounts, asAttributes, asCount, asFlags, asList, asText, attempt } from "./readings.ts";
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

/**
 * True for a span that is to be seen at all: a recording span need not be a sampled one.
 *
 * @throws what the span throws: nobody knows then whether it is sampled
 */
export function isSampled(span: SpanView): boolean {
  return (asFlags(span.spanContext().traceFlags) & SAMPLED) !== 0;
}

/** True for a span that names its event type (`spans: "marked"`). */
export function isMarked(span: SpanView): boolean {
  return MARKS.some((name) => readText(attributesOf(span), name) !== "");
}

/** Copies an ended span. */
export function copySpan(span: SpanView, resource: Resource): Copied<SpanRecord> {
  const copy = new RecordCopy();
  const attributes = copy.copyAttributes(attributesOf(span));
  const trace = traceOf(attempt(() => span.spanContext()));
  const status = attempt(() => span.status);
  const item: SpanRecord = {
    name: copy.copyText(asText(attempt(() => span.name))),
    kind: KINDS[asCount(attempt(() => span.kind))] ?? "internal",
    status: STATUSES[asCount(attempt(() => status?.code))] ?? "unset",
    statusMessage: copy.copyText(asText(attempt(() => status?.message))),
    startTime: attempt(() => toUnixTime(span.startTime)) ?? EPOCH,
    endTime: attempt(() => toUnixTime(span.endTime)) ?? EPOCH,
    attributes,
    parentSpanId: validId(
      attempt(() => span.parentSpanContext?.spanId),
      16,
    ),
    ...trace,
    resource,
    scope: copyScope(attempt(() => span.instrumentationScope)),
  };
  return { item, size: copy.size + sizeOf(trace) + RECORD_OVERHEAD, replaced: copy.replaced };
}

/** The events of a span. */
export function eventsOf(span: SpanView): readonly SpanEventView[] {
  return asList(attempt(() => span.events));
}

/** The type of the event that a span event is, or `""` when it is none (semantics, section 12). */
export function findSpanEventType(event: SpanEventView): string {
  const marked = readText(attributesOf(event), EVENT_TYPE);
  if (marked !== "") return marked;
  const name = asText(attempt(() => event.name));
  return isCoreEventType(name) ? name : "";
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
  const attributes = copy.copyAttributes(attributesOf(event), EVENT_TYPE);
  const time = attempt(() => toUnixTime(event.time));
  const trace = traceOf(attempt(() => span.spanContext()));
  const item: LogEvent = {
    eventName: copy.copyName(eventName),
    eventNameOrigin: "field",
    time,
    observedTime: time,
    severityNumber: 0,
    severityText: "",
    body: undefined,
    attributes,
    droppedAttributesCount: addCounts(asCount(attempt(() => event.droppedAttributesCount)), copy.dropped),
    ...trace,
    enclosing: copy.copyAttributes(namesIn(attributesOf(span))),
    resource,
    scope: copyScope(attempt(() => span.instrumentationScope)),
    index: 0,
  };
  return { item, size: copy.size + sizeOf(trace) + RECORD_OVERHEAD, replaced: copy.replaced };
}

/** What may name tenant and user. */
function namesIn(attributes: AttributesView): AttributesView {
  const names = attempt(() => Object.keys(attributes)) ?? [];
  const naming = names.filter(isEnvelopeName).map((name) => [name, attempt(() => attributes[name])] as const);
  return Object.fromEntries(naming);
}

function attributesOf(of: SpanView | SpanEventView): AttributesView {
  return asAttributes(attempt(() => of.attributes));
}

function readText(attributes: AttributesView, name: string): string {
  return asText(attempt(() => (Object.hasOwn(attributes, name) ? attributes[name] : undefined)));
}
