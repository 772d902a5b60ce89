/**
 * The neutral record that both front doors produce: one OpenTelemetry log record which is an event.
 *
 * It is built for speed. Attributes are two parallel lists, so that a key sent by a client never becomes a
 * property of an object, and no object is made per attribute.
 */

/** A point in time since the Unix epoch, lossless to the nanosecond. */
export interface UnixTime {
  /** Whole seconds since the epoch, 0 to 2^34. */
  readonly seconds: number;
  /** Nanoseconds within the second, 0 to 999,999,999. */
  readonly nanos: number;
}

/**
 * A `double_value` whose number is integral (`1.0`), kept apart from an `int_value` so that the OTLP/JSON
 * form of a record can be given back exactly. Any other double is a plain number.
 */
export class IntegralDouble {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** An ordered list of key/value pairs (OTLP `KeyValueList`), duplicates included, as they were sent. */
export class KeyValues {
  readonly keys: string[] = [];
  readonly values: AnyValue[] = [];

  get size(): number {
    return this.keys.length;
  }

  add(key: string, value: AnyValue): void {
    this.keys.push(key);
    this.values.push(value);
  }
}

/**
 * OTLP `AnyValue`. Integers are numbers while a double holds them exactly, else `bigint`; `null` is an
 * AnyValue with no member set.
 */
export type AnyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | IntegralDouble
  | KeyValues
  | readonly AnyValue[];

/** The entity that produced a record. One object for all records of a `ResourceLogs`. */
export interface Resource {
  readonly attributes: KeyValues;
}

/** The instrumentation scope that produced a record. One object for all records of a `ScopeLogs`. */
export interface Scope {
  readonly name: string;
  readonly version: string;
}

/** Where the event name was found (semantics, section 1): the field, or an attribute that is not repeated in the data. */
export type EventNameOrigin = "field" | "otel.event.name" | "event.name";

/** One log record that is an event. */
export interface LogEvent {
  readonly eventName: string;
  readonly eventNameOrigin: EventNameOrigin;
  /** When it happened; absent when the field was 0. */
  readonly time: UnixTime | undefined;
  /** When it was observed; absent when the field was 0. */
  readonly observedTime: UnixTime | undefined;
  /** OTel severity number, 1 to 24; 0 when unspecified. */
  readonly severityNumber: number;
  readonly severityText: string;
  /** The body; `undefined` when the record has none. */
  readonly body: AnyValue | undefined;
  readonly attributes: KeyValues;
  readonly droppedAttributesCount: number;
  /** 32 lower-case hex digits, or `""` when absent or invalid (all zero, wrong length). */
  readonly traceId: string;
  /** 16 lower-case hex digits, or `""` when absent or invalid. */
  readonly spanId: string;
  /** W3C trace flags in the low byte, as the record carries them. */
  readonly flags: number;
  /** W3C `tracestate`; only in process, since an OTLP log record has none. */
  readonly traceState?: string;
  /**
   * Attributes of the span that holds the record as one of its span events, in process: tenant and user are looked for
   * there when the record names none.
   */
  readonly enclosing?: KeyValues;
  readonly resource: Resource;
  readonly scope: Scope;
  /** The record's place in its export request, counted over all records, events or not. */
  readonly index: number;
}

/** One ended span, for the front door that turns spans into events (semantics, section 12). */
export interface SpanRecord {
  readonly name: string;
  /** Lower-case OTel name of the kind: `internal`, `server`, `client`, `producer`, `consumer`. */
  readonly kind: string;
  /** `unset`, `ok` or `error`. */
  readonly status: string;
  readonly statusMessage: string;
  readonly startTime: UnixTime;
  readonly endTime: UnixTime;
  readonly attributes: KeyValues;
  readonly traceId: string;
  readonly spanId: string;
  /** `""` for a root span. */
  readonly parentSpanId: string;
  readonly flags: number;
  readonly traceState?: string;
  readonly resource: Resource;
  readonly scope: Scope;
}
