import { BatchView } from "../../src/batch.ts";
import type { Clock, IntakeResult, OtlpEncoding, Random } from "../../src/contracts.ts";
import { createIntake, type IntakePorts } from "../../src/intake.ts";
import { type AnyValue, KeyValues, type LogEvent, type SpanRecord } from "../../src/log-event.ts";
import type { WrapSettings } from "../../src/settings.ts";

/** What the tests read of an event. */
export type EventOfTest = Record<string, unknown> & { data?: Record<string, unknown> };

/** Settings of a test: the defaults, with a source. */
export function settingsOf(changes: Partial<WrapSettings> = {}): WrapSettings {
  return {
    source: "https://orders.acme.com",
    tenant: undefined,
    extensions: ["distributed-tracing"],
    fixedExtensions: {},
    data: "attributes",
    order: "subject",
    ...changes,
  };
}

/** 2026-03-19T14:35:00Z, and no timer ever ends. */
export const clockOfTest: Clock = {
  now: () => 1_773_930_900_000,
  elapsed: () => 0,
  schedule: () => () => undefined,
};

/** Counts up, so that two runs draw the same. */
export function randomOfTest(): Random {
  let next = 0;
  return {
    next: () => 0.5,
    fill(bytes) {
      for (let i = 0; i < bytes.length; i++) bytes[i] = next++ & 0xff;
      return bytes;
    },
  };
}

export function portsOf(changes: Partial<IntakePorts> = {}): IntakePorts {
  return { clock: clockOfTest, random: randomOfTest(), ...changes };
}

/** Ordered pairs as OTLP has them; keys may come twice. */
export function keyValues(pairs: readonly (readonly [string, AnyValue])[]): KeyValues {
  const list = new KeyValues();
  for (const [key, value] of pairs) list.add(key, value);
  return list;
}

/** A map of a test, as a list of pairs. */
export function mapOf(entries: Readonly<Record<string, AnyValue>>): KeyValues {
  return keyValues(Object.entries(entries));
}

export type LogEventOfTest = Omit<Partial<LogEvent>, "attributes" | "resource"> & {
  readonly attributes?: Readonly<Record<string, AnyValue>> | KeyValues;
  readonly resource?: Readonly<Record<string, AnyValue>>;
};

/** A log event with as much as the test cares about. */
export function logEvent({ attributes = {}, resource = {}, ...fields }: LogEventOfTest = {}): LogEvent {
  return {
    eventName: "com.acme.order.created",
    eventNameOrigin: "field",
    time: { seconds: 1_773_930_900, nanos: 0 },
    observedTime: undefined,
    severityNumber: 0,
    severityText: "",
    body: undefined,
    droppedAttributesCount: 0,
    traceId: "",
    spanId: "",
    flags: 0,
    scope: { name: "", version: "" },
    index: 0,
    ...fields,
    attributes: attributes instanceof KeyValues ? attributes : mapOf(attributes),
    resource: { attributes: mapOf(resource) },
  };
}

/** The result of an intake that has no asynchronous stage. */
export function atOnce(result: IntakeResult | Promise<IntakeResult>): IntakeResult {
  if (result instanceof Promise) throw new TypeError("the result came as a promise");
  return result;
}

/** What an intake says that found nothing. */
export const nothingTaken: IntakeResult = {
  batch: undefined,
  events: 0,
  otherRecords: 0,
  refusals: [],
  denied: new Map(),
  rest: undefined,
  withheld: [],
  wouldBeDenied: new Map(),
  deniedBatch: undefined,
  bodiesLeftOut: 0,
  valuesMasked: 0,
  maskFailures: 0,
  extensionsLeftOut: new Map(),
};

/** The JSON text of each event of a result. */
export function textsOf({ batch }: IntakeResult): string[] {
  if (batch === undefined) return [];
  const view = new BatchView(new Uint8Array(batch.buffer));
  return Array.from({ length: view.count }, (_, i) => Buffer.from(view.event(i)).toString("utf8"));
}

export function eventsOf(result: IntakeResult): EventOfTest[] {
  return textsOf(result).map((text): EventOfTest => JSON.parse(text));
}

/** The batch of a result; a test that asks for it expects one. */
export function viewOf({ batch }: IntakeResult): BatchView {
  if (batch === undefined) throw new TypeError("the result has no batch");
  return new BatchView(new Uint8Array(batch.buffer));
}

export function takeEvents(
  events: readonly LogEvent[],
  settings: Partial<WrapSettings> = {},
  ports: Partial<IntakePorts> = {},
): IntakeResult {
  return atOnce(createIntake(settingsOf(settings), portsOf(ports)).intakeEvents(events));
}

/** The one event that becomes of a log event. */
export function wrapped(event: LogEventOfTest, settings: Partial<WrapSettings> = {}): EventOfTest {
  const [made] = eventsOf(takeEvents([logEvent(event)], settings));
  if (made === undefined) throw new TypeError("the event was refused");
  return made;
}

export function takeSpan(span: SpanRecord, settings: Partial<WrapSettings> = {}): IntakeResult {
  return atOnce(createIntake(settingsOf(settings), portsOf()).intakeSpan(span));
}

/** Takes one OTLP request in, with a fresh intake. */
export function takeRequest(
  request: Uint8Array,
  encoding: OtlpEncoding = "protobuf",
  settings: Partial<WrapSettings> = {},
): IntakeResult {
  return atOnce(createIntake(settingsOf(settings), portsOf()).intakeRequest(request, encoding));
}

/** An OTLP/JSON request of one resource and scope. */
export function jsonRequest(
  logRecords: readonly object[],
  resourceAttributes: Readonly<Record<string, string>> = {},
): Uint8Array {
  const attributes = Object.entries(resourceAttributes).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));
  return Buffer.from(
    JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }),
  );
}
