/**
 * What the emitter reads of the SDK's objects, as structural types: the OTel JS majors 2.x and 3.x disagree on
 * where these types live and on what an attribute value may be, and agree on everything below. No SDK package is
 * imported, not even for its types.
 */

/** Attributes by name; what values there may be differs between the majors. */
export type AttributesView = Readonly<Record<string, unknown>>;

/** Seconds and nanoseconds since the Unix epoch, as the SDK writes them. */
export type HighResolutionTime = readonly [seconds: number, nanos: number];

/** The parts of an API `SpanContext` that an event carries. */
export interface SpanContextView {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: { serialize(): string } | undefined;
}

/** The SDK's `Resource`, whose detectors may still be at work. */
export interface ResourceView {
  readonly attributes: AttributesView;
  readonly asyncAttributesPending?: boolean | undefined;
  waitForAsyncAttributes?(): Promise<void>;
}

/** The SDK's `InstrumentationScope`. */
export interface ScopeView {
  readonly name: string;
  readonly version?: string | undefined;
}

/** The SDK's `ReadWriteLogRecord` (2.x: also `SdkLogRecord`), read only. */
export interface LogRecordView {
  readonly hrTime: HighResolutionTime;
  readonly hrTimeObserved: HighResolutionTime;
  readonly spanContext?: SpanContextView | undefined;
  readonly severityNumber?: number | undefined;
  readonly severityText?: string | undefined;
  readonly body?: unknown;
  readonly eventName?: string | undefined;
  readonly attributes: AttributesView;
  readonly droppedAttributesCount: number;
  readonly resource: ResourceView;
  readonly instrumentationScope: ScopeView;
}

/** The SDK's `TimedEvent`. */
export interface SpanEventView {
  readonly name: string;
  readonly time: HighResolutionTime;
  readonly attributes?: AttributesView | undefined;
  readonly droppedAttributesCount?: number | undefined;
}

/** The SDK's `ReadableSpan`. */
export interface SpanView {
  readonly name: string;
  /** The API's `SpanKind`: 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  readonly spanContext: () => SpanContextView;
  readonly parentSpanContext?: SpanContextView | undefined;
  readonly startTime: HighResolutionTime;
  readonly endTime: HighResolutionTime;
  readonly ended: boolean;
  /** The API's `SpanStatus`: code 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: AttributesView;
  readonly events: readonly SpanEventView[];
  readonly resource: ResourceView;
  readonly instrumentationScope: ScopeView;
}
