/** A span as an event (semantics, section 12). */
import type { Draft } from "../draft.ts";
import { KeyValues, type SpanRecord, type UnixTime } from "../log-event.ts";
import { TimestampFormat } from "../timestamp.ts";
import { holdsBody, withoutBodies } from "./bodies.ts";

const MARKERS: readonly string[] = ["cloudevents.event_type", "coresdk.event_type"];
const DEFAULT_TYPE = "io.coresdk.span.ended";

/** The type of a span's event, and where the attribute stands that named it; -1 when none did. */
export function typeOfSpan(span: SpanRecord): { readonly type: string; readonly markerAt: number } {
  const { keys, values } = span.attributes;
  for (const marker of MARKERS) {
    for (let i = 0; i < keys.length; i++) {
      const value = values[i];
      if (keys[i] === marker && typeof value === "string" && value !== "")
        return { type: value, markerAt: i };
    }
  }
  return { type: DEFAULT_TYPE, markerAt: -1 };
}

/** The data of a span's event, in the documented order. */
export function addSpanEntries(span: SpanRecord, draft: Draft, markerAt: number): void {
  const attributes = new KeyValues();
  for (let i = 0; i < span.attributes.size; i++) {
    const name = span.attributes.keys[i] ?? "";
    if (i === markerAt) continue;
    if (holdsBody(name)) {
      draft.bodiesLeftOut += 1;
      continue;
    }
    const { value, leftOut } = withoutBodies(name, span.attributes.values[i] ?? null);
    draft.bodiesLeftOut += leftOut;
    attributes.add(name, value);
  }
  draft.addTraceIds = false;
  draft.add("name", "name", span.name);
  draft.add("kind", "kind", span.kind);
  draft.add("status", "status", span.status);
  draft.add("start_time", "start_time", new TimestampFormat().format(span.startTime));
  draft.add("duration_us", "duration_us", microsecondsBetween(span.startTime, span.endTime));
  draft.add("attributes", "attributes", attributes);
  draft.add("trace_id", "trace_id", span.traceId);
  draft.add("span_id", "span_id", span.spanId);
  if (span.parentSpanId !== "") draft.add("parent_span_id", "parent_span_id", span.parentSpanId);
}

/** Whole microseconds; what is below one is left off. */
function microsecondsBetween(start: UnixTime, end: UnixTime): number {
  return (end.seconds - start.seconds) * 1_000_000 + Math.floor((end.nanos - start.nanos) / 1_000);
}
