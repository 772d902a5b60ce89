import {
  type EventNameOrigin,
  KeyValues,
  type LogEvent,
  type Resource,
  type Scope,
  type UnixTime,
} from "@coresdk/pipeline";
import { markerOf } from "./any-value.ts";
import { addCounts, asAttributes, asCount, asFlags, asText, attempt } from "./readings.ts";
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
/** OTel's severity numbers begin with 1. */
const MAX_SEVERITY = 24;
/** More than W3C Trace Context lets a list of 32 members be. */
const MAX_TRACESTATE = 32_768;

interface EventName {
  readonly name: string;
  readonly origin: EventNameOrigin;
}

/**
 * The event name of a log record, or `undefined` when the record is no event (semantics, section 1).
 *
 * @throws what the record throws: nobody knows then whether it is an event
 */
export function findEventName(record: LogRecordView): EventName | undefined {
  const { eventName } = record;
  if (isName(eventName)) return { name: eventName, origin: "field" };
  const attributes = asAttributes(record.attributes);
  for (const origin of ["otel.event.name", "event.name"] as const) {
    const name = Object.hasOwn(attributes, origin) ? attributes[origin] : undefined;
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
  const { attributes, body } = copy.copyValues(
    asAttributes(attempt(() => record.attributes)),
    readBody(record),
  );
  const trace = traceOf(attempt(() => record.spanContext));
  const item: LogEvent = {
    eventName: copy.copyName(eventName.name),
    eventNameOrigin: eventName.origin,
    time: attempt(() => toUnixTime(record.hrTime)),
    observedTime: attempt(() => toUnixTime(record.hrTimeObserved)),
    severityNumber: severityOf(attempt(() => record.severityNumber)),
    severityText: copy.copyName(asText(attempt(() => record.severityText))),
    body,
    attributes,
    droppedAttributesCount: addCounts(asCount(attempt(() => record.droppedAttributesCount)), copy.dropped),
    ...trace,
    resource,
    scope: copyScope(attempt(() => record.instrumentationScope)),
    index: 0,
  };
  return { item, size: copy.size + sizeOf(trace) + RECORD_OVERHEAD, replaced: copy.replaced };
}

function readBody(record: LogRecordView): unknown {
  try {
    return record.body;
  } catch {
    return markerOf("unreadable");
  }
}

function severityOf(severityNumber: unknown): number {
  const severity = asCount(severityNumber);
  return severity <= MAX_SEVERITY ? severity : 0;
}

type Trace = Pick<LogEvent, "traceId" | "spanId" | "flags" | "traceState">;

/** The trace fields of a span context; empty ids when it names no span. */
export function traceOf(context: SpanContextView | null | undefined): Trace {
  if (typeof context !== "object" || context === null) return { traceId: "", spanId: "", flags: 0 };
  const traceState = asText(attempt(() => context.traceState?.serialize()));
  return {
    traceId: validId(
      attempt(() => context.traceId),
      32,
    ),
    spanId: validId(
      attempt(() => context.spanId),
      16,
    ),
    flags: asFlags(attempt(() => context.traceFlags)),
    ...(traceState === "" || traceState.length > MAX_TRACESTATE ? {} : { traceState }),
  };
}

/** What a trace adds to an estimate of a copy's size. */
export function sizeOf({ traceState }: Trace): number {
  return traceState?.length ?? 0;
}

/** The id when it is one: that many hex digits, not all of them zero, in lower case; else `""`. */
export function validId(id: unknown, digits: number): string {
  if (typeof id !== "string" || id.length !== digits) return "";
  return /^[0-9a-fA-F]+$/.test(id) && !/^0+$/.test(id) ? id.toLowerCase() : "";
}

/**
 * The SDK's time as the pipeline has it, to the nanosecond. The SDK's arithmetic may leave a fraction of a
 * nanosecond, or a whole second among the nanoseconds; both are brought in order. 0, and what is no time, is
 * absent.
 */
export function toUnixTime(time: HighResolutionTime | undefined): UnixTime | undefined {
  if (!Array.isArray(time)) return undefined;
  const [seconds, nanos]: HighResolutionTime = time;
  if (!Number.isFinite(seconds) || !Number.isFinite(nanos)) return undefined;
  const wholeSeconds = Math.floor(seconds);
  const allNanos = Math.floor(nanos + (seconds - wholeSeconds) * NANOS);
  const carried = Math.floor(allNanos / NANOS);
  const unixTime = { seconds: wholeSeconds + carried, nanos: allNanos - carried * NANOS };
  if (unixTime.seconds < 0 || unixTime.seconds > MAX_SECONDS) return undefined;
  return unixTime.seconds === 0 && unixTime.nanos === 0 ? undefined : unixTime;
}

export function copyScope(scope: ScopeView | null | undefined): Scope {
  return {
    name: asText(attempt(() => scope?.name)),
    version: asText(attempt(() => scope?.version)),
  };
}

const NO_RESOURCE: Resource = { attributes: new KeyValues() };

const resources = new WeakMap<ResourceView, Resource>();

/** True while the resource's detectors are at work. */
export function isPending(resource: ResourceView): boolean {
  return attempt(() => resource.asyncAttributesPending) === true;
}

/** The resource, copied once; one whose detectors are still at work is not asked for its attributes. */
export function copyResource(resource: ResourceView): Resource | undefined {
  if (isPending(resource)) return undefined;
  const given: unknown = resource;
  if (typeof given !== "object" || given === null) return NO_RESOURCE;
  let copy = resources.get(resource);
  if (copy === undefined) {
    const attributes = asAttributes(attempt(() => resource.attributes));
    copy = { attributes: new RecordCopy().copyAttributes(attributes) };
    resources.set(resource, copy);
  }
  return copy;
}
