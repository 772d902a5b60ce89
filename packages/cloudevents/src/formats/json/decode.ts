import { atIndex, CloudEventError } from "../../errors.ts";
import { decodeBase64 } from "../../event/base64.ts";
import { dataError } from "../../event/data.ts";
import type { CloudEvent } from "../../event/event.ts";
import {
  BASE64,
  CANONICAL,
  type Candidate,
  copyNative,
  DATA,
  inspect,
  isCandidate,
  seal,
  UNSET,
} from "../../event/inspect.ts";
import {
  type DecodeOptions,
  type DecodeSettings,
  decodeSettings,
  isWire,
  parseJson,
  type Wire,
} from "./parse.ts";

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
  return eventFrom(parseMessage(input, decodeSettings(options)));
}

/**
 * Decodes a batch in the JSON format (`application/cloudevents-batch+json`).
 *
 * @throws CloudEventError when the whole is no JSON array, or has too many events
 */
export function decodeBatch(input: Wire, options?: DecodeOptions): DecodedBatch {
  const settings = decodeSettings(options);
  return eventsFrom(parseMessage(input, settings), settings);
}

/** Decodes a message's body: off the wire, or what a framework has already parsed, which is not changed. */
export function decodeEventBody(body: unknown, settings: DecodeSettings): CloudEvent {
  return eventFrom(isWire(body) ? parseMessage(body, settings) : copyOf(body));
}

/** The same for a body that holds a batch. */
export function decodeBatchBody(body: unknown, settings: DecodeSettings): DecodedBatch {
  if (isWire(body)) return eventsFrom(parseMessage(body, settings), settings);
  return eventsFrom(Array.isArray(body) ? body.map(copyOf) : body, settings);
}

/** A spread defines properties, so that `__proto__` stays a name like any other. */
function copyOf(value: unknown): unknown {
  return isCandidate(value) ? { ...value } : value;
}

/** Parses a message in the JSON format, whose faults are faults of the message. */
function parseMessage(input: Wire, settings: DecodeSettings): unknown {
  try {
    return parseJson(input, settings);
  } catch (cause) {
    if (cause instanceof CloudEventError) throw cause;
    throw new CloudEventError("invalid_format", "JSON in UTF-8", { cause });
  }
}

/** Makes events of a parsed batch. The array's objects are used, not copied. */
function eventsFrom(value: unknown, settings: DecodeSettings): DecodedBatch {
  if (!Array.isArray(value)) throw new CloudEventError("invalid_format", "a JSON array of events");
  if (value.length > settings.maxEvents) {
    throw new CloudEventError("limit_exceeded", `at most ${settings.maxEvents} events in a batch`);
  }
  const events: CloudEvent[] = [];
  const errors: CloudEventError[] = [];
  for (let index = 0; index < value.length; index++) {
    try {
      events.push(eventFrom(value[index]));
    } catch (error) {
      if (!(error instanceof CloudEventError)) throw error;
      errors.push(atIndex(error, index));
    }
  }
  return { events, errors };
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
