import { CloudEventError } from "../errors.ts";
import {
  ATTRIBUTE_NAME,
  checkAttribute,
  checkName,
  checkTimestamp,
  checkUriReference,
  extensionRule,
  nativeValue,
} from "./attributes.ts";
import { type Candidate, isCandidate } from "./candidate.ts";
import { requireJsonOrBytes, requireTextOrBytes } from "./data.ts";
import type { CloudEvent } from "./event.ts";
import { type DataKind, parseMediaType } from "./media-type.ts";
import { isEvent, seal } from "./own.ts";
import { isAttributeName } from "./text.ts";

/** What {@link inspect} found that is legal and yet no attribute of the finished event. */
export const UNSET = 1;
/** A documented Integer or Boolean extension stands as its canonical string. */
export const CANONICAL = 2;
/** The JSON format's member `data_base64` is there. */
export const BASE64 = 4;
/** Data is there, `null` included. */
export const DATA = 8;

/** Texts that were filled in where none were given. */
export interface Made {
  readonly id?: string | undefined;
  readonly time?: string | undefined;
}

const NOTHING_MADE: Made = {};

/** An event has 8 core attributes; four documented extensions together have fewer than 32. */
const MAX_ATTRIBUTES = 256;
const REQUIRED = ["specversion", "id", "source", "type"] as const;

/**
 * The one validation that every event passes: all names, all values, what is required, and that data under a
 * media type other than JSON is text or bytes. One pass; this is the hot path of every decoder.
 *
 * @param made what this package has filled in itself, and need not check
 * @returns which of the flags above hold
 * @throws CloudEventError for the first thing that is wrong
 */
export function inspect(candidate: Candidate, made: Made = NOTHING_MADE): number {
  let flags = 0;
  let required = 0;
  let count = 0;
  let kind: DataKind = "json";
  for (const name in candidate) {
    const value = candidate[name];
    if (name === "data") {
      if (value !== undefined) flags |= DATA;
      continue;
    }
    if (value === null || value === undefined) {
      flags |= UNSET;
      if (value === null && name !== "data_base64") requireName(name);
      continue;
    }
    let expected: string | undefined;
    switch (name) {
      case "id":
        required++;
        if (value !== made.id) expected = checkName(value);
        break;
      case "specversion":
        required++;
        if (value !== "1.0") expected = checkAttribute(name, value);
        break;
      case "source":
        required++;
        expected = checkUriReference(value);
        break;
      case "type":
        required++;
        expected = checkName(value);
        break;
      case "time":
        if (value !== made.time) expected = checkTimestamp(value);
        break;
      case "subject":
        expected = checkName(value);
        break;
      case "dataschema":
        expected = checkAttribute(name, value);
        break;
      case "datacontenttype":
        if (value === "application/json") break;
        expected = checkAttribute(name, value);
        if (typeof value === "string") kind = parseMediaType(value)?.kind ?? kind;
        break;
      case "data_base64":
        flags |= BASE64;
        break;
      default: {
        const rule = extensionRule(name);
        if (!rule.isDocumented) requireName(name);
        if (rule.hasNativeForm && typeof value === "string") flags |= CANONICAL;
        expected = rule.check(value);
      }
    }
    if (expected !== undefined) throw new CloudEventError("invalid_attribute", expected, { attribute: name });
    requireCount(++count);
  }
  if (required < REQUIRED.length) throw missing(candidate);
  if (kind !== "json" && (flags & DATA) !== 0) requireTextOrBytes(candidate["data"]);
  return flags;
}

/** @throws CloudEventError `limit_exceeded` for more attributes than an event may have */
export function requireCount(count: number): void {
  if (count > MAX_ATTRIBUTES) {
    throw new CloudEventError("limit_exceeded", `at most ${MAX_ATTRIBUTES} attributes`);
  }
}

/** @throws CloudEventError `invalid_attribute_name` */
function requireName(name: string): void {
  if (!isAttributeName(name)) {
    throw new CloudEventError("invalid_attribute_name", ATTRIBUTE_NAME, { attribute: name });
  }
}

/** The fault of an object that lacks a required attribute. */
export function missing(candidate: Candidate): CloudEventError {
  const attribute = REQUIRED.find((name) => (candidate[name] ?? undefined) === undefined);
  return new CloudEventError("missing_attribute", "a value, because the attribute is required", {
    attribute,
  });
}

/** A copy of an inspected object in which unset attributes are left out and values are native; order is kept. */
export function copyNative(candidate: Candidate): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(candidate)) {
    const value = candidate[name];
    if (value === undefined || (value === null && name !== "data")) continue;
    copy[name] = nativeValue(name, value);
  }
  return copy;
}

/**
 * Validates what is to be encoded: types do not keep a literal from being wrong.
 *
 * @returns the event itself when this package made it, else an event of its own
 * @throws CloudEventError for the first thing that is wrong
 */
export function requireEvent(value: unknown): CloudEvent {
  if (isEvent(value)) {
    // JSON.parse makes an infinity of a number beyond a double's range.
    if (typeof value.data === "number") requireJsonOrBytes(value.data);
    return value;
  }
  if (!isCandidate(value)) throw new CloudEventError("invalid_argument", "an event");
  // Read once: a property may have a getter, which may give something else the next time.
  const copy = { ...value };
  const flags = inspect(copy);
  if ((flags & DATA) !== 0) requireJsonOrBytes(copy["data"]);
  if ((flags & BASE64) !== 0) requireName("data_base64");
  return seal((flags & (UNSET | CANONICAL)) === 0 ? copy : copyNative(copy));
}

/**
 * Makes an event of an object that a constructor has filled: validates, makes values native, freezes.
 *
 * @param made what was filled in
 * @param known another event's data, which has been looked at
 * @throws CloudEventError for the first thing that is wrong
 */
export function finish<T>(candidate: Candidate, made?: Made, known?: unknown): CloudEvent<T> {
  const flags = inspect(candidate, made);
  const data = candidate["data"];
  if ((flags & DATA) !== 0 && data !== known) requireJsonOrBytes(data);
  return seal((flags & CANONICAL) === 0 ? candidate : copyNative(candidate));
}
