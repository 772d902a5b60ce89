import type { EventNameOrigin, KeyValues, LogEvent, Resource, Scope, UnixTime } from "@coresdk/pipeline";
import { RecordCopy } from "./record-copy.ts";
import type { HighResolutionTime, LogRecordView, ResourceView, ScopeView, SpanContextView } from "./sdk.ts";

/** A record's copy, without what its resource still has to find out. */
export interface Copied<Item> {
  readonly item: Item;
  /** An estimate of the copy's size, in bytes. */
  readonly size: number;
  /** Values replaced because they were too deep, too large, cyclic or unreadable, and attributes left out. */
  readonly replaced: number;
}

/** A fixed estimate for what a record holds beside text and bytes. */
export const RECORD_OVERHEAD = 256;

const NANOS = 1_000_000_000;
/** The limit of `UnixTime.seconds`. */
const MAX_SECONDS = 2 ** 34;

interface EventName {
  readonly name: string;
  readonly origin: EventNameOrigin;
}

/** The event name of a log record, or `undefined` when the record is no event (semantics, section 1). */
export function findEventName(record: LogRecordView): EventName | undefined {
  if (isName(record.eventName)) return { name: record.eventName, origin: "field" };
  for (const origin of ["otel.event.name", "event.name"] as const) {
    const name = Object.hasOwn(record.attributes, origin) ? record.attributes[origin] : undefined;
    if (isName(name)) return { name, origin };
  }
  return undefined;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Copies a log record that is an event; nothing of the copy changes when the record does. */
export function copyLogRecord(
  record: LogRecordView,
  eventName: EventName,
  resource: Resource,
): Copied<LogEvent> {
  const copy = new RecordCopy();
  const { attributes, body } = copy.copyValues(record.attributes, record.body);
  const item: LogEvent = {
    eventName: copy.copyName(eventName.name),
    eventNameOrigin: eventName.origin,
    time: toUnixTime(record.hrTime),
    observedTime: toUnixTime(record.hrTimeObserved),
    severityNumber: severityOf(record.severityNumber),
    severityText: copy.copyName(record.severityText ?? ""),
    body,
    attributes,
    droppedAttributesCount: record.droppedAttributesCount + copy.dropped,
    ...traceOf(record.spanContext),
    resource,
    scope: copyScope(record.instrumentationScope),
    index: 0,
  };
  return { item, size: copy.size + RECORD_OVERHEAD, replaced: copy.replaced };
}

function severityOf(severityNumber: number | undefined): number {
  return severityNumber !== undefined && severityNumber >= 1 && severityNumber <= 24 ? severityNumber : 0;
}

/** The trace fields of a span context; empty ids when it names no span. */
export function traceOf(
  context: SpanContextView | undefined,
): Pick<LogEvent, "traceId" | "spanId" | "flags" | "traceState"> {
  if (context === undefined) return { traceId: "", spanId: "", flags: 0 };
  const traceState = context.traceState?.serialize() ?? "";
  return {
    traceId: validId(context.traceId, 32),
    spanId: validId(context.spanId, 16),
    flags: context.traceFlags & 0xff,
    ...(traceState === "" ? {} : { traceState }),
  };
}

/** The id when it is one: that many lower-case hex digits, not all of them zero; else `""`. */
export function validId(id: string, digits: number): string {
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id) ? id : "";
}

/**
 * The SDK's time as the pipeline has it, to the nanosecond. The SDK's arithmetic may leave a fraction of a
 * nanosecond, or a whole second among the nanoseconds; both are brought in order. 0, and what is no time, is
 * absent.
 */
export function toUnixTime([seconds, nanos]: HighResolutionTime): UnixTime | undefined {
  if (!Number.isFinite(seconds) || !Number.isFinite(nanos)) return undefined;
  const wholeSeconds = Math.floor(seconds);
  const allNanos = Math.floor(nanos + (seconds - wholeSeconds) * NANOS);
  const carried = Math.floor(allNanos / NANOS);
  const time = { seconds: wholeSeconds + carried, nanos: allNanos - carried * NANOS };
  if (time.seconds < 0 || time.seconds > MAX_SECONDS) return undefined;
  return time.seconds === 0 && time.nanos === 0 ? undefined : time;
}

export function copyScope(scope: ScopeView): Scope {
  return { name: scope.name, version: scope.version ?? "" };
}

const resources = new WeakMap<ResourceView, Resource>();

/** The resource, copied once; one whose detectors are still at work is not asked for its attributes. */
export function copyResource(resource: ResourceView): Resource | undefined {
  if (resource.asyncAttributesPending === true) return undefined;
  let copy = resources.get(resource);
  if (copy === undefined) {
    const attributes: KeyValues = new RecordCopy().copyAttributes(resource.attributes);
    copy = { attributes };
    resources.set(resource, copy);
  }
  return copy;
}
