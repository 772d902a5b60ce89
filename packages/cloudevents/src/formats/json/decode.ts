import { atIndex, CloudEventError } from "../../errors.ts";
import { decodeBase64 } from "../../event/base64.ts";
import { type Candidate, isCandidate } from "../../event/candidate.ts";
import { dataError, requireJsonOrBytes } from "../../event/data.ts";
import type { CloudEvent } from "../../event/event.ts";
import { BASE64, CANONICAL, copyNative, DATA, inspect, UNSET } from "../../event/inspect.ts";
import { seal } from "../../event/own.ts";
import { tooDeep } from "./depth.ts";
import { type DecodeOptions, type DecodeSettings, decodeSettings } from "./options.ts";
import { type ParsedBatch, parseJson, parseJsonBatch } from "./parse.ts";
import { isWire, requireRead, type Wire } from "./wire.ts";

/** What became of a batch: a bad event does not spoil its neighbours. */
export interface DecodedBatch {
  /** The events that are right, in order. */
  readonly events: readonly CloudEvent[];
  /** What is wrong with the others; each error's `index` is the event's place in the batch. */
  readonly errors: readonly CloudEventError[];
}

/**
 * Decodes one event in the JSON format (`application/cloudevents+json`).
 *
 * @throws CloudEventError for the first thing that is wrong
 */
export function decode(input: Wire, options?: DecodeOptions): CloudEvent {
  const settings = decodeSettings(options);
  requireWire(input);
  return eventFrom(reading(parseJson, input, settings));
}

/**
 * Decodes a batch in the JSON format (`application/cloudevents-batch+json`).
 *
 * @throws CloudEventError when the whole is no JSON array, or has too many events
 */
export function decodeBatch(input: Wire, options?: DecodeOptions): DecodedBatch {
  const settings = decodeSettings(options);
  requireWire(input);
  return eventsFrom(reading(parseJsonBatch, input, settings), settings, eventFrom);
}

/** Decodes a message's body: off the wire, or what a framework has already parsed, which is not changed. */
export function decodeEventBody(body: unknown, settings: DecodeSettings): CloudEvent {
  if (isWire(body)) return eventFrom(reading(parseJson, body, settings));
  requireRead(body);
  return eventFromParsed(body, settings.maxDepth);
}

/** The same for a body that holds a batch. */
export function decodeBatchBody(body: unknown, settings: DecodeSettings): DecodedBatch {
  if (isWire(body)) return eventsFrom(reading(parseJsonBatch, body, settings), settings, eventFrom);
  requireRead(body);
  return eventsFrom({ value: body, tooDeep: new Set() }, settings, (value) =>
    eventFromParsed(value, settings.maxDepth),
  );
}

/** @throws CloudEventError `invalid_argument` */
function requireWire(input: unknown): void {
  if (!isWire(input)) throw new CloudEventError("invalid_argument", "text, a Uint8Array or an ArrayBuffer");
}

/** Parses a message in the JSON format, whose faults are faults of the message. */
function reading<T>(
  parse: (input: Wire, settings: DecodeSettings) => T,
  input: Wire,
  settings: DecodeSettings,
): T {
  try {
    return parse(input, settings);
  } catch (cause) {
    if (cause instanceof CloudEventError) throw cause;
    throw new CloudEventError("invalid_format", "JSON in UTF-8", { cause });
  }
}

/** Makes events of a parsed batch. */
function eventsFrom(
  { value, tooDeep: deep }: ParsedBatch,
  settings: DecodeSettings,
  makeEvent: (value: unknown) => CloudEvent,
): DecodedBatch {
  if (!Array.isArray(value)) throw new CloudEventError("invalid_format", "a JSON array of events");
  if (value.length > settings.maxEvents) {
    throw new CloudEventError("limit_exceeded", `at most ${settings.maxEvents} events in a batch`);
  }
  const events: CloudEvent[] = [];
  const errors: CloudEventError[] = [];
  for (let index = 0; index < value.length; index++) {
    try {
      if (deep.size > 0 && deep.has(index)) throw tooDeep(settings.maxDepth);
      events.push(makeEvent(value[index]));
    } catch (error) {
      if (!(error instanceof CloudEventError)) throw error;
      errors.push(atIndex(error, index));
    }
  }
  return { events, errors };
}

/** Makes an event of what a framework has parsed: a copy, and data that nobody has looked at yet. */
function eventFromParsed(value: unknown, maxDepth: number): CloudEvent {
  // A spread defines properties, so that `__proto__` stays a name like any other.
  const copy = isCandidate(value) ? { ...value } : value;
  if (isCandidate(copy) && copy["data"] !== undefined) requireJsonOrBytes(copy["data"], maxDepth - 1);
  return eventFrom(copy);
}

/** Makes an event of a parsed object, which is used, not copied, unless it holds what an event does not. */
function eventFrom(value: unknown): CloudEvent {
  if (!isCandidate(value)) throw new CloudEventError("invalid_format", "a JSON object");
  const flags = inspect(value);
  if ((flags & (UNSET | CANONICAL | BASE64)) === 0) return seal(value);
  const event = copyNative(value);
  return seal((flags & BASE64) === 0 ? event : withBytes(event, value, flags));
}

/** JSON format, section 3.1.2: `data_base64` is the data, in bytes. It keeps its place. */
function withBytes(copy: Candidate, value: Candidate, flags: number): Candidate {
  if ((flags & DATA) !== 0) throw dataError("either data or data_base64, not both");
  const text = value["data_base64"];
  const data = typeof text === "string" ? decodeBase64(text) : undefined;
  if (data === undefined) throw dataError("base64 text (RFC 4648, section 4) in data_base64");
  const event: Record<string, unknown> = {};
  for (const name of Object.keys(copy)) {
    if (name === "data_base64") event["data"] = data;
    else event[name] = copy[name];
  }
  return event;
}
