import { type CloudEvent, CloudEventError, type CloudEventInit, createEvent } from "@coresdk/cloudevents";
import {
  BatchView,
  compileMask,
  createIntake,
  type ExtensionName,
  type Intake,
  KeyValues,
  systemClock,
  systemRandom,
} from "@coresdk/pipeline";
import type { MaskOptions } from "@coresdk/pipeline/mask";
import type { Span } from "@opentelemetry/api";
import { copyResource } from "./log-record.ts";
import { readMasking } from "./mask-settings.ts";
import { isRecord, OptionReader } from "./option-reader.ts";
import type { SpanView } from "./sdk.ts";
import { readExtensions, readTenant } from "./settings.ts";
import { copySpan } from "./span-record.ts";

const NAME = "eventFromSpan";

/** What {@link eventFromSpan} may be told besides the source. */
export interface EventFromSpanOptions {
  /** The tenant of a span that names none. */
  readonly tenant?: string;
  /** Extension attributes to compute; default `["distributed-tracing"]`. */
  readonly extensions?: readonly ExtensionName[];
  /** What is masked besides what the built-in rules find; `false`: nothing. */
  readonly masking?: MaskOptions | false;
}

/** The data of a span's event (semantics, section 12). */
export interface SpanEventData {
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
  readonly status: "unset" | "ok" | "error";
  /** RFC 3339, UTC, as many fraction digits as lose nothing. */
  readonly start_time: string;
  readonly duration_us: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly trace_id: string;
  readonly span_id: string;
  /** Absent for a root span. */
  readonly parent_span_id?: string;
}

/**
 * The CloudEvent that an ended span is: its type from the attribute `cloudevents.event_type` or
 * `coresdk.event_type`, else `io.coresdk.span.ended`; its time the span's end; subject and extensions as for
 * log events. The id is the attribute `log.record.uid`, as for log events, else a new ULID each time. What is personal
 * or secret is masked as in the emitter's events. Of a resource whose detectors are still at work there is nothing in
 * it; the emitter waits for them.
 *
 * @param span a span of the SDK (2.x or 3.x) that has ended; the API's `Span`, when the SDK made it
 * @param source the event's source, a URI-reference
 * @throws TypeError when the span is none of the SDK's, such as one that is not recorded, or has not ended, and for a
 *   wrong option, which it names
 * @throws CloudEventError `invalid_attribute` when the type or the source is illegal
 */
export function eventFromSpan(
  span: SpanView | Span,
  source: string,
  options: EventFromSpanOptions = {},
): CloudEvent<SpanEventData> {
  const view = requireEnded(span);
  const settings = readOptions(source, options);
  const resource = copyResource(view.resource) ?? { attributes: new KeyValues() };
  const result = intakeFor(settings).intakeSpan(copySpan(view, resource).item);
  // Without a policy there is nothing to wait for.
  if (result instanceof Promise) throw new TypeError("eventFromSpan: the intake has become asynchronous");
  const { batch, refusals } = result;
  if (batch === undefined) {
    const [refusal] = refusals;
    const expected = refusal?.expected ?? "a span that can be an event";
    throw new CloudEventError("invalid_attribute", expected, { attribute: refusal?.attribute });
  }
  const bytes = new BatchView(new Uint8Array(batch.buffer)).event(0);
  const init: CloudEventInit<SpanEventData> = JSON.parse(Buffer.from(bytes).toString("utf8"));
  return createEvent(init);
}

function requireEnded(span: SpanView | Span): SpanView {
  // Services in JavaScript hand over what they have.
  const given: unknown = span;
  const isObject = typeof given === "object" && given !== null;
  if (!isObject || !("attributes" in span) || !("resource" in span)) {
    throw new TypeError("eventFromSpan: span must be a recorded span of the OpenTelemetry SDK");
  }
  if (!span.ended) throw new TypeError("eventFromSpan: span must have ended");
  return span;
}

interface SpanSettings {
  readonly source: string;
  readonly tenant: string | undefined;
  readonly extensions: readonly ExtensionName[];
  /** Read when it is compiled. */
  readonly masking: unknown;
}

function readOptions(source: unknown, options: unknown): SpanSettings {
  if (typeof source !== "string" || source === "") {
    throw new TypeError(`${NAME}: source must be a text that is not empty`);
  }
  const reader = new OptionReader("", options, ["tenant", "extensions", "masking"], NAME);
  const masking = reader.raw("masking");
  // Else it could be taken for another one that is compiled: in JSON much is an empty object.
  if (masking !== undefined && masking !== false && !isRecord(masking)) {
    reader.fail("masking", "a plain object or false");
  }
  return { source, tenant: readTenant(reader), extensions: readExtensions(reader), masking };
}

/** Compiled settings, since an application asks for the same few sources again and again. */
const intakes = new Map<string, Intake>();
const MAX_INTAKES = 32;

function intakeFor({ source, tenant, extensions, masking }: SpanSettings): Intake {
  const key = keyOf([source, tenant, extensions, masking]);
  let intake = key === undefined ? undefined : intakes.get(key);
  if (intake === undefined) {
    if (intakes.size >= MAX_INTAKES) intakes.clear();
    const settings = {
      source,
      tenant,
      extensions,
      fixedExtensions: {},
      data: "attributes",
      order: "subject",
    } as const;
    const mask = compileMask(readMasking(masking, NAME));
    intake = createIntake(settings, { clock: systemClock, random: systemRandom, mask });
    if (key !== undefined) intakes.set(key, intake);
  }
  return intake;
}

/** `undefined` for options that have no JSON, which will be found wrong when they are read. */
function keyOf(settings: readonly unknown[]): string | undefined {
  try {
    return JSON.stringify(settings);
  } catch {
    return undefined;
  }
}
