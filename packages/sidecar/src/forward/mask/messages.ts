/**
 * Where text is in OTLP's export requests (opentelemetry-proto), by field number for protobuf and by name for
 * JSON. What is not here is a number, an id or a time, or not known.
 */
import type { Signal } from "../../contracts.ts";

/** What a field holds. Lists are not told apart: each item is one such field. */
export type FieldKind =
  /** Text of its own. */
  | { readonly kind: "text" }
  /** The name of an attribute. */
  | { readonly kind: "name" }
  | { readonly kind: "keyValue" }
  | { readonly kind: "anyValue" }
  | { readonly kind: "message"; readonly message: MessageFields };

export interface MessageFields {
  readonly byNumber: ReadonlyMap<number, FieldKind>;
  /** In lower case and without underscores: some receivers take the original names as well. */
  readonly byName: ReadonlyMap<string, FieldKind>;
  /** Whether this is a log record, which is an event or not. */
  readonly isRecord: boolean;
  /** Whether log records are within it, or it is one. */
  readonly holdsRecords: boolean;
}

type Field = readonly [number: number, name: string, kind: FieldKind];

const text: FieldKind = { kind: "text" };
const name: FieldKind = { kind: "name" };
const keyValue: FieldKind = { kind: "keyValue" };
const anyValue: FieldKind = { kind: "anyValue" };

function message(fields: readonly Field[], isRecord = false): FieldKind & { readonly kind: "message" } {
  const byNumber = new Map(fields.map(([number, , kind]) => [number, kind]));
  const byName = new Map(fields.map(([, written, kind]) => [plainName(written), kind]));
  const holdsRecords =
    isRecord || fields.some(([, , kind]) => kind.kind === "message" && kind.message.holdsRecords);
  return { kind: "message", message: { byNumber, byName, isRecord, holdsRecords } };
}

/** A field's name in one way of writing. */
export function plainName(written: string): string {
  return written.replaceAll("_", "").toLowerCase();
}

const entityRef = message([
  [1, "schemaUrl", text],
  [2, "type", text],
  [3, "idKeys", name],
  [4, "descriptionKeys", name],
]);
const resource = message([
  [1, "attributes", keyValue],
  [3, "entityRefs", entityRef],
]);
const scope = message([
  [1, "name", text],
  [2, "version", text],
  [3, "attributes", keyValue],
]);

/** The two envelopes around the records of a signal. */
function envelope(scopes: string, records: string, record: FieldKind): FieldKind {
  const scoped = message([
    [1, "scope", scope],
    [2, records, record],
    [3, "schemaUrl", text],
  ]);
  return message([
    [1, "resource", resource],
    [2, scopes, scoped],
    [3, "schemaUrl", text],
  ]);
}

const logRecord = message(
  [
    [3, "severityText", text],
    [5, "body", anyValue],
    [6, "attributes", keyValue],
    [12, "eventName", text],
  ],
  true,
);

const span = message([
  [3, "traceState", text],
  [5, "name", text],
  [9, "attributes", keyValue],
  [
    11,
    "events",
    message([
      [2, "name", text],
      [3, "attributes", keyValue],
    ]),
  ],
  [
    13,
    "links",
    message([
      [3, "traceState", text],
      [4, "attributes", keyValue],
    ]),
  ],
  [15, "status", message([[2, "message", text]])],
]);

const exemplar = message([[7, "filteredAttributes", keyValue]]);

function points(exemplarsAt: number, attributesAt: number): FieldKind {
  const point = message([
    [exemplarsAt, "exemplars", exemplar],
    [attributesAt, "attributes", keyValue],
  ]);
  return message([[1, "dataPoints", point]]);
}

const metric = message([
  [1, "name", text],
  [2, "description", text],
  [3, "unit", text],
  [5, "gauge", points(5, 7)],
  [7, "sum", points(5, 7)],
  [9, "histogram", points(8, 9)],
  [10, "exponentialHistogram", points(11, 1)],
  [11, "summary", message([[1, "dataPoints", message([[7, "attributes", keyValue]])]])],
  [12, "metadata", keyValue],
]);

/** The export request of each signal. */
export const REQUESTS: Readonly<Record<Signal, MessageFields>> = {
  logs: message([[1, "resourceLogs", envelope("scopeLogs", "logRecords", logRecord)]]).message,
  traces: message([[1, "resourceSpans", envelope("scopeSpans", "spans", span)]]).message,
  metrics: message([[1, "resourceMetrics", envelope("scopeMetrics", "metrics", metric)]]).message,
};

/** Attributes that name an event where the field does not (semantics, section 1). */
export const EVENT_NAMES: ReadonlySet<string> = new Set(["otel.event.name", "event.name"]);

/** Levels of lists and maps in one value; what is nested deeper goes whole. */
export const MAX_DEPTH = 64;
