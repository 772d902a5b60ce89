import { CloudEventError } from "../errors.ts";
import { ATTRIBUTE_NAME, attributeType } from "./attributes.ts";
import { encodeBase64 } from "./base64.ts";
import { isCandidate } from "./candidate.ts";
import { isBytes } from "./data.ts";
import type { CloudEvent, CloudEventChanges, CloudEventInit, CloudEventWithData } from "./event.ts";
import { finish, type Made } from "./inspect.ts";
import { isEvent } from "./own.ts";
import { isAttributeName } from "./text.ts";
import { createUlid } from "./ulid.ts";

/**
 * Creates an event. `specversion`, `id` (a ULID) and `time` (now) are filled in when they are not given, and
 * stand first; everything else keeps the order in which it was given.
 *
 * The data is not copied, and is checked here and not when the event is encoded: leave it as it is from then on.
 *
 * @throws CloudEventError `missing_attribute`, `invalid_attribute`, `invalid_attribute_name`, `invalid_data`,
 * `limit_exceeded`, `invalid_argument`
 */
export function createEvent<T>(init: CloudEventInit<T> & { readonly data: T }): CloudEventWithData<T>;
/** The same without data, or with data that may be absent. */
export function createEvent<T = undefined>(init: CloudEventInit<T>): CloudEvent<T>;
export function createEvent<T>(init: CloudEventInit<T>): CloudEvent<T> {
  requireObject(init);
  const made = madeFor(init);
  const copy = withGiven(made, init);
  if (isReady(copy)) return finish(copy, made);
  const event = withGiven(made, NOTHING);
  for (const name of Object.keys(init)) assign(event, name, init[name]);
  return finish(event, made);
}

/**
 * A copy of an event with other attributes or other data. `undefined` removes (as `null` does, except for
 * `data`, where it is a value); new attributes stand last.
 *
 * @throws CloudEventError as {@link createEvent}; removing a required attribute is `missing_attribute`
 */
export function withAttributes<U>(
  event: CloudEvent,
  changes: CloudEventChanges<U> & { readonly data: U },
): CloudEventWithData<U>;
/** The same where the data stays as it is. */
export function withAttributes<T>(
  event: CloudEventWithData<T>,
  changes: CloudEventChanges<T> & { readonly data?: never },
): CloudEventWithData<T>;
/** The same where it is not known whether there is data, before or after. */
export function withAttributes<T, U = T>(event: CloudEvent<T>, changes: CloudEventChanges<U>): CloudEvent<U>;
export function withAttributes<T>(event: CloudEvent<T>, changes: CloudEventChanges<T>): CloudEvent<T> {
  requireObject(event);
  requireObject(changes);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(event)) {
    assign(copy, name, Object.hasOwn(changes, name) ? changes[name] : event[name]);
  }
  for (const name of Object.keys(changes)) {
    if (!Object.hasOwn(event, name)) assign(copy, name, changes[name]);
  }
  return finish(copy, undefined, isEvent(event) ? event.data : undefined);
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

const NOTHING: Made & Readonly<Record<string, unknown>> = {};

/** What is filled in because it is not given. */
function madeFor({ id, time }: CloudEventInit): Made {
  if (id !== undefined && time !== undefined) return NOTHING;
  const nowMs = Date.now();
  return {
    id: id === undefined ? createUlid(nowMs) : undefined,
    time: time === undefined ? timestampOf(nowMs) : undefined,
  };
}

/** What is filled in, first, and what is given. */
function withGiven({ id, time }: Made, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (time === undefined) {
    return id === undefined ? { specversion: "1.0", ...given } : { specversion: "1.0", id, ...given };
  }
  return id === undefined
    ? { specversion: "1.0", time, ...given }
    : { specversion: "1.0", id, time, ...given };
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
  if (value === undefined) return;
  if (name === "data") {
    event["data"] = value;
    return;
  }
  if (!isAttributeName(name)) {
    throw new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute: name });
  }
  if (value !== null) event[name] = typeof value === "object" ? canonicalString(name, value) : value;
}

/**
 * A Timestamp and a Binary in native form (spec, "Type System") as their canonical strings; any other object is
 * left for the check to refuse, and so are these where the attribute has another type.
 */
function canonicalString(name: string, value: object): unknown {
  const type = attributeType(name);
  if (value instanceof Date && (type === "timestamp" || type === undefined)) {
    return Number.isNaN(value.getTime()) ? value : value.toISOString();
  }
  return isBytes(value) && (type === "binary" || type === undefined) ? encodeBase64(value) : value;
}

/** @throws CloudEventError `invalid_argument` */
function requireObject(value: unknown): void {
  if (!isCandidate(value)) throw new CloudEventError("invalid_argument", "an object that holds attributes");
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
