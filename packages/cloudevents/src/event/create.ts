import { CloudEventError } from "../errors.ts";
import { ATTRIBUTE_NAME } from "./attributes.ts";
import { encodeBase64 } from "./base64.ts";
import { isBytes } from "./data.ts";
import type { CloudEvent, CloudEventChanges, CloudEventInit } from "./event.ts";
import { finish, isCandidate } from "./inspect.ts";
import { isAttributeName } from "./text.ts";
import { createUlid } from "./ulid.ts";

/**
 * Creates an event. `specversion`, `id` (a ULID) and `time` (now) are filled in when they are not given, and
 * stand first; everything else keeps the order in which it was given.
 *
 * @throws CloudEventError `missing_attribute`, `invalid_attribute`, `invalid_attribute_name`, `invalid_data`
 */
export function createEvent<T = undefined>(init: CloudEventInit<T>): CloudEvent<T> {
  const copy = filledIn(init, init);
  if (isReady(copy)) return finish(copy);
  const event = filledIn(init, NOTHING);
  for (const name of Object.keys(init)) assign(event, name, init[name]);
  return finish(event);
}

/**
 * A copy of an event with other attributes or other data. `undefined` removes (as `null` does, except for
 * `data`, where it is a value); new attributes stand last.
 *
 * @throws CloudEventError as {@link createEvent}; removing a required attribute is `missing_attribute`
 */
export function withAttributes<T, U = T>(event: CloudEvent<T>, changes: CloudEventChanges<U>): CloudEvent<U> {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(event)) {
    assign(copy, name, Object.hasOwn(changes, name) ? changes[name] : event[name]);
  }
  for (const name of Object.keys(changes)) {
    if (!Object.hasOwn(event, name)) assign(copy, name, changes[name]);
  }
  return finish(copy);
}

/**
 * Validates a value that should be an event, such as one that crossed a thread or was written as a literal.
 * The value itself is not changed. For parsed JSON there is `decode` in `@coresdk/cloudevents/json`.
 *
 * @returns the event, as {@link createEvent} would have made it; nothing is filled in
 * @throws CloudEventError for the first thing that is wrong
 */
export function validateEvent(value: unknown): CloudEvent {
  if (!isCandidate(value)) throw new CloudEventError("invalid_format", "an object that holds attributes");
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) assign(copy, name, value[name]);
  return finish(copy);
}

const NOTHING: Readonly<Record<string, unknown>> = {};

/** The attributes that are not given, first in the event, and what is given to go with them. */
function filledIn(init: CloudEventInit, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const needsId = init.id === undefined;
  if (init.time !== undefined) {
    return needsId
      ? { specversion: "1.0", id: createUlid(Date.now()), ...given }
      : { specversion: "1.0", ...given };
  }
  const nowMs = Date.now();
  const time = timestampOf(nowMs);
  return needsId
    ? { specversion: "1.0", id: createUlid(nowMs), time, ...given }
    : { specversion: "1.0", time, ...given };
}

/**
 * True when a copy of what was given can be the event as it stands, which is so nearly always and spares
 * assigning one attribute after the other. What is wrong with a value shows when the event is finished.
 */
function isReady(copy: Record<string, unknown>): boolean {
  for (const name in copy) {
    const value = copy[name];
    if (value === undefined || name === "data_base64") return false;
    if (typeof value === "object" && name !== "data") return false;
  }
  return Object.getOwnPropertySymbols(copy).length === 0;
}

/** Names are checked before anything is assigned: `__proto__` must not reach the object. */
function assign(event: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "data") {
    if (value !== undefined) event["data"] = value;
    return;
  }
  if (!isAttributeName(name)) {
    throw new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute: name });
  }
  if (value === undefined || value === null) return;
  event[name] = typeof value === "object" ? canonicalString(value) : value;
}

/** Timestamp and Binary in native form (spec, "Type System"); any other object is left for the check to refuse. */
function canonicalString(value: object): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? value : value.toISOString();
  return isBytes(value) ? encodeBase64(value) : value;
}

let lastMs = Number.NaN;
let lastTimestamp = "";

/** Many events are created within one millisecond. */
function timestampOf(ms: number): string {
  if (ms !== lastMs) {
    lastTimestamp = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastTimestamp;
}
